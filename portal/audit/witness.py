"""Rows of acts that change nothing: reads, and what has no transaction of its own.

Threads that record at the same moment share one commit. The lock on the chain's head is held until a commit is on the
disk, so commits come one after another, and each read would wait for those of all others.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from portal.audit.journal import Act, insert_entries, new_entry
from portal.audit.models import Entry
from portal.audit.scene import current_scene
from portal.core.actor import Actor


@dataclass(slots=True)
class _Batch:
    entries: list[Entry] = field(default_factory=list)
    done: bool = False
    problem: Exception | None = None


class _Shared:
    def __init__(self) -> None:
        self._joining = threading.Lock()
        self._writing = threading.Lock()
        self._open = _Batch()

    def write(self, entries: Sequence[Entry]) -> None:
        """Returns once the rows are committed, by this thread or by another one that took them along."""
        with self._joining:
            batch = self._open
            batch.entries += entries
        with self._writing:
            if not batch.done:
                with self._joining:
                    self._open = _Batch()
                self._commit(batch)
        if batch.problem is not None:
            raise batch.problem

    def _commit(self, batch: _Batch) -> None:
        try:
            with transaction.atomic():
                insert_entries(batch.entries)
        except Exception as problem:  # noqa: BLE001 - raised again by everyone whose rows they were
            batch.problem = problem
        finally:
            batch.done = True


_shared = _Shared()


def witness(actor: Actor, *acts: Act) -> None:
    """Record acts outside any transaction of theirs; they are committed when this returns.

    Raises:
        UnknownAction: an action is not in the catalogue.
        DatabaseError, InterfaceError, PoolTimeout: the rows are not in the journal; the acts must not be answered.
    """
    entries = [new_entry(actor, act) for act in acts]
    if connection.in_atomic_block:
        # Rows of other threads must not hang on a transaction that may be rolled back.
        with transaction.atomic(savepoint=False):
            insert_entries(entries)
    else:
        _shared.write(entries)
    current_scene().saw(act.outcome for act in acts)
