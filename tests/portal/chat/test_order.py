"""Where a person keeps conversations; deleting them, and bringing them back."""

import datetime
import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.audit.models import Entry
from portal.chat.break_glass.requests import Scope
from portal.chat.models import Conversation, Folder, Placing, SearchEntry
from portal.chat.search.indexing import index_messages
from portal.chat.services.titles import set_title
from portal.core.actor import system_actor
from portal.core.clock import now
from portal.departments.grants import give
from portal.retention.services.holds import place_hold
from portal.retention.services.rules import set_rule
from portal.retention.services.sweep import sweep
from portal.runs.models import Run
from portal.runs.services.start import stop_withdrawn_runs
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.requests_of import Caller
from tests.portal.chat.sealed import approved
from tests.portal.retention.aged import converse

SYSTEM = system_actor("test")


@pytest.fixture
def alice(company: Company, client_of: ClientOf) -> Caller:
    return Caller(client_of(company, "alice"))


@pytest.fixture
def bob(company: Company, client_of: ClientOf) -> Caller:
    return Caller(client_of(company, "bob"))


def share(company: Company, conversation: Conversation, name: str = "bob") -> None:
    give(SYSTEM, company.people[name], conversation, ["conversation.view", "message.ask"])


def listed(caller: Caller, company: Company) -> dict[str, Any]:
    items = caller.get(f"/conversations?workspace={company.workspace().pk}").body["items"]
    return {item["id"]: item for item in items}


def deleted_days_ago(conversation: Conversation, days: float) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=now() - datetime.timedelta(days=days))


def side(client: Client, company: Company) -> str:
    return client.get(f"/w/{company.workspace().pk}/side/").content.decode()


def test_each_person_places_a_shared_conversation_for_himself(company: Company, alice: Caller, bob: Caller) -> None:
    conversation = company.conversation()
    share(company, conversation)
    folder = bob.post("/folders", {"workspace": company.workspace().pk, "name": "Ships"}).body
    placed = bob.patch(f"/conversations/{conversation.pk}", {"pinned": True, "folder": folder["id"]}).body
    assert (placed["pinned"], placed["folder"], placed["own"]) == (True, folder["id"], False)
    seen = listed(alice, company)[str(conversation.pk)]
    assert (seen["pinned"], seen["folder"], seen["archived"], seen["own"]) == (False, None, False, True)
    # Another one's folder is none of hers.
    assert alice.patch(f"/conversations/{conversation.pk}", {"folder": folder["id"]}).status == 404
    assert bob.delete(f"/folders/{folder['id']}").status == 204
    assert listed(bob, company)[str(conversation.pk)]["pinned"]
    bob.patch(f"/conversations/{conversation.pk}", {"pinned": False})
    assert not Placing.objects.exists()


def test_a_folder_is_one_of_a_workspace(company: Company, bob: Caller) -> None:
    conversation = company.conversation("bob")
    other = bob.post("/folders", {"workspace": company.workspace("Finance").pk, "name": "Ships"}).body
    assert bob.patch(f"/conversations/{conversation.pk}", {"folder": other["id"]}).code == "other_workspace"
    body = {"workspace": company.workspace("Finance").pk, "name": " Ships "}
    assert bob.post("/folders", body).code == "name_taken"
    assert Folder.objects.count() == 1


def test_shelves_of_the_side_list(company: Company, alice: Caller) -> None:
    names = ["Plain", "Pinned", "Filed", "Archived"]
    found = {name: company.conversation() for name in names}
    for name in names:
        alice.patch(f"/conversations/{found[name].pk}", {"title": name})
    folder = alice.post("/folders", {"workspace": company.workspace().pk, "name": "Ships"}).body["id"]
    alice.patch(f"/conversations/{found['Pinned'].pk}", {"pinned": True})
    alice.patch(f"/conversations/{found['Filed'].pk}", {"folder": folder})
    alice.patch(f"/conversations/{found['Archived'].pk}", {"archived": True})
    shown = side(alice.client, company)
    pinned, _, rest = shown.partition('class="folders"')
    assert "Pinned</bdi>" in pinned
    assert "Plain</bdi>" in rest
    assert "Filed</bdi>" not in shown
    assert "Archived</bdi>" not in shown
    path = f"/w/{company.workspace().pk}"
    assert "Filed</bdi>" in alice.client.get(f"{path}/conversations/?folder={folder}").content.decode()
    assert "Archived</bdi>" in alice.client.get(f"{path}/archived/").content.decode()


def test_only_its_owner_renames_and_deletes(company: Company, alice: Caller, bob: Caller) -> None:
    conversation = company.conversation()
    share(company, conversation)
    path = f"/conversations/{conversation.pk}"
    assert bob.patch(path, {"title": "Mine"}).code == "not_the_owner"
    assert bob.delete(path).code == "not_the_owner"
    assert alice.patch(path, {"title": " Line\n one\t<b> "}).body["title"] == "Line one <b>"
    assert alice.patch(path, {"title": " \n "}).code == "empty"
    assert alice.patch(path, {"title": "x" * 121}).status == 413
    conversation.refresh_from_db()
    assert conversation.titled_by == "person"
    assert not set_title(conversation.pk, "The model's")
    row = Entry.objects.filter(action="conversation.change", outcome="allowed").latest("seq")
    assert json.loads(row.body)["details"] == {"changed": ["title"]}


def test_what_is_deleted_is_out_of_every_view(company: Company, alice: Caller, bob: Caller) -> None:
    asked = company.asked()
    share(company, asked.conversation)
    path = f"/conversations/{asked.conversation.pk}"
    index_messages(seconds=5)
    assert alice.delete(path).status == 204
    for caller in (alice, bob):
        assert caller.get(path).status == 404
        assert caller.get(f"{path}/messages").status == 404
        assert caller.get(f"/runs/{asked.run.pk}").status == 404
        assert caller.post(f"{path}/messages", {"text": "More?"}).status == 404
        assert caller.patch(path, {"pinned": True}).status == 404
        assert listed(caller, company) == {}
        found = caller.get("/search?q=container").body
        assert (found["items"], found["conversations"]) == ([], [])
        assert caller.client.get(f"/c/{asked.conversation.pk}/").status_code == 404
    stop_withdrawn_runs()
    assert Run.objects.get(pk=asked.run.pk).cancel_requested_at


def test_bringing_it_back(company: Company, alice: Caller, bob: Caller) -> None:
    conversation = company.conversation()
    share(company, conversation)
    path = f"/conversations/{conversation.pk}"
    bob.patch(path, {"pinned": True})
    alice.delete(path)
    [item] = alice.get(f"/conversations/deleted?workspace={company.workspace().pk}").body["items"]
    assert item["id"] == str(conversation.pk)
    assert bob.get(f"/conversations/deleted?workspace={company.workspace().pk}").body["items"] == []
    assert bob.post(f"{path}/restore").status == 404
    assert alice.post(f"{path}/restore").status == 200
    assert listed(bob, company)[str(conversation.pk)]["pinned"]
    deleted_days_ago(conversation, 30.1)
    assert alice.post(f"{path}/restore").status == 404
    assert alice.get(f"/conversations/deleted?workspace={company.workspace().pk}").body["items"] == []


def test_the_sweep_deletes_for_good_what_nobody_can_bring_back(company: Company, alice: Caller) -> None:
    old, young, kept = converse(company, count=3)
    alice.patch(f"/conversations/{old.pk}", {"pinned": True})
    index_messages(seconds=5)
    deleted_days_ago(old, 30.1)
    deleted_days_ago(young, 29.9)
    done = sweep(SYSTEM)
    assert set(Conversation.objects.values_list("pk", flat=True)) == {young.pk, kept.pk}
    assert done.rows["chat_placing"] == 1
    assert done.rows["chat_search_entry"] == 2
    assert not SearchEntry.objects.filter(conversation_id=old.pk).exists()
    row = Entry.objects.get(action="retention.sweep")
    assert json.loads(row.body)["details"]["items"] == [str(old.pk)]


def test_holds_and_rules_come_before_the_time_to_bring_back(company: Company) -> None:
    held, ruled, free = (
        converse(company, owner, workspace)[0]
        for owner, workspace in (
            ("alice", company.workspace()),
            ("bob", company.workspace("Finance")),
            ("charlie", company.workspace("Legal")),
        )
    )
    place_hold(SYSTEM, company.workspace(), "A dispute with a carrier")
    set_rule(SYSTEM, 365, workspace=company.workspace("Finance"))
    for conversation in (held, ruled, free):
        deleted_days_ago(conversation, 90)
    sweep(SYSTEM)
    assert set(Conversation.objects.values_list("pk", flat=True)) == {held.pk, ruled.pk}
    # A rule also takes what was deleted yesterday.
    Conversation.objects.filter(pk=ruled.pk).update(active_at=now() - datetime.timedelta(days=366))
    deleted_days_ago(ruled, 1)
    sweep(SYSTEM)
    assert not Conversation.objects.filter(pk=ruled.pk).exists()


def test_deleting_does_not_hide_it_from_break_glass(company: Company, alice: Caller, client_of: ClientOf) -> None:
    conversation = company.asked().conversation
    approved(company, Scope(company.workspace().pk))
    alice.delete(f"/conversations/{conversation.pk}")
    assert Caller(client_of(company, "dana")).get(f"/conversations/{conversation.pk}").status == 200


def test_a_message_in_another_branch_is_shown(company: Company, alice: Caller) -> None:
    asked = company.asked()
    Run.objects.update(state="finished")
    path = f"/conversations/{asked.conversation.pk}"
    other = alice.post(f"{path}/messages/{asked.answer.pk}/regenerate", {}).body["answer"]["id"]
    assert alice.post(f"{path}/head", {"message": asked.answer.pk}).code == "still_answering"
    Run.objects.update(state="finished")
    alice.post(f"{path}/head", {"message": asked.answer.pk})
    shown = [item["id"] for item in alice.get(f"{path}/messages").body["items"]]
    assert shown == [str(asked.question.pk), str(asked.answer.pk)]
    # Of a question the newest answer below it.
    alice.post(f"{path}/head", {"message": asked.question.pk})
    assert [item["id"] for item in alice.get(f"{path}/messages").body["items"]][-1] == other
    assert alice.post(f"{path}/head", {"message": uuid.uuid4()}).code == "unknown_message"


def test_the_side_list_takes_as_many_queries_for_many_as_for_few(company: Company, alice: Caller) -> None:
    counts = []
    for _ in range(2):
        found = converse(company, count=20)
        for conversation in found[:5]:
            alice.patch(f"/conversations/{conversation.pk}", {"pinned": True})
        with CaptureQueriesContext(connection) as queries:
            side(alice.client, company)
        counts.append(len(queries))
    assert counts[0] == counts[1]
