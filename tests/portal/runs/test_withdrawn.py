"""Runs of people who have lost the right to ask are stopped, and no others."""

import pytest

from portal.audit.models import Entry
from portal.core.actor import system_actor
from portal.core.errors import Forbidden
from portal.departments.denials import deny
from portal.departments.grants import give
from portal.departments.models import Membership
from portal.runs.access import run_for_cancel, run_for_view
from portal.runs.models import Run
from portal.runs.services.start import stop_withdrawn_runs
from tests.people import Company

SYSTEM = system_actor("test")


def stopped(run: Run) -> bool:
    run.refresh_from_db()
    return run.cancel_requested_at is not None


@pytest.mark.parametrize("loss", ["suspended", "left", "denied in the workspace", "denied the conversation"])
def test_a_run_is_stopped_with_the_right(company: Company, loss: str) -> None:
    asked, other = company.asked("alice"), company.asked("bob")
    stop_withdrawn_runs()
    assert not stopped(asked.run)
    alice = company.people["alice"]
    if loss == "suspended":
        alice.is_active = False
        alice.save()
    elif loss == "left":
        Membership.objects.filter(person=alice).delete()
    elif loss == "denied in the workspace":
        deny(SYSTEM, alice, company.workspace(), ["message.ask"])
    else:
        deny(SYSTEM, alice, asked.conversation, ["message.ask"])
    stop_withdrawn_runs()
    stop_withdrawn_runs()
    assert (stopped(asked.run), stopped(other.run)) == (True, False)
    assert Entry.objects.filter(action="run.withdraw", object_id=str(asked.run.pk)).count() == 1


def test_who_may_only_read_follows_a_run_and_does_not_stop_it(company: Company) -> None:
    asked = company.asked("alice")
    give(SYSTEM, company.people["bob"], asked.conversation, ["conversation.view"])
    assert run_for_view(company.actor("bob"), asked.run.pk) == asked.run
    with pytest.raises(Forbidden):
        run_for_cancel(company.actor("bob"), asked.run.pk)
    assert run_for_cancel(company.actor("alice"), asked.run.pk) == asked.run
