from collections.abc import Iterator
from typing import Any

import pptx
from lxml.etree import XMLSyntaxError
from pptx.exc import PackageNotFoundError

from workers.ingestion.errors import DAMAGED, Unreadable
from workers.ingestion.page import Page, shortened, table_row
from workers.ingestion.parsers.packed import opened
from workers.ingestion.source import Source


def read(source: Source) -> Iterator[Page]:
    """A page for each slide, with its tables and the speaker's notes."""
    with opened(source):
        pass
    source.file.seek(0)
    try:
        for slide in pptx.Presentation(source.file).slides:
            parts = list(_texts(slide.shapes))
            notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
            if notes is not None and notes.text.strip():
                parts.append(f"Notes: {notes.text.strip()}")
            title = slide.shapes.title
            yield Page("\n\n".join(parts), shortened(title.text if title is not None else ""))
    except (PackageNotFoundError, XMLSyntaxError, KeyError, ValueError, AttributeError) as error:
        raise Unreadable(DAMAGED) from error


def _texts(shapes: Any) -> Iterator[str]:  # noqa: ANN401 - shapes of a slide or of a group
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _texts(shape.shapes)
        elif shape.has_text_frame and shape.text_frame.text.strip():
            yield shape.text_frame.text.strip()
        elif getattr(shape, "has_table", False):
            yield "\n".join(table_row(cell.text for cell in row.cells) for row in shape.table.rows)
