"""Rows from before the journal said where an act happened keep their seals; later columns are sealed as well."""

import datetime
import uuid

import pytest
from django.db import transaction

from portal.audit.journal import Act, Target, canonical_body, record_acts
from portal.audit.models import Entry
from portal.audit.scene import Scene, because, begin, current_scene, end, opened
from portal.audit.verify import verify_chain
from portal.core.actor import system_actor
from tests.portal.audit.forgeries import REHASH, execute, run, triggers_off

ID = uuid.UUID("6a1d4a4e-0000-4000-8000-000000000001")
OLD = (
    '{"action":"run.reap","actor":["system","","reaper"],"at":"2026-11-23T08:00:00.000001+00:00",'
    '"details":{"n":1},"id":"6a1d4a4e-0000-4000-8000-000000000001","object":["run","7"],"outcome":"allowed","reason":""}'
)


def test_the_body_of_an_older_row_is_what_it_was() -> None:

    at = datetime.datetime(2026, 11, 23, 8, 0, 0, 1, tzinfo=datetime.UTC)
    row = Entry(id=ID, at=at, actor_kind="system", actor_name="reaper", action="run.reap", outcome="allowed")
    row.object_type, row.object_id = "run", "7"
    assert canonical_body(row, {"n": 1}) == OLD
    row.place = "runs.reap"
    assert canonical_body(row, {"n": 1}) != OLD


@pytest.mark.parametrize(
    "change",
    [
        "place = 'elsewhere'",
        "place = ''",
        "address = ''",
        "address = '10.9.9.9'",
        "on_behalf_of_id = NULL",
        f"on_behalf_of_id = '{ID}'",
    ],
)
def test_the_later_columns_cannot_be_changed(committed: None, change: str) -> None:
    with transaction.atomic(), opened(Scene("GET /", "10.0.0.1")):
        record_acts(system_actor("worker"), [Act("run.execute", Target("run", "7"), on_behalf_of=uuid.uuid4())])
    assert verify_chain().intact
    with transaction.atomic(), triggers_off():
        execute(f"UPDATE audit_entry SET {change}")
        run(REHASH)
    assert [finding.problem for finding in verify_chain().findings] == ["the columns do not match the body"]


def test_a_scene_ends_with_its_entrance() -> None:
    with opened(Scene("one")) as scene:
        because("grant")
        with opened(Scene("two")):
            assert current_scene().place == "two"
        assert current_scene() is scene
        scene.saw(["allowed", "denied"])
        assert (scene.recorded, scene.refused, scene.reason) == (True, True, "grant")
        scene.undo("conflict")
        assert (scene.recorded, scene.failed, scene.reason) == (False, True, "conflict")
    assert current_scene().place == ""
    begin(Scene("three"))
    assert current_scene().place == "three"
    end()
    assert current_scene().place == ""
