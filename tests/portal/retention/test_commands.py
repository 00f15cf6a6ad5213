"""`manage.py retention` and `manage.py person`, and the task of the timetable."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.chat.models import Conversation, Message
from portal.core.actor import system_actor
from portal.retention.services.holds import place_hold, release_hold
from portal.retention.services.rules import set_rule
from tests.people import Company
from tests.portal.retention.aged import converse, stored
from workers.tasks import retention as task

SYSTEM = system_actor("test")


def told(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_plan_and_sweep(company: Company) -> None:
    old = converse(company, days=40, count=3)
    converse(company, days=3)
    set_rule(SYSTEM, 30)
    text, planned = told("retention", "plan"), json.loads(told("retention", "plan", "--json"))
    assert "Logistics / Logistics desk (30 days)" in text
    assert len(stored(old)) == 3
    assert (planned["delete"], planned["workspaces"][0]["people"]) == (3, 1)
    swept = told("retention", "sweep", "--batch", "2")
    assert "3 conversations deleted in 2 batches" in swept
    assert f"chat_message: {planned['rows']['chat_message']} rows" in swept
    assert stored(old) == set()
    assert "nothing is past its time" in told("retention", "sweep")


def test_holds_are_listed(company: Company) -> None:
    assert "no hold stands" in told("retention", "holds")
    hold = place_hold(SYSTEM, company.workspace(), "File 2026-17")
    assert "workspace Logistics desk" in told("retention", "holds")
    release_hold(SYSTEM, hold.pk)
    assert "no hold stands" in told("retention", "holds")
    assert "File 2026-17" in told("retention", "holds", "--all")


@pytest.mark.parametrize("command", ["retention", "person"])
def test_without_a_command_the_help_is_shown(db: None, command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        told(command)
    assert ended.value.code == 2


def test_a_copy_proves_a_deletion(company: Company, tmp_path: Path) -> None:
    """The copy is the database as it was before the sweep."""
    converse(company, days=40, turns=2, count=2)
    set_rule(SYSTEM, 30)
    with transaction.atomic():
        told("retention", "sweep")
        body: dict[str, Any] = orjson.loads(Entry.objects.get(action="retention.sweep").body)
        transaction.set_rollback(True)
    proof = tmp_path / "row.json"
    proof.write_bytes(orjson.dumps(body))
    assert told("retention", "prove", str(proof)).count("fits") == 4
    Message.objects.filter(author="assistant").update(text="another answer")
    with pytest.raises(SystemExit) as ended:
        told("retention", "prove", str(proof))
    assert ended.value.code == 1
    proof.write_text("{}")
    with pytest.raises(CommandError, match="no proof"):
        told("retention", "prove", str(proof))


def test_exporting_a_person(company: Company, tmp_path: Path) -> None:
    converse(company)
    file = tmp_path / "alice.zip"
    told("person", "export", "--user", "alice", "--to", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "conversations.jsonl" in zipfile.ZipFile(file).namelist()
    with pytest.raises(CommandError, match="cannot be made"):
        told("person", "export", "--user", "alice", "--to", str(file))
    with pytest.raises(CommandError, match="there is no"):
        told("person", "export", "--user", "nobody", "--to", str(tmp_path / "nobody.zip"))
    assert not (tmp_path / "nobody.zip").exists()


def test_erasing_a_person(company: Company) -> None:
    converse(company, count=2)
    assert "conversations: 2" in told("person", "erase", "--user", "alice")
    assert User.objects.filter(username="alice").exists()
    assert "the account is erased-" in told("person", "erase", "--user", "alice", "--yes")
    assert not Conversation.objects.exists()


def test_a_held_person_is_not_erased(company: Company) -> None:
    place_hold(SYSTEM, company.people["alice"], "a dispute")
    assert "under legal hold" in told("person", "erase", "--user", "alice")
    with pytest.raises(CommandError, match="legal hold"):
        told("person", "erase", "--user", "alice", "--yes")


def test_the_timetable_sweeps_in_the_background() -> None:
    planned: Any = settings.CELERY_BEAT_SCHEDULE["retention.sweep"]
    assert (planned["task"], planned["options"]["queue"]) == (task.NAME, "background")


def test_the_task_goes_on_in_another_job(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    old, sent = converse(company, days=40, count=150), list[tuple[object, ...]]()
    set_rule(SYSTEM, 30)
    monkeypatch.setattr(task, "SECONDS", 0)
    monkeypatch.setattr(task, "send_now", lambda *arguments: sent.append(arguments))
    task.sweep_retention()
    assert (len(stored(old)), sent) == (50, [("retention.sweep", {}, "background")])
    task.sweep_retention()
    task.sweep_retention()
    assert stored(old) == set()
