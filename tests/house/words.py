"""Finding words for people that no catalogue knows: in Python, in templates and in browser modules."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.source import ROOT, Source

GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "format_lazy"}
# Arguments and fields that a page shows. In `portal/api` a description is the API's own, which stays English.
SHOWN = {"default_message", "done", "empty_label", "heading", "help_text", "hint", "label", "lead", "title", "verb"}
SHOWN |= {"verbose_name", "verbose_name_plural"}
TOLD = {"message_user", "add_error", "success", "warning", "info", "error"}


_WHOLE = re.compile(r"^[A-Z]\S* \S.*[.!?…]$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text!r}"


# Python


def errors_of(sources: tuple[Source, ...]) -> frozenset[str]:
    """The names of AppError's classes, and of the error that a form takes."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    }
    known = {"AppError"}
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return frozenset(known | {"ValidationError"})


def constants_of(sources: tuple[Source, ...]) -> dict[str, ast.expr]:
    """What the modules' constants stand for, which others import by their names."""
    found: dict[str, ast.expr] = {}
    for source in sources:
        found |= {name: value for name, value in _literals_by_name(source.tree).items() if name.isupper()}
    return found


def bare_messages(
    source: Source, errors: frozenset[str], constants: dict[str, ast.expr] | None = None
) -> Iterator[Found]:
    """Messages of errors that are a literal, or a name for one."""
    named = (constants or {}) | _literals_by_name(source.tree)
    for call in _calls(source.tree):
        if _name_of(call) in errors:
            given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "message")]
            for argument in given:
                yield from _bare(source, argument, named)


def bare_labels(source: Source) -> Iterator[Found]:
    """Literals as what a page shows: labels and titles, and what a person is told after an act."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg in SHOWN | {"description"}:
            yield from _bare(source, node.value, {})
        elif isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
                    targets = line.targets if isinstance(line, ast.Assign) else [line.target]
                    if any(isinstance(target, ast.Name) and target.id in SHOWN for target in targets):
                        yield from _bare(source, line.value, {})
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in SHOWN:
                    yield from _bare(source, value, {})
        elif isinstance(node, ast.Call) and _name_of(node) in TOLD and not _is_log(node):
            for argument in node.args[1:2]:
                yield from _bare(source, argument, {})


def bare_sentences(source: Source) -> Iterator[Found]:
    """Whole sentences that are handed on, to be the message of an error elsewhere, say."""
    for call in _calls(source.tree):
        if _name_of(call) not in GETTEXT and not _is_log(call):
            for argument in call.args:
                yield from (found for found in _bare(source, argument, {}) if _WHOLE.search(found.text))


def eager_at_import(source: Source) -> Iterator[Found]:
    """`gettext` where the module is read: the language would be the server's, for ever."""
    if any(name == "django.utils.translation.gettext_lazy" for name in source.imports()) and _underscore_is(
        source.tree, "gettext_lazy"
    ):
        return
    inside = {
        id(node)
        for function in ast.walk(source.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for line in (function.body if isinstance(function.body, list) else [function.body])
        for node in ast.walk(line)
    }
    for call in _calls(source.tree):
        if _name_of(call) in {"_", "gettext", "ngettext", "pgettext"} and id(call) not in inside:
            yield Found(f"{source.name}:{call.lineno}", ast.unparse(call))


def shadowed(source: Source) -> Iterator[Found]:
    """A function that calls `_` and also throws a value away into it."""
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        nodes = list(ast.walk(function))
        own = {id(name) for node in nodes if isinstance(node, ast.comprehension) for name in ast.walk(node.target)}
        stored = any(
            isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store) and id(node) not in own
            for node in nodes
        )
        if stored and any(isinstance(node, ast.Call) and _name_of(node) == "_" for node in nodes):
            yield Found(f"{source.name}:{function.lineno}", function.name)


def _bare(source: Source, node: ast.expr, named: dict[str, ast.expr]) -> Iterator[Found]:
    match node:
        case ast.Constant(value=str(text)) if re.search(r"[^\W\d_]", text):
            yield Found(f"{source.name}:{node.lineno}", text)
        case ast.JoinedStr(values=values):
            for part in values:
                yield from _bare(source, part, {})
        case ast.IfExp(body=body, orelse=otherwise):
            yield from _bare(source, body, named)
            yield from _bare(source, otherwise, named)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            yield from _bare(source, left, named)
            if isinstance(node.op, ast.Add):
                yield from _bare(source, right, named)
        case ast.BoolOp(values=values):
            for part in values:
                yield from _bare(source, part, named)
        case ast.Call(func=ast.Attribute(value=ast.Constant() as text, attr="format")):
            yield from _bare(source, text, {})
        case ast.Name(id=name) if name in named:
            yield from _bare(source, named[name], {})


def _literals_by_name(tree: ast.Module) -> dict[str, ast.expr]:
    """What the names of a module and of its functions stand for, where it is written out."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name_of(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _is_log(call: ast.Call) -> bool:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id in {"log", "logger"}


def _underscore_is(tree: ast.Module, name: str) -> bool:
    return any(
        alias.name == name and alias.asname == "_"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )


# Templates

_HIDDEN = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}|{%\s*comment\b.*?{%\s*endcomment\s*%}"
    r"|{#.*?#}|<!--.*?-->|<script\b.*?</script>|<style\b.*?</style>",
    re.DOTALL,
)
_LITERALS = re.compile(r"\|(?:default|default_if_none|yesno|pluralize):\s*([\"'])(.*?)\1")
_TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
_ATTRIBUTES = re.compile(
    r"\s(?:title|placeholder|alt|label|aria-label|aria-description|aria-roledescription|aria-valuetext)=\"([^\"]*)\""
    # What a browser module reads as words, not as a name.
    r"|\sdata-[a-z-]+=\"([A-Z][^\"]*|[^\"?]*[a-z] [a-z][^\"]*)\""
)
_MARKUP = re.compile(r"<[^>]*>")
_LETTER = re.compile(r"[^\W\d_]")
_GAP = "\0"


def bare_text(name: str, template: str) -> Iterator[Found]:
    """Text, and words in attributes and defaults, outside the tags that translate."""
    for literal in _LITERALS.finditer(template):
        if _LETTER.search(literal[2]):
            yield Found(_line(name, template, literal.start()), literal[2])
    rest = _TAGS.sub(_blotted, _HIDDEN.sub(_blotted, template))
    for attribute in _ATTRIBUTES.finditer(rest):
        if _LETTER.search(attribute[1] or attribute[2] or ""):
            yield Found(_line(name, rest, attribute.start()), (attribute[1] or attribute[2]).replace(_GAP, ""))
    for number, line in enumerate(_MARKUP.sub(_blotted, rest).splitlines(), 1):
        for piece in line.split(_GAP):
            if _LETTER.search(re.sub(r"&#?\w+;", "", piece)):
                yield Found(f"{name}:{number}", piece.strip())


def _blotted(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", _GAP, found[0])


def _line(name: str, text: str, at: int) -> str:
    return f"{name}:{text.count(chr(10), 0, at) + 1}"


# Browser modules

_PIECES = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<regex>(?<=[(,=:\[!&|?{};\s])/(?![/*\s])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)",
    re.DOTALL,
)
_SINK = re.compile(
    r"(?:\.(?:textContent|innerText|title|placeholder|alt|ariaLabel|label)\s*=\s*"
    r"|\b(?:announce|alert|confirm|prompt|say|toast|fail|tell)\(\s*"
    r"|setAttribute\(\"(?:title|placeholder|alt|aria-label|aria-description)\",\s*)$"
)
_SENTENCE = re.compile(r"^[A-Z][a-z]+,? [a-z]|[a-z]{2,} [a-z]{2,}[^<>]*[.!?…]$|^[A-Z][a-z]+…$")
# Whoever reads these writes the modules.
_FOR_DEVELOPERS = re.compile(r"new \w*Error\(\s*$")


def bare_strings(name: str, module: str) -> Iterator[Found]:
    """Literals that read like a sentence, and any with letters that goes where a person reads it."""
    for piece in _PIECES.finditer(module):
        text = piece["text"]
        if text is None:
            continue
        before, words = module[: piece.start()], re.sub(r"\$\{[^}]*\}", "", text[1:-1])
        if _FOR_DEVELOPERS.search(before):
            continue
        if _SENTENCE.search(words) or (_SINK.search(before) and _LETTER.search(words)):
            yield Found(_line(name, module, piece.start()), text)


def files(suffix: str, *rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob(f"*{suffix}"))
