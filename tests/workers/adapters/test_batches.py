"""Many answers in few statements: gathered while a call is under way, each with its own result or error."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import DataError, OperationalError

from workers.adapters.batches import Batches


class Work:
    """Doubles numbers; the first call waits until it is let go."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.go = threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.calls.append(list(numbers))
        assert self.go.wait(10)
        if 13 in numbers:
            raise DataError
        if 14 in numbers:
            raise OperationalError
        return [2 * number for number in numbers]


async def added(batches: Batches[int, int], work: Work, numbers: Sequence[int]) -> list[int | BaseException]:
    tasks = []
    for number in numbers:
        tasks.append(asyncio.ensure_future(batches.add(number)))
        while not work.calls:
            await asyncio.sleep(0.001)
    work.go.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_first_goes_at_once_and_the_others_together() -> None:
    work = Work()
    assert await added(Batches(work), work, [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert work.calls == [[1], [2, 3, 4]]


async def test_a_call_takes_at_most_so_many() -> None:
    work = Work()
    assert await added(Batches(work, most=2), work, [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert work.calls == [[1], [2, 3], [4]]


async def test_one_bad_item_does_not_take_the_others_with_it() -> None:
    work = Work()
    results = await added(Batches(work), work, [1, 2, 13, 3])
    assert isinstance(results[2], DataError)
    assert [results[0], results[1], results[3]] == [2, 4, 6]


async def test_a_database_that_is_away_is_told_to_all_at_once() -> None:
    work = Work()
    results = await added(Batches(work), work, [1, 2, 14])
    assert [type(result) for result in results] == [int, OperationalError, OperationalError]
    assert len(work.calls) == 2


async def test_it_goes_on_after_an_error_and_after_a_waiter_gave_up() -> None:
    work = Work()
    batches = Batches(work)
    given_up = asyncio.ensure_future(batches.add(1))
    while not work.calls:
        await asyncio.sleep(0.001)
    given_up.cancel()
    work.go.set()
    with pytest.raises(OperationalError):
        await batches.add(14)
    assert await batches.add(5) == 10
