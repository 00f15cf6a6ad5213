"""The variables of a prompt, written in its text.

``{{name}}`` asks for a line, ``{{name:default}}`` has one filled in already. A kind may stand behind the name:
``{{letter|long}}``, ``{{due|date}}``, ``{{due|date:today}}``, ``{{tone|choice:formal|friendly}}``. The same name asks
once. ``\\{{`` is two braces.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.core.errors import Invalid

TEXT, LONG, CHOICE, DATE = "text", "long", "choice", "date"
KINDS = (TEXT, LONG, CHOICE, DATE)
MOST_VARIABLES = 20
NAME_LENGTH, DEFAULT_LENGTH, CHOICE_LENGTH = 40, 1_000, 100
FEWEST_CHOICES, MOST_CHOICES = 2, 20
TODAY = "today"

_OPENING = re.compile(r"(\\?)\{\{")
_NAME = re.compile(r"\w[\w .-]*")


@dataclass(frozen=True, slots=True)
class Variable:
    """``default`` of a choice is its first; of a date ``today`` or a day."""

    name: str
    kind: str = TEXT
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text, or the place of a variable."""

    text: str = ""
    variable: str = ""


def pieces_of(text: str) -> tuple[list[Piece], list[Variable]]:
    """The text in pieces, and its variables in the order in which they come first.

    Raises:
        Invalid: one of them is not one; the message says which and in which line.
    """
    pieces: list[Piece] = []
    found: dict[str, Variable] = {}
    for plain, inside, line in _parts(text):
        if plain:
            pieces.append(Piece(text=plain))
        if inside is None:
            continue
        variable = _variable(inside, line)
        first = found.get(variable.name)
        if first is not None and variable not in (first, Variable(variable.name)):
            raise _bad(line, _("“%(name)s” is described twice, and not alike.") % {"name": variable.name})
        found.setdefault(variable.name, variable)
        if len(found) > MOST_VARIABLES:
            raise _bad(line, _("There are more than %(most)d variables.") % {"most": MOST_VARIABLES})
        pieces.append(Piece(variable=variable.name))
    return _joined(pieces), list(found.values())


def _parts(text: str) -> Iterator[tuple[str, str | None, int]]:
    """Plain text, what stands between the braces behind it, and its line."""
    at, line, counted = 0, 1, 0
    while opening := _OPENING.search(text, at):
        plain = text[at : opening.start()]
        line += text.count("\n", counted, opening.start())
        counted = opening.start()
        if opening[1]:
            yield plain + "{{", None, line
            at = opening.end()
            continue
        end = text.find("}}", opening.end())
        inside = text[opening.end() : end] if end >= 0 else "\n"
        if "\n" in inside or "{{" in inside:
            raise _bad(line, _("“{{” has no “}}” in the same line. For two braces write \\{{."))
        yield plain, inside, line
        at = end + 2
    yield text[at:], None, 0


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Pieces of text beside each other are one."""
    found: list[Piece] = []
    for piece in pieces:
        if found and not piece.variable and not found[-1].variable:
            found[-1] = Piece(text=found[-1].text + piece.text)
        else:
            found.append(piece)
    return found


def _variable(inside: str, line: int) -> Variable:
    head, colon, rest = inside.partition(":")
    name, bar, kind = head.partition("|")
    name, kind, default = " ".join(name.split()), kind.strip() if bar else TEXT, rest.strip()
    if not _NAME.fullmatch(name) or len(name) > NAME_LENGTH:
        raise _bad(
            line,
            _("A variable has a name of letters, digits and spaces, at most %(most)d of them.") % {"most": NAME_LENGTH},
        )
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise _bad(line, _("“%(name)s”: the kind is one of %(known)s.") % {"name": name, "known": known})
    if len(default) > DEFAULT_LENGTH:
        raise _bad(line, _("“%(name)s”: the default is too long.") % {"name": name})
    if kind == CHOICE:
        return _choice(name, default, line)
    if kind == DATE and colon and default != TODAY and not _is_day(default):
        raise _bad(line, _("“%(name)s”: the default of a date is “today”, or a day as 2026-12-31.") % {"name": name})
    return Variable(name, kind, default)


def _choice(name: str, default: str, line: int) -> Variable:
    choices = tuple(dict.fromkeys(choice.strip() for choice in default.split("|") if choice.strip()))
    if not FEWEST_CHOICES <= len(choices) <= MOST_CHOICES or any(len(choice) > CHOICE_LENGTH for choice in choices):
        raise _bad(
            line,
            _("“%(name)s”: name %(least)d to %(most)d choices, as {{tone|choice:formal|friendly}}.")
            % {"name": name, "least": FEWEST_CHOICES, "most": MOST_CHOICES},
        )
    return Variable(name, CHOICE, choices[0], choices)


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _bad(line: int, problem: str) -> Invalid:
    message = _("Line %(line)d: %(problem)s") % {"line": line, "problem": problem}
    return Invalid(message, code="bad_variable", details={"field": "text", "line": line})
