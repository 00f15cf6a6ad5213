"""The file of checkpoints: how long the journal was at a time, and the hash of its last row, outside the database.

A line is ``seq hash time signature``; the signature covers the one of the line before it, so that no line can be
changed, taken out or moved. Lines are appended under a lock and are on the disk before anything builds on them.
"""

import errno
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.audit.keys import flaw, sign
from portal.core.clock import now

# Longer than any line.
TAIL_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Checkpoint:
    seq: int
    hash: str
    at: str
    signature: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was found; ``flaw`` says what is wrong with it."""

    number: int
    checkpoint: Checkpoint | None
    flaw: str


class ChangedFile(Exception):
    """The file does not end as this module writes it."""


class Checkpoints:
    """The lines that the file has when this is made; what is appended afterwards is not read.

    Args:
        is_copy: it holds lines of files that were begun one after another, as a copy elsewhere does.
    """

    def __init__(self, path: Path, *, is_copy: bool = False) -> None:
        self.path = path
        self._is_copy = is_copy
        try:
            self._size = path.stat().st_size
        except FileNotFoundError:
            self._size = 0

    def __bool__(self) -> bool:
        return self._size > 0

    def __iter__(self) -> Iterator[Line]:
        if not self:
            return
        before, seq, left = "", 0, self._size
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                left -= len(raw)
                # A line without an end was not written to its end, and nothing builds on it.
                if left < 0 or not raw.endswith(b"\n"):
                    return
                line = _line(number, raw, before, seq)
                if line.flaw and self._is_copy:
                    line = _line(number, raw, "", seq)
                yield line
                if line.checkpoint:
                    before, seq = line.checkpoint.signature, line.checkpoint.seq


def _line(number: int, raw: bytes, before: str, seq: int) -> Line:
    checkpoint = parsed(raw)
    if checkpoint is None:
        return Line(number, None, "cannot be read")
    problem = flaw("checkpoint", _signed(before, checkpoint.seq, checkpoint.hash, checkpoint.at), checkpoint.signature)
    if not problem and checkpoint.seq <= seq:
        problem = "is out of order"
    return Line(number, checkpoint, problem)


def parsed(raw: bytes) -> Checkpoint | None:
    try:
        seq, link, at, signature = raw.decode("ascii").removesuffix("\n").split(" ")
        return Checkpoint(int(seq), link, at, signature)
    except ValueError:
        return None


def _signed(before: str, seq: int, link: str, at: str) -> str:
    return f"{before}\n{seq} {link} {at}"


class Pen:
    """Appends to the file, which is locked."""

    def __init__(self, file: io.FileIO, path: Path) -> None:
        self._file = file
        self._path = path
        self.last = self._read_last()

    def _read_last(self) -> Checkpoint | None:
        size = os.fstat(self._file.fileno()).st_size
        tail = os.pread(self._file.fileno(), TAIL_BYTES, max(0, size - TAIL_BYTES))
        torn = len(tail) - (tail.rfind(b"\n") + 1)
        if torn == TAIL_BYTES:
            raise ChangedFile(f"the last line of {self._path} cannot be read")
        if torn:
            # A full disk or a crash left it; the next line must not be glued to it.
            os.ftruncate(self._file.fileno(), size - torn)
        whole = tail[: len(tail) - torn].splitlines(keepends=True)
        if not whole:
            return None
        last = parsed(whole[-1])
        if last is None:
            raise ChangedFile(f"the last line of {self._path} cannot be read")
        return last

    def append(self, seq: int, link: str) -> None:
        at = now().isoformat(timespec="seconds")
        signature = sign("checkpoint", _signed(self.last.signature if self.last else "", seq, link, at))
        line = f"{seq} {link} {at} {signature}\n".encode()
        if self._file.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        os.fsync(self._file.fileno())
        if self.last is None:
            _sync_folder(self._path.parent)
        self.last = Checkpoint(seq, link, at, signature)


@contextmanager
def appending(path: Path) -> Iterator[Pen]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with io.FileIO(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Pen(file, path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
