from collections.abc import Iterator

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml.etree import XMLSyntaxError

from workers.ingestion.errors import DAMAGED, Unreadable
from workers.ingestion.page import Page, gathered, table_row
from workers.ingestion.parsers.packed import opened
from workers.ingestion.source import Source


def read(source: Source) -> Iterator[Page]:
    """Headings, paragraphs, lists and tables in their order, as Markdown."""
    with opened(source):
        pass
    source.file.seek(0)
    try:
        document = docx.Document(source.file)
        yield from gathered(part for part in _parts(document) if part)
    except (PackageNotFoundError, XMLSyntaxError, KeyError, ValueError, AttributeError) as error:
        raise Unreadable(DAMAGED) from error


def _parts(document: Document) -> Iterator[str]:
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from _table(block)
        else:
            yield _paragraph(block)


def _paragraph(paragraph: Paragraph) -> str:
    text = paragraph.text.strip()
    style = (paragraph.style.name or "") if paragraph.style is not None else ""
    if not text:
        return ""
    if style == "Title":
        return f"# {text}"
    if style.startswith("Heading ") and style[8:].isdigit():
        return f"{'#' * min(6, int(style[8:]) + 1)} {text}"
    return f"- {text}" if style.startswith("List") else text


def _table(table: Table) -> Iterator[str]:
    """A block of rows at a time, so that no page has to hold a table of a thousand rows."""
    held: list[str] = []
    for index, row in enumerate(table.rows):
        cells = [cell.text for cell in row.cells]
        held.append(table_row(cells))
        if index == 0:
            held.append(table_row("---" for _ in cells))
        if len(held) >= 50:
            yield "\n".join(held)
            held = []
    yield "\n".join(held)
