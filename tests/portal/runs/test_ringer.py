"""Jobs of new runs: sent at once, and together while a job is being sent."""

import threading
import uuid

import pytest

from portal.runs.doorbell import MOST_IN_A_JOB, Ringer


def ids(count: int) -> list[uuid.UUID]:
    return [uuid.uuid4() for _ in range(count)]


def test_runs_that_come_while_a_job_is_sent_go_with_the_next() -> None:
    jobs: list[list[str]] = []
    sending, go = threading.Event(), threading.Event()

    def send(job: list[str]) -> None:
        jobs.append(job)
        sending.set()
        assert go.wait(10)

    ringer, runs = Ringer(send), ids(MOST_IN_A_JOB + 3)
    first = threading.Thread(target=ringer.ring, args=(runs[0],))
    first.start()
    assert sending.wait(10)
    for run in runs[1:]:
        ringer.ring(run)
    go.set()
    first.join()
    assert [len(job) for job in jobs] == [1, MOST_IN_A_JOB, 2]
    assert [name for job in jobs for name in job] == list(map(str, runs))


def test_nothing_is_lost_or_doubled_when_many_ring_at_once() -> None:
    jobs: list[list[str]] = []
    ringer, runs = Ringer(jobs.append), ids(400)

    def work(part: list[uuid.UUID]) -> None:
        for run in part:
            ringer.ring(run)

    threads = [threading.Thread(target=work, args=(runs[index::8],)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for job in jobs for name in job) == sorted(map(str, runs))


def test_a_job_that_cannot_be_sent_does_not_silence_the_next() -> None:
    jobs: list[list[str]] = []

    def send(job: list[str]) -> None:
        jobs.append(job)
        if len(jobs) == 1:
            raise OSError("no broker")

    ringer, runs = Ringer(send), ids(2)
    with pytest.raises(OSError, match="no broker"):
        ringer.ring(runs[0])
    ringer.ring(runs[1])
    assert jobs == [[str(runs[0])], [str(runs[1])]]
