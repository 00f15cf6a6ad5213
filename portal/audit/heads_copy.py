"""Lines of the file of checkpoints, taken elsewhere: to a second file, and to the sink that rows are forwarded to."""

import fcntl
import os
from pathlib import Path

from portal.audit.checkpoints import ChangedFile, parsed

BLOCK_BYTES = 64 * 1024


def lines_after(path: Path, seq: int) -> list[bytes]:
    """The whole lines at the file's end that note rows above ``seq``, in order; the file is read from its end."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            reach = BLOCK_BYTES
            while True:
                start = max(0, size - reach)
                file.seek(start)
                lines = _whole(file.read(size - start), from_start=start == 0)
                known = [line for line in lines if seq_of(line) <= seq]
                if known or start == 0:
                    return lines[lines.index(known[-1]) + 1 :] if known else lines
                reach *= 2
    except FileNotFoundError:
        return []


def _whole(read: bytes, *, from_start: bool) -> list[bytes]:
    lines = read.splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    return lines if from_start else lines[1:]


def seq_of(line: bytes) -> int:
    found = parsed(line)
    return found.seq if found else 0


def copy_lines(path: Path, second: Path) -> None:
    """Append to the second file what it does not have. What it has is never changed, nor taken back.

    Raises:
        ChangedFile: the second file does not end with a line of checkpoints.
        OSError: it cannot be written.
    """
    second.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(second, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with open(descriptor, "r+b", buffering=0) as file:  # noqa: PTH123 - a descriptor of its own mode
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, BLOCK_BYTES, max(0, size - BLOCK_BYTES))
        torn = len(tail) - (tail.rfind(b"\n") + 1)
        if torn:
            os.ftruncate(descriptor, size - torn)
        last = tail[: len(tail) - torn].splitlines()[-1:]
        if last and not seq_of(last[0] + b"\n"):
            raise ChangedFile(f"the last line of {second} cannot be read")
        new = b"".join(lines_after(path, seq_of(last[0] + b"\n") if last else 0))
        if file.write(new) != len(new):
            raise OSError(f"{second} took a part of its lines only")
        os.fsync(descriptor)
