import io
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from workers.ingestion import ocr
from workers.ingestion.errors import DAMAGED, ENCRYPTED, TOO_LONG, Unreadable
from workers.ingestion.page import PAGE_CHARACTERS, Page
from workers.ingestion.source import Source

# A page with less text than this and a picture on it is a scan, perhaps with a number stamped on it.
SCAN_CHARACTERS = 24
LONGEST_SIDE = 3_500


def read(source: Source) -> Iterator[Page]:
    """A page for each page; scans by recognition. Forms and scripts of the file are never run."""
    try:
        document = pypdfium2.PdfDocument(io.BytesIO(source.data()))
    except pypdfium2.PdfiumError as error:
        asked = pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower()
        raise Unreadable(ENCRYPTED if asked else DAMAGED) from error
    if len(document) > source.limits.pages:
        raise Unreadable(TOO_LONG)
    for number in range(len(document)):
        yield Page(_text(source, document, number))


def _text(source: Source, document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = document[number]
    except pypdfium2.PdfiumError as error:
        raise Unreadable(DAMAGED) from error
    try:
        text_page = page.get_textpage()
        try:
            text = str(text_page.get_text_bounded()).replace("\r\n", "\n").strip()
        finally:
            text_page.close()
        if len(text) < SCAN_CHARACTERS and _has_picture(page) and source.budget.scan():
            text = _recognised(page) or text
        return text[: 20 * PAGE_CHARACTERS]
    finally:
        page.close()


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    kinds = (pdfium.FPDF_PAGEOBJ_IMAGE,)
    return next(iter(page.get_objects(filter=kinds, max_depth=3)), None) is not None


def _recognised(page: pypdfium2.PdfPage) -> str:
    longest = max(page.get_size()) or 1
    scale = min(ocr.DOTS_PER_INCH / 72, LONGEST_SIDE / longest)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    try:
        return ocr.text_of(bitmap.to_pil())
    finally:
        bitmap.close()
