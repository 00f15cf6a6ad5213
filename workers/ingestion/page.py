"""Pages: the pieces in which a file's text is kept, shown and counted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PAGE_CHARACTERS = 12_000
"""A page that the file does not define itself ends after about so many; no page is longer than twice that."""

TITLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Page:
    """``title`` says where in the file the text stands (a sheet, an entry); empty for plain pages."""

    text: str
    title: str = ""


def gathered(parts: Iterable[str], title: str = "", *, separator: str = "\n\n") -> Iterator[Page]:
    """Pages of whole parts as long as they fit; a part that is longer than a page is cut at line ends."""
    held: list[str] = []
    size = 0
    for part in parts:
        for piece in cut(part):
            if held and size + len(piece) > PAGE_CHARACTERS:
                yield Page(separator.join(held), title)
                held, size = [], 0
            held.append(piece)
            size += len(piece) + len(separator)
    if held:
        yield Page(separator.join(held), title)


def cut(text: str) -> Iterator[str]:
    """Pieces of at most a page, at line ends where there are any."""
    at = 0
    while len(text) - at > PAGE_CHARACTERS:
        end = text.rfind("\n", at + PAGE_CHARACTERS // 2, at + PAGE_CHARACTERS)
        end = end if end > 0 else at + PAGE_CHARACTERS
        yield text[at:end]
        at = end
    yield text[at:]


def shortened(name: str) -> str:
    """A name for a title: without line breaks and control characters, and of a length that can be shown."""
    plain = "".join(character if character.isprintable() else " " for character in name).strip()
    return plain if len(plain) <= TITLE_CHARACTERS else plain[: TITLE_CHARACTERS - 1] + "…"


def table_row(cells: Iterable[str]) -> str:
    """One row of a Markdown table; line breaks and bars of a cell must not end it."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"
