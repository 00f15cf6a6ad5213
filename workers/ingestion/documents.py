"""The parsers by the kind of file."""

from collections.abc import Callable, Iterator
from typing import Final

from workers.ingestion import inside
from workers.ingestion.kinds import Kind, kind_of
from workers.ingestion.page import Page
from workers.ingestion.parsers import (
    archive,
    delimited,
    image,
    mail,
    ods,
    outlook,
    pdf,
    plain,
    slides,
    webpage,
    word,
    workbook,
)
from workers.ingestion.source import Source

PARSERS: Final[dict[Kind, Callable[[Source], Iterator[Page]]]] = {
    Kind.PDF: pdf.read,
    Kind.DOCX: word.read,
    Kind.XLSX: workbook.read,
    Kind.ODS: ods.read,
    Kind.PPTX: slides.read,
    Kind.CSV: delimited.read,
    Kind.EML: mail.read,
    Kind.MBOX: mail.read_box,
    Kind.MSG: outlook.read,
    Kind.HTML: webpage.read,
    Kind.IMAGE: image.read,
    Kind.ZIP: archive.read,
    Kind.TEXT: plain.read,
}


def pages_of(source: Source) -> Iterator[Page]:
    """The text of a file of any kind. Raises Unreadable."""
    return PARSERS[kind_of(source)](source)


inside.register(pages_of)
