"""Rows of reads: many threads, one commit; an error is everyone's."""

import threading

import pytest
from django.db import DatabaseError, connection

from portal.audit import witness as room
from portal.audit.journal import Act, insert_entries
from portal.audit.models import Entry, Head
from portal.audit.verify import verify_chain
from portal.audit.witness import witness
from portal.core.actor import system_actor

ACTOR = system_actor("test")


def in_threads(count: int) -> list[str]:
    """What each thread ended with: nothing, or the name of its error."""
    ends: list[str] = []

    def read() -> None:
        try:
            witness(ACTOR, Act("run.view"))
            ends.append("")
        except DatabaseError as error:
            ends.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=read) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_threads_share_commits(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    everyone = threading.Barrier(2)

    def insert(entries: list[Entry]) -> None:
        if not sizes:
            everyone.wait(10)
        sizes.append(len(entries))
        insert_entries(entries)

    monkeypatch.setattr(room, "insert_entries", insert)
    first = threading.Thread(target=in_threads, args=[1])
    first.start()
    others = threading.Thread(target=in_threads, args=[19])
    others.start()
    while len(room._shared._open.entries) < 19:
        pass
    everyone.wait(10)
    first.join()
    others.join()
    assert sizes == [1, 19]
    report = verify_chain()
    assert (report.intact, report.entries) == (True, 20)


def test_everyone_whose_row_is_lost_hears_of_it(committed: None) -> None:
    Head.objects.all().delete()
    ends = in_threads(5)
    assert len(ends) == 5
    assert all(ends)
    assert not Entry.objects.exists()


def test_in_a_transaction_the_row_is_its_own(company: object) -> None:
    witness(ACTOR, Act("run.view"))
    assert Entry.objects.filter(action="run.view", seq=None).count() == 1
