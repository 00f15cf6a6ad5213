"""Where the bytes are: one folder, names that are random and say nothing, readable by the appliance's account only."""

import hashlib
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

VIEW = ".view"


@dataclass(frozen=True, slots=True)
class Stored:
    size: int
    sha256: str


def path_of(stored_as: uuid.UUID) -> Path:
    return Path(settings.FILES_DIR) / stored_as.hex[:2] / stored_as.hex


def view_path_of(stored_as: uuid.UUID) -> Path:
    """The small picture of an image, without anything else that the file carried."""
    path = path_of(stored_as)
    return path.with_name(path.name + VIEW)


def keep(stored_as: uuid.UUID, chunks: Iterable[bytes]) -> Stored:
    """Write the chunks; on the disk when this returns. Raises OSError, and leaves nothing then."""
    path = path_of(stored_as)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        remove(stored_as)
        raise
    return Stored(size, digest.hexdigest())


def keep_view(stored_as: uuid.UUID, data: bytes) -> None:
    path = view_path_of(stored_as)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)


def pieces_of(stored_as: uuid.UUID) -> Iterator[bytes]:
    with path_of(stored_as).open("rb") as file:
        while piece := file.read(1 << 18):
            yield piece


def remove(stored_as: uuid.UUID) -> None:
    """Removing twice changes nothing."""
    for path in (path_of(stored_as), view_path_of(stored_as)):
        with suppress(FileNotFoundError):
            path.unlink()


def stored_before(seconds: float) -> Iterator[uuid.UUID]:
    """What has lain there for longer than ``seconds``."""
    folder, limit = Path(settings.FILES_DIR), time.time() - seconds
    for path in folder.glob("??/*"):
        with suppress(ValueError, FileNotFoundError):
            if path.stat().st_mtime < limit and not path.name.endswith(VIEW):
                yield uuid.UUID(path.name)
