"""What is sealed stays shut on every road, and what break-glass opens is read on the record or not at all."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from portal.audit.models import Entry
from portal.chat.break_glass.models import BreakGlassRead
from portal.chat.break_glass.requests import Scope, end
from portal.chat.models import Conversation, Message
from portal.chat.services.ask import Asked
from portal.core.actor import system_actor
from portal.retention.services.rules import set_rule
from portal.retention.services.sweep import sweep
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.chat.sealed import REASON, approved, asked, expire
from tests.portal.retention.aged import converse

SECRET = "the-secret-of-alice"


@pytest.fixture
def conversation(company: Company) -> Asked:
    return with_answer(company)


def with_answer(company: Company) -> Asked:
    found = company.asked("alice", f"Where is {SECRET}?")
    Message.objects.filter(pk=found.answer.pk).update(text=f"Here is {SECRET}.")
    Run.objects.filter(pk=found.run.pk).update(state=RunState.FINISHED)
    return found


def roads(found: Asked) -> list[str]:
    page, api = f"/c/{found.conversation.pk}/", f"/api/conversations/{found.conversation.pk}"
    return [
        page,
        f"{page}older/?before={found.answer.pk}",
        f"{page}newer/?after={found.question.pk}",
        api,
        f"{api}/messages",
        f"/api/runs/{found.run.pk}",
    ]


def writes(found: Asked) -> dict[str, dict[str, Any]]:
    api = f"/api/conversations/{found.conversation.pk}/messages"
    return {
        api: {"text": "What else?"},
        f"{api}/{found.answer.pk}/regenerate": {},
        f"/api/runs/{found.run.pk}/cancel": {},
    }


def reads_recorded() -> int:
    return Entry.objects.filter(action="break_glass.read", object_type="conversation").count()


def test_an_administrator_is_told_that_it_is_sealed_and_where_to_ask(
    company: Company, client_of: ClientOf, conversation: Asked
) -> None:
    dana = client_of(company, "dana")
    for road in roads(conversation):
        answer = dana.get(road)
        assert answer.status_code == 403
        assert SECRET not in answer.content.decode()
    assert dana.get(roads(conversation)[3]).json()["error"]["code"] == "sealed"
    assert f"conversation={conversation.conversation.pk}" in dana.get(roads(conversation)[0]).content.decode()
    assert f"workspace={company.workspace().pk}" in dana.get(f"/w/{company.workspace().pk}/").content.decode()
    assert Message.objects.count() == 2


def test_an_auditor_is_told_nothing(company: Company, client_of: ClientOf, conversation: Asked) -> None:
    frank = client_of(company, "frank")
    assert {frank.get(road).status_code for road in roads(conversation)} == {404}


def test_every_road_is_open_and_leaves_a_row(company: Company, client_of: ClientOf, conversation: Asked) -> None:
    approved(company)
    dana = client_of(company, "dana")
    for number, road in enumerate(roads(conversation), start=1):
        assert dana.get(road).status_code == 200, road
        assert reads_recorded() == number, road
    assert SECRET in dana.get(roads(conversation)[0]).content.decode()
    assert BreakGlassRead.objects.get().times == len(roads(conversation)) + 1


def test_nothing_can_be_written(company: Company, client_of: ClientOf, conversation: Asked) -> None:
    approved(company)
    dana = client_of(company, "dana")
    for path, body in writes(conversation).items():
        assert dana.post(path, body, content_type="application/json").status_code == 403, path
    started = dana.post(
        "/api/conversations", {"workspace": str(company.workspace().pk), "text": "Hello"}, "application/json"
    )
    assert started.status_code == 403
    assert Message.objects.count() == 2
    assert reads_recorded() == 0


def test_the_page_offers_nothing_to_write_with(company: Company, client_of: ClientOf, conversation: Asked) -> None:
    approved(company)
    page = client_of(company, "dana").get(roads(conversation)[0]).content.decode()
    assert REASON in page
    for control in ('id="composer"', "data-again", "data-retry", "side__new"):
        assert control not in page


def test_lists_and_the_workspace_stay_shut(company: Company, client_of: ClientOf, conversation: Asked) -> None:
    request = approved(company)
    dana, workspace = client_of(company, "dana"), company.workspace().pk
    assert dana.get(f"/w/{workspace}/").status_code == 403
    assert dana.get(f"/api/conversations?workspace={workspace}").json()["items"] == []
    assert dana.get("/api/workspaces").json()["items"] == []
    opened = dana.get(f"/api/break-glass/{request.pk}/conversations").json()["items"]
    assert [item["id"] for item in opened] == [str(conversation.conversation.pk)]
    assert Entry.objects.filter(action="break_glass.read", object_type="break_glass").count() == 1


@pytest.mark.parametrize("over", ["expired", "ended", "only asked"])
def test_what_is_over_opens_nothing(company: Company, client_of: ClientOf, conversation: Asked, over: str) -> None:
    request = asked(company) if over == "only asked" else approved(company)
    if over == "expired":
        expire(request)
    elif over == "ended":
        end(company.actor("frank"), request.pk)
    dana = client_of(company, "dana")
    assert {dana.get(road).status_code for road in roads(conversation)} == {403}
    assert dana.get(f"/api/break-glass/{request.pk}/conversations").status_code == 404
    assert reads_recorded() == 0


def test_an_auditor_reads_what_an_administrator_approved(
    company: Company, client_of: ClientOf, conversation: Asked
) -> None:
    frank, dana = client_of(company, "frank"), client_of(company, "dana")
    body = {"conversation": str(conversation.conversation.pk), "reason": REASON, "hours": 1}
    made = frank.post("/api/break-glass", body, content_type="application/json")
    assert made.status_code == 201
    decision = f"/api/break-glass/{made.json()['id']}/decision"
    assert frank.post(decision, {"decision": "approve"}, content_type="application/json").status_code == 403
    assert dana.post(decision, {"decision": "approve"}, content_type="application/json").json()["is_active"]
    assert {frank.get(road).status_code for road in roads(conversation)} == {200}
    assert dana.get(roads(conversation)[0]).status_code == 403


def test_the_owner_sees_who_read_it(company: Company, client_of: ClientOf, conversation: Asked) -> None:
    alice, path = client_of(company, "alice"), roads(conversation)[0]
    assert "break-glass" not in alice.get(path).content.decode()
    approved(company)
    before = alice.get(path).content.decode()
    assert REASON in before
    assert "data-readings" not in before
    client_of(company, "dana").get(path)
    assert "data-readings" in alice.get(path).content.decode()


def test_the_notice_stays_until_it_is_dismissed(company: Company, client_of: ClientOf, conversation: Asked) -> None:
    approved(company, Scope(conversation=conversation.conversation.pk))
    alice, bob = client_of(company, "alice"), client_of(company, "bob")
    (notice,) = alice.get("/api/notices").json()["items"]
    assert bob.get("/api/notices").json()["items"] == []
    dismiss = f"/api/notices/{notice['id']}/dismiss"
    assert bob.post(dismiss, {}, "application/json").status_code == 404
    for _ in range(2):
        assert REASON in alice.get("/notices/").content.decode()
        assert alice.post(dismiss, {}, "application/json").status_code == 200
    assert REASON not in alice.get("/").content.decode()
    assert REASON in alice.get("/notices/").content.decode()
    dismissed = Entry.objects.filter(action="notice.dismiss").order_by("at").values_list("actor_name", "outcome")
    assert list(dismissed) == [("bob", "denied"), ("alice", "allowed"), ("alice", "allowed")]


BROKEN = (
    "ALTER TABLE audit_entry ADD CONSTRAINT broken CHECK (action <> 'break_glass.read') NOT VALID",
    "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
    "CREATE TRIGGER swallow BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION swallow()",
    "DELETE FROM audit_head",
)


@pytest.fixture
def repaired(live_company: Company) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DROP CONSTRAINT IF EXISTS broken")
        cursor.execute("DROP TRIGGER IF EXISTS swallow ON audit_entry; DROP FUNCTION IF EXISTS swallow()")


@pytest.mark.parametrize("broken", BROKEN, ids=["refused", "swallowed", "without a head"])
@pytest.mark.usefixtures("repaired")
def test_no_row_no_content(live_company: Company, client_of: ClientOf, broken: str) -> None:
    found = with_answer(live_company)
    approved(live_company)
    dana: Client = client_of(live_company, "dana")
    with connection.cursor() as cursor:
        cursor.execute(broken)
    for road in roads(found):
        answer = dana.get(road)
        assert answer.status_code >= 500, road
        assert SECRET not in answer.content.decode()
    assert BreakGlassRead.objects.count() == 0


@pytest.mark.parametrize("kind", ["workspace", "conversation"])
def test_retention_takes_what_was_read_and_leaves_the_request(company: Company, client_of: ClientOf, kind: str) -> None:
    (old,) = converse(company, days=40)
    request = approved(company, Scope(**{kind: company.workspace().pk if kind == "workspace" else old.pk}))
    assert client_of(company, "dana").get(f"/c/{old.pk}/").status_code == 200
    set_rule(company.actor("dana"), 30, workspace=company.workspace())
    sweep(system_actor("test"))
    assert not Conversation.objects.filter(pk=old.pk).exists()
    assert BreakGlassRead.objects.count() == 0
    (proof,) = Entry.objects.filter(action="retention.sweep")
    assert "chat_break_glass_read" in proof.body
    assert client_of(company, "frank").get("/api/break-glass").json()["items"][0]["id"] == str(request.pk)
