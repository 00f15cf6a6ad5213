"""Deleting what is past its time, in batches: each a transaction with its own proof in the journal.

A sweep may be cut off anywhere and begun again, and may run beside another one.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.retention.keepers import Keeper, Selection, all_parts, keepers
from portal.retention.removal import proof_details, remove
from portal.retention.rulebook import RuleBook
from portal.retention.services.holds import wait_for_holds

# Items in one transaction: what a batch costs in locks and in memory, and what is done again after a crash.
BATCH = 100


@dataclass(slots=True)
class Swept:
    """What was deleted; ``more`` says that time was up before everything was."""

    items: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    more: bool = False


def sweep(actor: Actor, *, seconds: float | None = None, batch: int = BATCH) -> Swept:
    """Delete everything that is past its time; with ``seconds`` no batch begins after them."""
    done, began = Swept(), time.monotonic()
    for keeper in keepers():
        while True:
            if seconds is not None and done.batches and time.monotonic() - began > seconds:
                done.more = True
                return done
            selection = _due(keeper.kind)
            if not delete_batch(actor, keeper, selection, Target("retention", keeper.kind), done, batch=batch):
                break
    return done


def _due(kind: str) -> Callable[[], Selection]:
    return lambda: Selection(RuleBook.read(kind).days())


@transaction.atomic
def delete_batch(
    actor: Actor,
    keeper: Keeper,
    selection: Callable[[], Selection],
    target: Target,
    done: Swept,
    *,
    action: str = "retention.sweep",
    batch: int = BATCH,
) -> bool:
    """Delete one batch with its proof. False where there was nothing to delete.

    ``selection`` is asked in the transaction, so that rules and holds count that were placed a moment ago.
    """
    wait_for_holds()
    items: list[uuid.UUID] = keeper.claim(selection(), batch)
    if not items:
        return False
    keeper.release(items)
    proof = remove(all_parts(keeper, items))
    record(actor, action, target, details={"change": "deleted"} | proof_details(keeper.kind, items, proof))
    done.items[keeper.kind] += len(items)
    done.rows.update({table: part["rows"] for table, part in proof.items()})
    done.batches += 1
    return True
