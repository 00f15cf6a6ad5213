"""What was uploaded: a JSON file, or a ZIP that holds some. Nothing is unpacked onto the disk."""

import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

from workers.ingestion.conversations.shape import BadConversation, BadFile
from workers.ingestion.conversations.stream import values

# JSON of chats shrinks to a tenth; what shrinks to less than a hundredth was made to fill a machine.
MOST_EXPANSION = 100
ALWAYS_ALLOWED = 10_000_000
MOST_UNPACKED = 8 * 1024**3
MOST_FILES = 20_000

_CONVERSATIONS = re.compile(r"conversations(-\d+)?\.json", re.IGNORECASE)
_SIGNATURE = b"PK\x03\x04"


@dataclass(slots=True)
class Progress:
    """Bytes of JSON that were read, of all."""

    done: int = 0
    total: int = 1

    @property
    def share(self) -> float:
        return min(1.0, self.done / max(1, self.total))


def conversations(file: IO[bytes], progress: Progress) -> Iterator[Any]:
    """Each conversation's value; a ``BadConversation`` stands for one, or for a file of a ZIP, that cannot be read.

    Raises:
        BadFile: nothing more can be read.
    """
    start = file.read(4)
    file.seek(0)
    if start == _SIGNATURE:
        yield from _zipped(file, progress)
        return
    progress.total = os.fstat(file.fileno()).st_size
    yield from values(cast(IO[bytes], _Counted(file, progress, _never)))


def _zipped(file: IO[bytes], progress: Progress) -> Iterator[Any]:
    try:
        with zipfile.ZipFile(file) as archive:
            chosen = _chosen(archive.infolist())
            progress.total = sum(item.file_size for item in chosen)
            if progress.total > MOST_UNPACKED:
                raise BadFile("zip_bomb")
            for item in chosen:
                yield from _member(archive, item, progress, alone=len(chosen) == 1)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, OSError):
        raise BadFile("bad_zip") from None
    except RuntimeError:
        raise BadFile("encrypted") from None


def _chosen(items: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files of conversations where they are called so, else all JSON."""
    found = [item for item in items if item.filename.lower().endswith(".json") and "__MACOSX" not in item.filename]
    named = [item for item in found if _CONVERSATIONS.fullmatch(item.filename.rpartition("/")[2])]
    chosen = sorted(named or found, key=lambda item: item.filename)
    if not chosen:
        raise BadFile("no_conversations")
    if len(chosen) > MOST_FILES:
        raise BadFile("too_many_files")
    return chosen


def _member(archive: zipfile.ZipFile, item: zipfile.ZipInfo, progress: Progress, *, alone: bool) -> Iterator[Any]:
    allowed = max(ALWAYS_ALLOWED, item.compress_size * MOST_EXPANSION)
    begun = progress.done

    def bound() -> None:
        if progress.done - begun > allowed:
            raise BadFile("zip_bomb")

    try:
        with archive.open(item) as opened:
            yield from values(cast(IO[bytes], _Counted(opened, progress, bound)))
    except BadFile as problem:
        # One bad file among others is like one bad conversation.
        if alone or problem.code == "zip_bomb":
            raise
        yield BadConversation(problem.code)


def _never() -> None:
    pass


class _Counted:
    def __init__(self, file: IO[bytes], progress: Progress, bound: Callable[[], None]) -> None:
        self._file, self._progress, self._bound = file, progress, bound

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._progress.done += len(piece)
        self._bound()
        return piece
