"""What a file is, by its content first and by its name where the content does not say.

Neither the name nor the type that a browser claims is believed where the content says something else.
"""

import io
import zipfile
from enum import StrEnum
from typing import Final

from workers.ingestion.errors import AMBIGUOUS, DAMAGED, EMPTY, ENCRYPTED, UNSUPPORTED, Unreadable
from workers.ingestion.source import Source


class Kind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    ODS = "ods"
    PPTX = "pptx"
    CSV = "csv"
    EML = "eml"
    MBOX = "mbox"
    MSG = "msg"
    HTML = "html"
    IMAGE = "image"
    ZIP = "zip"
    TEXT = "text"


HEAD: Final = 4096
TAIL: Final = 66_000

_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS: Final = {"word/document.xml": Kind.DOCX, "xl/workbook.xml": Kind.XLSX, "ppt/presentation.xml": Kind.PPTX}
_BY_NAME: Final = {
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
    ".eml": Kind.EML,
    ".mbox": Kind.MBOX,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
}
_ENDINGS_OF_CONTENT: Final = {
    ".pdf", ".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm", ".ods", ".odt", ".odp", ".zip", ".msg", ".doc",
    ".xls", ".ppt", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff", ".bmp",
}  # fmt: skip
"""Files of these names that do not begin as such files do are not what they say, or broken."""


def ending(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()[:16] if "." in name else ""


def kind_of(source: Source) -> Kind:
    """Raises Unreadable."""
    source.file.seek(0)
    head = source.file.read(HEAD)
    if not head:
        raise Unreadable(EMPTY)
    found = _by_content(source, head)
    if found is not None:
        return found
    suffix = ending(source.name)
    if suffix in _ENDINGS_OF_CONTENT:
        raise Unreadable(DAMAGED)
    if b"%PDF-" in head[:1024]:
        # Readers of PDF take it as one, all others as what stands before.
        raise Unreadable(AMBIGUOUS)
    if suffix in _BY_NAME:
        return _BY_NAME[suffix]
    return _of_text(head)


def _by_content(source: Source, head: bytes) -> Kind | None:
    if head.startswith(b"%PDF-"):
        if _ends_as_zip(source):
            raise Unreadable(AMBIGUOUS)
        return Kind.PDF
    if head.startswith(b"PK"):
        return _of_zip(source)
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        if _ends_as_zip(source):
            raise Unreadable(AMBIGUOUS)
        return Kind.IMAGE
    if head.startswith(_OLE):
        return _of_compound(source)
    return None


def _ends_as_zip(source: Source) -> bool:
    source.file.seek(max(0, source.size - TAIL))
    return b"PK\x05\x06" in source.file.read(TAIL)


def _of_zip(source: Source) -> Kind:
    try:
        with zipfile.ZipFile(source.file) as archive:
            names = set(archive.namelist())
            if archive.start_dir and min((item.header_offset for item in archive.infolist()), default=0) > 0:
                raise Unreadable(AMBIGUOUS)
            kind = next((kind for part, kind in _PARTS.items() if part in names), None)
            if kind is not None:
                return kind
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return _of_open_document(archive.read("mimetype"), names)
            return Kind.ZIP
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise Unreadable(DAMAGED) from error
    except RuntimeError as error:
        # What zipfile raises for an entry that asks for a password.
        raise Unreadable(ENCRYPTED) from error


def _of_open_document(mimetype: bytes, names: set[str]) -> Kind:
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return Kind.ODS
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        raise Unreadable(UNSUPPORTED)
    return Kind.ZIP


def _of_compound(source: Source) -> Kind:
    """Outlook's messages; Office files with a password are wrapped in the same container, older ones are it."""
    data = io.BytesIO(source.data()).getvalue()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable(ENCRYPTED)
    if "__properties_version1.0".encode("utf-16-le") in data:
        return Kind.MSG
    raise Unreadable(UNSUPPORTED)


def _of_text(head: bytes) -> Kind:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return Kind.HTML
    if start.startswith(b"from ") and b"\n" in start and b"@" in start:
        return Kind.MBOX
    if start.startswith((b"return-path:", b"received:", b"mime-version:", b"delivered-to:")):
        return Kind.EML
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(UNSUPPORTED)
    return Kind.TEXT
