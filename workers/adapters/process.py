"""Everything that one worker process holds, wired once."""

import asyncio
import os
import socket
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import Future

import structlog

from workers.adapters.answer import AnswerStreams
from workers.adapters.engine_watch import EngineWatch
from workers.adapters.engines import EngineClients
from workers.adapters.journal_writer import JournalWriter
from workers.adapters.lease_keeper import LeaseKeeper
from workers.adapters.streams import StreamLoop
from workers.adapters.titles import Titles

log = structlog.get_logger(__name__)

# How long runs and the engine have to be given back when the worker stops.
CLOSE_SECONDS = 8


class WorkerProcess:
    def __init__(self) -> None:
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._loop = StreamLoop()
        self._loop.submit(self._wire()).result()

    async def _wire(self) -> None:
        self._keeper = LeaseKeeper()
        writer = JournalWriter()
        clients = EngineClients()
        self._answers = AnswerStreams(self._name, writer, self._keeper, clients)
        self._titles = Titles(clients, lambda: len(self._keeper.held))
        self._watch = EngineWatch()
        # Kept: a task without a reference may be collected.
        self._tasks = [
            asyncio.ensure_future(work)
            for work in (
                writer.write_forever(lambda: len(self._keeper.held)),
                writer.publish_forever(),
                self._keeper.beat_forever(),
                self._keeper.hear_stops_forever(),
                self._titles.find_forever(),
            )
        ]
        self._watching = asyncio.ensure_future(self._watch.run())
        self._watching.add_done_callback(_say_if_failed)

    def answer(self, runs: Sequence[uuid.UUID]) -> "Future[None]":
        return self._loop.submit(self._answers.answer(runs))

    def title(self, conversations: Sequence[uuid.UUID]) -> None:
        """Find titles for them, later on."""
        self._loop.submit(self._add_titles(conversations))

    async def _add_titles(self, conversations: Sequence[uuid.UUID]) -> None:
        self._titles.add(conversations)

    def release(self) -> None:
        """Give every run back, for another worker to take; called when the worker is told to stop."""
        self._loop.submit(self._release())

    async def _release(self) -> None:
        self._keeper.release_all()

    def close(self) -> None:
        """Stop the engine and the loop."""
        self._loop.submit(self._close()).result(CLOSE_SECONDS)
        self._loop.close()

    async def _close(self) -> None:
        self._watch.stop.set()
        # Its failure has been said when it happened, and must not keep the rest from ending.
        await asyncio.wait({self._watching})
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _say_if_failed(watching: "asyncio.Task[None]") -> None:
    """At once: nobody waits for the watch before the worker stops."""
    error = None if watching.cancelled() else watching.exception()
    if error is not None:
        log.error("engine.watch_failed", reason=str(error), error=type(error).__name__)


_lock = threading.Lock()
_process: WorkerProcess | None = None


def worker_process() -> WorkerProcess:
    """The wiring of this process, made on first use."""
    global _process
    with _lock:
        if _process is None:
            _process = WorkerProcess()
        return _process
