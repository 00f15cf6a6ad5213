"""Plays many streams with one timer: the next due write of all of them decides when it fires."""

import asyncio
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

# Writes due within this many seconds of one another go out in one turn of the loop.
_SLACK = 0.0005


class Cut:
    """A step that drops the connection without a word."""


CUT = Cut()

# Bytes to send as one HTTP chunk, seconds to wait after the previous due time, or the cut.
Step = bytes | float | Cut


@dataclass(slots=True)
class Playing:
    """One stream being played; `done` resolves when its steps are over."""

    transport: asyncio.Transport
    steps: Iterator[Step]
    done: asyncio.Future[None]
    due: float
    active: bool = field(default=True)


class Wheel:
    """The streams of one event loop in the order of their next due write."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Playing]] = []
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._fires_at = 0.0

    async def play(self, transport: asyncio.Transport, steps: Iterator[Step]) -> None:
        """Send all steps to a transport whose response uses chunked encoding; returns after the last.

        Cancelling it ends the stream at once.
        """
        loop = asyncio.get_running_loop()
        playing = Playing(transport, steps, loop.create_future(), loop.time())
        self._advance(playing, playing.due)
        self._arm()
        try:
            await playing.done
        finally:
            playing.active = False

    def _advance(self, playing: Playing, now: float) -> None:
        for step in playing.steps:
            if playing.transport.is_closing():
                break
            if isinstance(step, bytes):
                playing.transport.write(b"%x\r\n%b\r\n" % (len(step), step))
            elif isinstance(step, Cut):
                playing.transport.abort()
                return
            else:
                playing.due += step
                if playing.due > now + _SLACK:
                    self._number += 1
                    heapq.heappush(self._heap, (playing.due, self._number, playing))
                    return
        if not playing.done.done():
            playing.done.set_result(None)

    def _arm(self) -> None:
        while self._heap and not self._heap[0][2].active:
            heapq.heappop(self._heap)
        if not self._heap or self._heap[0][0] == float("inf"):
            return
        due = self._heap[0][0]
        if self._timer is None or self._fires_at > due:
            if self._timer is not None:
                self._timer.cancel()
            self._fires_at = due
            self._timer = asyncio.get_running_loop().call_at(due, self._fire)

    def _fire(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        heap = self._heap
        while heap and heap[0][0] <= now + _SLACK:
            playing = heapq.heappop(heap)[2]
            if playing.active:
                self._advance(playing, now)
        self._arm()
