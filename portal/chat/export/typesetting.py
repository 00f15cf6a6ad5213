"""The child process: a conversation as JSON on standard input, a PDF on standard output.

The text reaches the typesetter as data and never as its language, so nothing in it can be a command. Pictures are
named and not loaded; links are written out.
"""

import json
import resource
import sys
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

MEMORY = 2 * 1024**3
PROCESSOR_SECONDS = 60
TEMPLATE = Path(__file__).with_name("conversation.typ")
FONTS = ("fontpkg_noto_sans_arabic", "fontpkg_noto_sans_devanagari", "pylopdf_fonts_zh_cn")
# Deeper lists and quotes are set as text.
DEEPEST = 12

Node = dict[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 30}).enable("table").enable("strikethrough")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    asked = json.load(sys.stdin)
    for message in asked["messages"]:
        message["blocks"] = _blocks(message.pop("text"))
        message["reasoning"] = _plain(message["reasoning"])
    made: bytes = typst.compile(  # type: ignore[misc]  # its types want an input of a kind of its own
        str(TEMPLATE),
        font_paths=[Path(found.origin).parent for name in FONTS if (found := find_spec(name)) and found.origin],
        ignore_system_fonts=True,
        sys_inputs={"conversation": json.dumps(asked)},
    )
    sys.stdout.buffer.write(made)


def _blocks(text: str) -> list[Node]:
    try:
        return [_block(node, 0) for node in SyntaxTreeNode(_MARKDOWN.parse(text)).children]
    except RecursionError:
        return _plain(text)


def _plain(text: str) -> list[Node]:
    return [_paragraph([{"text": part}]) for part in text.split("\n\n") if part.strip()]


def _paragraph(inline: list[Node]) -> Node:
    return {"kind": "paragraph", "inline": inline, "rtl": _is_right_to_left(inline)}


def _block(node: SyntaxTreeNode, depth: int) -> Node:
    kind = node.type
    if depth > DEEPEST:
        return {"kind": "code", "text": "…", "language": ""}
    if kind == "heading":
        inline = _inline(node)
        return {"kind": "heading", "level": int(node.tag[1]), "inline": inline, "rtl": _is_right_to_left(inline)}
    if kind in ("fence", "code_block"):
        return {"kind": "code", "text": node.content.rstrip("\n"), "language": (node.info or "").strip()[:20]}
    if kind in ("bullet_list", "ordered_list"):
        items = [[_block(child, depth + 1) for child in item.children] for item in node.children]
        start = int(str(node.attrs.get("start", 1))[:6]) if kind == "ordered_list" else 0
        return {"kind": "list", "start": start, "ordered": kind == "ordered_list", "items": items}
    if kind == "blockquote":
        return {"kind": "quote", "blocks": [_block(child, depth + 1) for child in node.children]}
    if kind == "table":
        return {"kind": "table", "rows": [[_inline(cell) for cell in row.children] for row in _table_rows(node)]}
    if kind == "hr":
        return {"kind": "rule"}
    return _paragraph(_inline(node))


def _table_rows(table: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    return [row for part in table.children for row in part.children]


def _inline(node: SyntaxTreeNode) -> list[Node]:
    found: list[Node] = []
    for child in node.children:
        for part in child.children if child.type == "inline" else [child]:
            _collect(part, frozenset(), found)
    return found


def _collect(node: SyntaxTreeNode, marks: frozenset[str], found: list[Node]) -> None:
    kind = node.type
    if kind in ("softbreak", "hardbreak"):
        found.append({"text": "\n" if kind == "hardbreak" else " "})
    elif kind == "code_inline":
        found.append({"text": node.content, "marks": [*marks, "code"]})
    elif kind == "image":
        found.append({"text": f"[{node.content or 'image'}]", "marks": [*marks]})
    elif node.children:
        inside = marks | {kind} if kind in ("strong", "em", "s") else marks
        for child in node.children:
            _collect(child, inside, found)
        address = str(node.attrs.get("href", "")) if kind == "link" else ""
        if address and address != "".join(str(part["text"]) for part in found[-1:]):
            found.append({"text": f" ({address})", "marks": [*marks]})
    elif node.content:
        found.append({"text": node.content, "marks": [*marks]})


def _is_right_to_left(inline: list[Node]) -> bool:
    """By the first letter that has a direction."""
    for part in inline:
        for character in part["text"]:
            direction = unicodedata.bidirectional(character)
            if direction in ("L", "R", "AL"):
                return direction != "L"
    return False


if __name__ == "__main__":
    main()
