"""Zip containers, looked at before anything is unpacked; also what office formats are."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from workers.ingestion.errors import DAMAGED, ENCRYPTED, TOO_LARGE, Unreadable
from workers.ingestion.source import Source

# Small entries may be packed as tightly as they like.
RATIO_COUNTS_FROM = 1_000_000
ENCRYPTED_BIT = 0x1
# Headers are cheap to write: a small archive can name millions of entries.
MOST_PARTS = 20_000


@contextmanager
def opened(source: Source) -> Iterator[zipfile.ZipFile]:
    """The container, its sizes counted. Raises Unreadable."""
    source.file.seek(0)
    try:
        with zipfile.ZipFile(source.file) as archive:
            check(archive, source)
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, KeyError) as error:
        raise Unreadable(DAMAGED) from error


def check(archive: zipfile.ZipFile, source: Source) -> None:
    items = archive.infolist()
    if len(items) > MOST_PARTS:
        raise Unreadable(TOO_LARGE)
    if any(item.flag_bits & ENCRYPTED_BIT for item in items):
        raise Unreadable(ENCRYPTED)
    for item in items:
        is_bomb = item.file_size > RATIO_COUNTS_FROM and item.file_size > source.limits.ratio * max(
            1, item.compress_size
        )
        if is_bomb:
            raise Unreadable(TOO_LARGE)
    source.budget.unpack(sum(item.file_size for item in items))


def read_entry(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bytes:
    """Its bytes, and never more than its header says: that is what was counted."""
    try:
        with archive.open(item) as entry:
            data = entry.read(item.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise Unreadable(DAMAGED) from error
    if len(data) > item.file_size:
        raise Unreadable(DAMAGED)
    return data
