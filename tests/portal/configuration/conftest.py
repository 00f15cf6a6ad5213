from collections.abc import Callable

import orjson
import pytest

from portal.audit.models import Entry
from portal.configuration.models import Version
from portal.configuration.services import change
from portal.core.actor import Actor
from tests.people import Company

Put = Callable[..., list[Version]]


@pytest.fixture
def dana(live_company: Company) -> Actor:
    """The platform administrator, committed."""
    return live_company.actor("dana")


@pytest.fixture
def put(dana: Actor) -> Put:
    """Changes settings as the platform administrator; in force in this process when it returns."""

    def change_them(**values: object) -> list[Version]:
        return change(dana, values)

    return change_them


def journal() -> list[tuple[str, str, dict[str, object]]]:
    """(outcome, setting, details) of the acts on settings, in their order."""
    entries = Entry.objects.filter(action="settings.change").exclude(object_id="").order_by("seq")
    return [(entry.outcome, entry.object_id, orjson.loads(entry.body)["details"]) for entry in entries]
