from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from portal.audit.journal import Target, record
from portal.audit.models import Entry
from portal.audit.services import note_head
from portal.core.actor import system_actor

LENGTH = 40
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def heads(tmp_path: Path) -> Iterator[Path]:
    """Where the checkpoints of this test's journal lie; there is no file yet."""
    with override_settings(AUDIT_HEADS=tmp_path / "audit" / "heads"):
        yield tmp_path / "audit" / "heads"


def act(number: int = 0) -> None:
    with transaction.atomic():
        record(
            system_actor(f"actor {number % 3}"),
            "workspace.manage",
            Target("workspace", f"room-{number % 5}"),
            reason="ends early" * (number % 3),
            details={"number": number, "word": "ملف 文件 fichier"[: number % 15]},
        )


@pytest.fixture
def chain(committed: None, heads: Path) -> list[Entry]:
    """Forty entries, chained, with texts that differ in length and script; noted now and then, and at the end.

    The first note adds an entry, the twelfth.
    """
    for number in range(LENGTH - 1):
        act(number)
        if number % 10 == 0 and number:
            note_head(ACTOR)
    note_head(ACTOR)
    return list(Entry.objects.order_by("seq"))
