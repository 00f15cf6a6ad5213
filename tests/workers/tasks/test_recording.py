"""Each task leaves a row, and what a worker does for a person names the person."""

import uuid
from pathlib import Path
from unittest import mock

import pytest
from celery import current_app
from django.test import override_settings

from portal.audit.models import Entry, Head
from portal.chat.services.answer import Settlement, settle_answers, take_back_lost_answers
from portal.runs.models import Run
from tests.house.entrances import task_entrances
from tests.people import Company
from tests.portal.runs.conftest import claimed, ending, let_lease_end
from workers.tasks.recording import QUIET

ARGUMENTS: dict[str, dict[str, object]] = {
    "runs.execute": {"run_ids": []},
    "imports.execute": {"import_id": str(uuid.uuid4())},
    "files.read": {"file_id": str(uuid.uuid4())},
    "conversations.title": {"conversation_ids": []},
}


def rows() -> list[tuple[str, str, str, str]]:
    return list(Entry.objects.order_by("seq").values_list("action", "outcome", "place", "actor_name"))


@pytest.mark.parametrize("name", [entrance.name for entrance in task_entrances()])
def test_a_task_leaves_a_row(name: str, committed: None, tmp_path: Path) -> None:
    """Or stands in the list of those whose ticks find nothing to do; a failure leaves one always."""
    task = current_app.tasks[name]
    action = next(entrance.action for entrance in task_entrances() if entrance.name == name)
    assert action is not None
    heads = override_settings(AUDIT_HEADS=tmp_path / "heads")
    with heads, mock.patch("workers.tasks.runs.worker_process"):
        task.apply(kwargs=ARGUMENTS.get(name, {})).get()
    expected = [] if name in QUIET else [(action.name, "allowed", name, name)]
    assert rows() == expected
    failing = mock.Mock(side_effect=LookupError, appliance_action=action)
    with mock.patch.object(task, "run", failing):
        task.apply(kwargs=ARGUMENTS.get(name, {}))
    assert rows()[len(expected) :] == [(action.name, "failed", name, name)]


def test_a_row_that_cannot_be_written_does_not_hide_the_task(committed: None) -> None:
    Head.objects.all().delete()
    assert current_app.tasks["system.sweep"].apply().successful()
    assert not Entry.objects.exists()


def test_an_answer_is_executed_on_behalf_of_who_asked(live_company: Company) -> None:
    run = live_company.asked().run
    claim = claimed(run)
    assert settle_answers([Settlement(ending(claim, 2), "An answer of pomegranates.", "")]) == [True]
    row = Entry.objects.latest("seq")
    assert (row.action, row.outcome, row.object_id, row.place) == (
        "run.execute",
        "allowed",
        str(run.pk),
        "runs.execute",
    )
    assert (row.actor_name, row.on_behalf_of_id) == ("worker", live_company.people["alice"].pk)
    assert "pomegranates" not in row.body


def test_what_the_reaper_takes_back_names_who_asked(live_company: Company) -> None:
    run = live_company.asked().run
    claimed(run)
    let_lease_end(run.pk)
    take_back_lost_answers()
    row = Entry.objects.latest("seq")
    assert (row.action, row.object_id, row.on_behalf_of_id) == ("run.reap", str(run.pk), run.owner_id)
    assert Run.objects.get().state == "queued"
