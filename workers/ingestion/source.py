"""A file to read, and what the reading of it has cost so far."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from workers.ingestion.errors import TOO_DEEP, TOO_LARGE, TOO_LONG, Unreadable
from workers.ingestion.limits import Limits
from workers.ingestion.page import Page


@dataclass(slots=True)
class Budget:
    """Shared by a file and all that is inside it. Each method raises Unreadable where a limit is passed."""

    limits: Limits = field(default_factory=Limits)
    unpacked: int = 0
    entries: int = 0
    scans: int = 0
    pages: int = 0
    characters: int = 0

    def unpack(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.unpacked:
            raise Unreadable(TOO_LARGE)

    def enter(self) -> None:
        self.entries += 1
        if self.entries > self.limits.entries:
            raise Unreadable(TOO_LARGE)

    def scan(self) -> bool:
        """Whether one more page may be recognised from its picture."""
        self.scans += 1
        return self.scans <= self.limits.scans

    def counted(self, pages: Iterator[Page]) -> Iterator[Page]:
        for page in pages:
            self.pages += 1
            self.characters += len(page.text)
            if self.pages > self.limits.pages or self.characters > self.limits.characters:
                raise Unreadable(TOO_LONG)
            yield page


@dataclass(frozen=True, slots=True)
class Source:
    """``file`` can be sought in; ``depth`` is 0 for what was uploaded, and more for what lies in it."""

    name: str
    file: BinaryIO
    size: int
    budget: Budget
    depth: int = 0

    @property
    def limits(self) -> Limits:
        return self.budget.limits

    def data(self) -> bytes:
        self.file.seek(0)
        return self.file.read()

    def inner(self, name: str, data: bytes) -> "Source":
        """Raises Unreadable: it lies too deep, or there are too many."""
        if self.depth >= self.limits.depth:
            raise Unreadable(TOO_DEEP)
        self.budget.enter()
        return Source(name, io.BytesIO(data), len(data), self.budget, self.depth + 1)
