import pytest
from django.db import transaction

from portal.audit.journal import Target, record
from portal.audit.models import Entry
from portal.core.actor import system_actor

LENGTH = 40


@pytest.fixture
def chain(committed: None) -> list[Entry]:
    """Forty entries, chained, with texts that differ in length and script."""
    for number in range(LENGTH):
        with transaction.atomic():
            record(
                system_actor(f"actor {number % 3}"),
                "workspace.manage",
                Target("workspace", f"room-{number % 5}"),
                reason="ends early" * (number % 3),
                details={"number": number, "word": "ملف 文件 fichier"[: number % 15]},
            )
    return list(Entry.objects.order_by("seq"))
