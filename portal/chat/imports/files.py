"""The uploaded files, for as long as their imports last."""

import contextlib
import time
import uuid
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

# One that nobody knows may belong to a transaction that is about to commit.
ORPHAN_SECONDS = 3_600


def path_of(import_id: uuid.UUID) -> Path:
    return Path(settings.IMPORTS_DIR) / import_id.hex


def write_at(import_id: uuid.UUID, offset: int, piece: bytes) -> None:
    """What stood behind ``offset`` is gone: it was never reported as received."""
    path = path_of(import_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.truncate(offset)
        file.write(piece)


def remove(import_id: uuid.UUID) -> None:
    with contextlib.suppress(FileNotFoundError):
        path_of(import_id).unlink()


def remove_orphans(known: Collection[uuid.UUID]) -> None:
    folder, names = Path(settings.IMPORTS_DIR), {pk.hex for pk in known}
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.name not in names and time.time() - path.stat().st_mtime > ORPHAN_SECONDS:
                path.unlink()
