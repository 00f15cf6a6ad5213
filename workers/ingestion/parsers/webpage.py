"""HTML as text: what a reader would see, in Markdown's forms; scripts, styles and addresses are left out."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from workers.ingestion.page import Page, gathered
from workers.ingestion.parsers.plain import decoded
from workers.ingestion.source import Source

_SILENT = {"script", "style", "template", "noscript", "head", "svg", "math", "object", "iframe", "select", "textarea"}
_BLOCKS = {
    "p",
    "div",
    "section",
    "article",
    "ul",
    "ol",
    "table",
    "tr",
    "blockquote",
    "pre",
    "br",
    "hr",
    "dl",
    "dt",
    "dd",
}
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([a-zA-Z0-9_-]{3,30})", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")


def read(source: Source) -> Iterator[Page]:
    yield from gathered([as_text(_decoded(source.data()))])


def _decoded(data: bytes) -> str:
    declared = _CHARSET.search(data[:2048])
    if declared:
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(data)


def as_text(markup: str) -> str:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []
        self._preformatted = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _HEADINGS:
            self.parts.append(f"\n\n{_HEADINGS[tag]} ")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in ("td", "th"):
            self.parts.append(" | ")
        elif tag == "img":
            self.parts.append(dict(attributes).get("alt") or "")
        elif tag in _BLOCKS:
            self._preformatted += tag == "pre"
            self.parts.append("\n" if tag in ("br", "tr") else "\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            # Whatever was left open inside it ends with it.
            while self._silent.pop() != tag:
                pass
        elif tag in _HEADINGS or tag in _BLOCKS:
            self._preformatted = max(0, self._preformatted - (tag == "pre"))
            self.parts.append("\n" if tag == "tr" else "\n\n")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._preformatted:
            self.parts.append(data)
        else:
            spaced = re.sub(r"\s+", " ", data)
            self.parts.append(spaced)
