"""A service that has been started."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.process import Child


@dataclass(frozen=True)
class RunningService:
    """`url` is what a client connects to; it stays the same when the child is started again."""

    url: str
    child: Child

    def stop(self) -> None:
        self.child.stop()
