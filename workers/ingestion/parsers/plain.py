"""Text, code and Markdown, in whatever encoding they are."""

import codecs
from collections.abc import Iterator

from charset_normalizer import from_bytes

from workers.ingestion.errors import UNSUPPORTED, Unreadable
from workers.ingestion.page import Page, gathered
from workers.ingestion.source import Source

# So much is looked at to find the encoding.
SAMPLE = 256 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(source: Source) -> Iterator[Page]:
    yield from gathered([decoded(source.data())])


def decoded(data: bytes) -> str:
    """Raises Unreadable: it is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        found = from_bytes(data[:SAMPLE]).best()
        if found is None:
            raise Unreadable(UNSUPPORTED) from None
        return data.decode(found.encoding, "replace")
