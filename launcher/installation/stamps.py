"""What is installed already: one small file a part, holding the digest of what it was made from."""

from __future__ import annotations

import hashlib
from pathlib import Path


class Stamps:
    """The stamps of one virtual environment; they go with it when it is removed."""

    def __init__(self, environment: Path) -> None:
        self._folder = environment / "installed"

    def holds(self, part: str, digest: str) -> bool:
        try:
            return (self._folder / part).read_text() == digest
        except OSError:
            return False

    def set(self, part: str, digest: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / part).write_text(digest)

    def clear(self, part: str) -> None:
        stamp = self._folder / part
        if stamp.exists():
            stamp.unlink()


def digest_of(*files: Path) -> str:
    """One SHA-256 over the files' contents; a missing file counts as empty."""
    total = hashlib.sha256()
    for file in files:
        content = file.read_bytes() if file.exists() else b""
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()
