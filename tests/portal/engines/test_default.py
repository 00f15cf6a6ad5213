"""Which engine is the default, over starts, stops and changes of the engines; and what readiness says of it."""

import datetime

import orjson
import pytest

from portal.audit.models import Entry
from portal.core.clock import now
from portal.core.errors import Forbidden
from portal.engines.choices import EngineState
from portal.engines.health import STALE_AFTER, engine_components
from portal.engines.models import Engine
from portal.engines.services import EngineCard, claim_default, make_default, register_engine, report_engine
from tests.people import Company

pytestmark = pytest.mark.django_db

EMBEDDED, GIVEN = "SmolLM2", "default"


def begin(name: str, state: EngineState = EngineState.READY) -> bool:
    """What a worker does when it comes up; whether its engine is the default then."""
    register_engine(EngineCard(name, name, "http://127.0.0.1:9", "", False, 0))
    claimed = claim_default(name)
    report_engine(name, state)
    return claimed


def fall_silent(name: str) -> None:
    Engine.objects.filter(name=name).update(checked_at=now() - STALE_AFTER - datetime.timedelta(seconds=1))


def default() -> str:
    return Engine.objects.get(is_default=True).name


def readiness() -> dict[str, bool]:
    return {name: component.ready for name, component in engine_components().items()}


@pytest.mark.parametrize(("first", "second"), [(EMBEDDED, GIVEN), (GIVEN, EMBEDDED)])
def test_another_engine_takes_over_from_a_stopped_one_and_back(first: str, second: str) -> None:
    assert begin(first)
    for old, new in ((first, second), (second, first)):
        report_engine(old, EngineState.STOPPED, "stopped")
        assert readiness() == {"worker": False, "engine": False}
        assert begin(new)
        assert default() == new
        assert readiness() == {"worker": True, "engine": True}


def test_another_engine_takes_over_from_a_silent_one() -> None:
    begin(EMBEDDED)
    assert not begin(GIVEN)
    fall_silent(EMBEDDED)
    assert claim_default(GIVEN)
    assert default() == GIVEN


@pytest.mark.parametrize("state", [EngineState.STARTING, EngineState.READY, EngineState.FAILED])
def test_a_restart_on_another_node_leaves_a_living_default(state: EngineState) -> None:
    begin("node A")
    report_engine("node A", state)
    for _ in range(2):
        assert not begin("node B")
        report_engine("node B", EngineState.STOPPED)
    assert default() == "node A"


def test_a_restarted_default_stays_default() -> None:
    begin("node A")
    begin("node B")
    report_engine("node A", EngineState.STOPPED)
    report_engine("node B", EngineState.READY)
    assert begin("node A")
    assert default() == "node A"


def test_taking_over_is_recorded_once() -> None:
    begin(EMBEDDED)
    begin(EMBEDDED)
    changes = [orjson.loads(entry.body)["details"]["change"] for entry in Entry.objects.order_by("at")]
    assert changes == ["registered", "default"]


def test_any_fresh_report_shows_a_worker() -> None:
    begin("node A")
    begin("node B")
    fall_silent("node A")
    assert readiness() == {"worker": True, "engine": False}
    assert engine_components()["engine"].detail == "no report for 20 seconds"


def test_administrators_choose_the_default(company: Company) -> None:
    other = Engine.objects.create(name="other", model="other", address="http://127.0.0.1:9")
    for name in ("alice", "erin", "frank"):
        with pytest.raises(Forbidden):
            make_default(company.actor(name), other)
    make_default(company.actor("dana"), other)
    make_default(company.actor("dana"), other)
    assert default() == "other"
    assert Entry.objects.filter(action="engine.manage", actor_name="dana").count() == 1
