"""Many answers, few statements: what comes while a database call is under way goes together with the next."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import DataError, IntegrityError

from portal.core.threads import in_database_thread

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class Batches(Generic[I, R]):
    """Calls ``work`` with items in the order they came, one call at a time; belongs to one event loop.

    Args:
        work: runs in a database thread; gives one result for each item, in their order.
        most: items in one call.
    """

    def __init__(self, work: Callable[[Sequence[I]], Sequence[R]], *, most: int = 100) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[I, asyncio.Future[R]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, item: I) -> R:
        """The item's result. Raises what ``work`` raised for it."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._call(batch)
        self._task = None

    async def _call(self, batch: Sequence[tuple[I, "asyncio.Future[R]"]]) -> None:
        try:
            results = await in_database_thread(self._work, [item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - handed to those who wait, whatever it is
            if isinstance(error, DataError | IntegrityError) and len(batch) > 1:
                # One bad item must not take the others with it.
                for one in batch:
                    await self._call([one])
            else:
                _refuse(batch, error)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _refuse(batch: Sequence[tuple[I, "asyncio.Future[R]"]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
