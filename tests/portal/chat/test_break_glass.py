"""The life of a request: who asks, who decides, and when it is over."""

import datetime
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.functions import Now

from portal.accounts.choices import PlatformRole
from portal.accounts.services import suspend_person
from portal.audit.models import Entry
from portal.chat.access import conversation_for_view
from portal.chat.break_glass.choices import Decision
from portal.chat.break_glass.models import BreakGlass
from portal.chat.break_glass.requests import Scope, ask_for_access, decide, end, note_what_ended
from portal.chat.break_glass.selectors import unsealed
from portal.core.actor import system_actor
from portal.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound, Sealed
from portal.departments.denials import deny
from portal.departments.models.tree import EVERY_RIGHT
from portal.departments.services.workspaces import archive_workspace
from portal.notices.models import Notice
from tests.people import Company
from tests.portal.chat.sealed import REASON, approved, asked, expire, move_clock


def acts(action: str) -> int:
    return Entry.objects.filter(action=action).count()


def raised(work: Callable[[], Any]) -> str:
    try:
        work()
    except AppError as error:
        return error.code
    return ""


@pytest.mark.parametrize("name", ["alice", "erin", "charlie"])
def test_only_people_with_a_platform_role_ask_decide_and_end(company: Company, name: str) -> None:
    with pytest.raises(Forbidden):
        asked(company, by=name)
    request = asked(company)
    with pytest.raises(Forbidden):
        decide(company.actor(name), request.pk, approve=True)
    with pytest.raises(Forbidden):
        end(company.actor(name), request.pk)
    request.refresh_from_db()
    assert request.decision == Decision.OPEN


@pytest.mark.parametrize("asker", ["dana", "frank"])
def test_nobody_decides_their_own(company: Company, asker: str) -> None:
    request = asked(company, by=asker)
    for approve in (True, False):
        with pytest.raises(Forbidden):
            decide(company.actor(asker), request.pk, approve=approve)


def test_without_a_second_person_nothing_can_be_asked(company: Company) -> None:
    company.people["frank"].platform_role = PlatformRole.NONE
    company.people["frank"].save()
    with pytest.raises(Conflict) as refused:
        asked(company)
    assert refused.value.code == "no_second_person"


@pytest.mark.parametrize("reason", ["", "   ", "too short", " too short ", "x" * 1001, "ten\x00letters and more"])
def test_a_reason_is_needed(company: Company, reason: str) -> None:
    with pytest.raises(AppError):
        ask_for_access(company.actor("dana"), Scope(company.workspace().pk), reason, 1)
    assert BreakGlass.objects.count() == 0


@pytest.mark.parametrize("hours", [-1, 0, 9, 2**40])
def test_access_lasts_one_to_eight_hours(company: Company, hours: int) -> None:
    with pytest.raises(Invalid):
        asked(company, hours=hours)


def test_a_scope_is_one_of_three(company: Company) -> None:
    workspace, alice = company.workspace().pk, company.people["alice"].pk
    conversation = company.conversation().pk
    wrong = [
        Scope(),
        Scope(person=alice),
        Scope(workspace, conversation=conversation),
        Scope(person=alice, conversation=conversation),
        Scope(alice),
        Scope(workspace, workspace),
        Scope(conversation=workspace),
    ]
    assert [raised(partial(asked, company, scope)) for scope in wrong] == [
        *["bad_scope"] * 4,
        *["unknown_scope"] * 3,
    ]
    for scope in (Scope(workspace), Scope(workspace, alice), Scope(conversation=conversation)):
        asked(company, scope)


def test_the_same_is_asked_once_at_a_time(company: Company) -> None:
    first = asked(company)
    assert raised(lambda: asked(company)) == "asked_already"
    end(company.actor("dana"), first.pk)
    asked(company)
    assert acts("break_glass.withdraw") == 1


def test_it_is_decided_once(company: Company) -> None:
    request = approved(company)
    assert raised(lambda: decide(company.actor("frank"), request.pk, approve=False)) == "decided"
    with pytest.raises(DatabaseError), transaction.atomic():
        BreakGlass.objects.filter(pk=request.pk).update(expires_at=Now())


def test_of_two_who_decide_at_once_one_does(live_company: Company) -> None:
    gus = live_company.people["erin"]
    gus.platform_role = PlatformRole.ADMINISTRATOR
    gus.save()
    request = asked(live_company)
    start, outcomes = threading.Barrier(2), list[str]()

    def try_it(name: str, approve: bool) -> None:
        start.wait()
        outcomes.append(raised(lambda: decide(live_company.actor(name), request.pk, approve=approve)))
        connection.close()

    both = [
        threading.Thread(target=try_it, args=("erin", True)),
        threading.Thread(target=try_it, args=("frank", False)),
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(outcomes) == ["", "decided"]
    assert acts("break_glass.approve") + acts("break_glass.refuse") == 1


RAW = {
    "approves his own": "decision='approved', decided_by_id=asker_id, decided_at=now(), expires_at=now()",
    "by nobody": "decision='approved', decided_at=now(), expires_at=now() + interval '1 h'",
    "nine hours": "decision='approved', decided_by_id={frank}, decided_at=now(), expires_at=now() + interval '9 h'",
    "for ever": "decision='approved', decided_by_id={frank}, decided_at=now()",
    "undated": "decision='approved', decided_by_id={frank}, expires_at=now() + interval '1 h'",
    "refused with a time": "decision='refused', decided_by_id={frank}, decided_at=now(), expires_at=now()",
    "another scope": "workspace_id=gen_random_uuid()",
    "another reason": "reason='something else altogether'",
    "another asker": "asker_id={frank}",
}


@pytest.mark.parametrize("change", RAW.values(), ids=RAW)
def test_the_database_refuses(company: Company, change: str) -> None:
    request = asked(company)
    change = change.replace("{frank}", f"'{company.people['frank'].pk}'")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE chat_break_glass SET {change} WHERE id = %s", [request.pk])


def test_the_database_refuses_one_that_is_born_approved(company: Company) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        BreakGlass.objects.create(
            asker=company.people["dana"],
            reason=REASON,
            hours=1,
            workspace=company.workspace(),
            decision=Decision.APPROVED,
            decided_by=company.people["frank"],
            decided_at=Now(),
            expires_at=Now(),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        BreakGlass.objects.create(asker=company.people["dana"], reason="short", hours=1, workspace=company.workspace())


def test_a_request_lapses_after_a_day(company: Company) -> None:
    request = asked(company)
    move_clock(request, asked_at=datetime.timedelta(hours=-24, seconds=-1))
    assert raised(lambda: decide(company.actor("frank"), request.pk, approve=True)) == "decided"
    # The next one is not held up by it, and whoever comes first notes that it lapsed.
    asked(company)
    note_what_ended(system_actor("timetable"))
    request.refresh_from_db()
    assert request.decision == Decision.LAPSED
    assert acts("break_glass.expire") == 1


def test_what_is_over_is_noted_once(company: Company) -> None:
    request = approved(company)
    note_what_ended(system_actor("timetable"))
    assert acts("break_glass.expire") == 0
    expire(request)
    for _ in range(2):
        note_what_ended(system_actor("timetable"))
    request.refresh_from_db()
    assert request.ended_at == request.expires_at
    assert acts("break_glass.expire") == 1
    assert raised(lambda: end(company.actor("dana"), request.pk)) == "not_active"


@pytest.mark.parametrize("name", ["dana", "frank"])
def test_it_is_ended_early(company: Company, name: str) -> None:
    conversation = company.conversation()
    request = approved(company)
    conversation_for_view(company.actor("dana"), conversation.pk)
    end(company.actor(name), request.pk)
    with pytest.raises(Sealed):
        conversation_for_view(company.actor("dana"), conversation.pk)
    assert raised(lambda: end(company.actor(name), request.pk)) == "not_active"


def test_whose_access_it_is(company: Company) -> None:
    conversation = company.conversation()
    approved(company)
    found = conversation_for_view(company.actor("dana"), conversation.pk)
    assert found.unsealed_by is not None
    with pytest.raises(NotFound):
        conversation_for_view(company.actor("frank"), conversation.pk)


def scopes(company: Company) -> dict[str, Scope]:
    return {
        "workspace": Scope(company.workspace().pk),
        "person": Scope(company.workspace().pk, company.people["alice"].pk),
        "conversation": Scope(conversation=company.conversation("alice").pk),
        "elsewhere": Scope(company.workspace("Finance").pk),
        "nobody": Scope(company.workspace().pk, company.people["charlie"].pk),
    }


@pytest.mark.parametrize(
    ("kind", "opened"),
    [
        ("workspace", {"alice", "another of alice", "bob"}),
        ("person", {"alice", "another of alice"}),
        ("conversation", set[str]()),
        ("elsewhere", {"bob in Finance"}),
        ("nobody", set[str]()),
    ],
)
def test_a_scope_opens_what_it_names(company: Company, kind: str, opened: set[str]) -> None:
    found = {
        "alice": company.conversation("alice"),
        "another of alice": company.conversation("alice"),
        "bob": company.conversation("bob"),
        "bob in Finance": company.conversation("bob", "Finance"),
    }
    scope = scopes(company)[kind]
    approved(company, scope)
    dana = company.actor("dana")
    read = {name for name, item in found.items() if not raised(partial(conversation_for_view, dana, item.pk))}
    assert read == opened
    if scope.conversation:
        conversation_for_view(dana, scope.conversation)


def test_neither_denials_nor_archives_stop_it_and_suspension_does(company: Company) -> None:
    conversation = company.conversation()
    approved(company)
    dana, workspace = company.actor("dana"), company.workspace()
    deny(system_actor("test"), company.people["dana"], workspace, [EVERY_RIGHT])
    archive_workspace(dana, workspace, True)
    conversation_for_view(dana, conversation.pk)
    company.people["erin"].platform_role = PlatformRole.ADMINISTRATOR
    company.people["erin"].save()
    suspend_person(company.actor("erin"), company.people["dana"])
    # Even for whoever still holds the actor of before.
    with pytest.raises(Sealed):
        conversation_for_view(dana, conversation.pk)


def test_the_owners_are_told_at_once_and_only_they(company: Company) -> None:
    company.conversation("alice")
    company.conversation("alice")
    company.conversation("bob")
    company.conversation("bob", "Finance")
    assert Notice.objects.count() == 0
    request = approved(company)
    told = Notice.objects.select_related("person")
    assert sorted(item.person.username for item in told) == ["alice", "bob"]
    assert {(item.body["asker"], item.body["approver"], item.body["reason"]) for item in told} == {
        ("dana", "frank", REASON)
    }
    late = company.conversation("erin")
    conversation_for_view(company.actor("dana"), late.pk)
    conversation_for_view(company.actor("dana"), late.pk)
    assert Notice.objects.filter(person=company.people["erin"], about=request.pk).count() == 1


def test_nobody_is_told_of_what_is_only_asked_or_refused(company: Company) -> None:
    company.conversation("alice")
    decide(company.actor("frank"), asked(company).pk, approve=False)
    assert Notice.objects.count() == 0


def test_the_journal_tells_the_story_without_the_reason(company: Company) -> None:
    conversation = company.conversation()
    request = approved(company)
    conversation_for_view(company.actor("dana"), conversation.pk)
    end(company.actor("frank"), request.pk)
    rows = Entry.objects.filter(action__startswith="break_glass.")
    assert sorted((row.action, row.actor_name) for row in rows) == [
        ("break_glass.approve", "frank"),
        ("break_glass.ask", "dana"),
        ("break_glass.end", "frank"),
        ("break_glass.read", "dana"),
    ]
    read = rows.get(action="break_glass.read")
    assert (read.object_type, read.object_id) == ("conversation", str(conversation.pk))
    assert str(request.pk) in read.body
    assert not [row for row in rows if REASON in row.body]


def test_whose_titles_are_listed_is_told(company: Company) -> None:
    request = approved(company)
    company.conversation("bob")
    of_bob = Notice.objects.filter(person=company.people["bob"], about=request.pk)
    assert not of_bob.exists()
    for _ in range(2):
        unsealed(company.actor("dana"), request.pk)
        assert of_bob.count() == 1
