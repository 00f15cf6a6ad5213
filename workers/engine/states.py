"""What is known of an engine at a moment."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_logger = logging.getLogger(__name__)


class EngineState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """`since` is `time.time()` of the change; `detail` says why, without content."""

    state: EngineState
    detail: str
    pid: int | None
    since: float


OnChange = Callable[[EngineStatus], None]


class StatusBoard:
    """Holds the current status; read from any thread, written by one.

    Args:
        on_change: called in the writing thread on every change; must not block.
    """

    def __init__(self, name: str, on_change: OnChange | None = None) -> None:
        self._name = name
        self._on_change = on_change
        self.status = EngineStatus(EngineState.STOPPED, "not started", None, time.time())

    def report(self, state: EngineState, detail: str, pid: int | None = None) -> None:
        old = self.status
        if (old.state, old.detail, old.pid) == (state, detail, pid):
            return
        self.status = EngineStatus(state, detail, pid, time.time())
        level = logging.WARNING if state is EngineState.FAILED else logging.INFO
        _logger.log(level, "engine %s is %s: %s", self._name, state, detail)
        if self._on_change is not None:
            self._on_change(self.status)
