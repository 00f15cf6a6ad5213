"""Who shares what with whom: never more than the owner holds, and denials win."""

import json
import uuid

import pytest

from portal.audit.models import Entry
from portal.chat.access import conversation_for_view
from portal.chat.models import Conversation
from portal.chat.sharing.selectors import candidates, readers, sharing_of
from portal.chat.sharing.services import open_to_workspace, share_with, take_back
from portal.core.actor import system_actor
from portal.core.errors import Forbidden, NotFound
from portal.departments.denials import deny
from portal.departments.grants import give
from portal.notices.selectors import unseen_notices
from tests.conftest import ClientOf
from tests.people import Company

SYSTEM = system_actor("test")


@pytest.fixture
def conversation(company: Company) -> Conversation:
    return company.asked("alice").conversation


def reads(company: Company, name: str, conversation: Conversation) -> bool:
    return Conversation.objects.allowed(company.actor(name), "conversation.view").filter(pk=conversation.pk).exists()


def asks(company: Company, name: str, conversation: Conversation) -> bool:
    return Conversation.objects.allowed(company.actor(name), "message.ask").filter(pk=conversation.pk).exists()


def test_a_person_reads_then_asks_then_neither(company: Company, conversation: Conversation) -> None:
    alice, bob = company.actor("alice"), company.people["bob"]
    assert not reads(company, "bob", conversation)
    share_with(alice, conversation.pk, bob.pk, "read")
    assert (reads(company, "bob", conversation), asks(company, "bob", conversation)) == (True, False)
    share_with(alice, conversation.pk, bob.pk, "ask")
    assert asks(company, "bob", conversation)
    found = share_with(alice, conversation.pk, bob.pk, "read")
    assert [(share.id, share.access) for share in found.shares] == [(bob.pk, "read")]
    assert not asks(company, "bob", conversation)
    assert take_back(alice, conversation.pk, bob.pk).shares == ()
    assert not reads(company, "bob", conversation)


def test_everyone_in_the_workspace_and_nobody_beside_it(company: Company, conversation: Conversation) -> None:
    open_to_workspace(company.actor("alice"), conversation.pk, "read")
    assert [name for name in company.people if reads(company, name, conversation)] == ["alice", "bob", "erin"]
    assert [name for name in company.people if asks(company, name, conversation)] == ["alice"]
    shown = Conversation.objects.shared_with(company.actor("bob"))
    assert list(shown) == [conversation]
    open_to_workspace(company.actor("alice"), conversation.pk, "")
    assert not reads(company, "bob", conversation)
    rows = Entry.objects.filter(action__startswith="grant.").order_by("seq")
    acts = [(row.action, json.loads(row.body)["details"]["rights"]) for row in rows]
    assert acts == [("grant.give", ["conversation.view"]), ("grant.withdraw", ["conversation.view"])]


def test_a_denial_wins_and_the_owner_is_told(company: Company, conversation: Conversation) -> None:
    deny(SYSTEM, company.people["bob"], company.workspace(), ["conversation.view"])
    alice = company.actor("alice")
    assert [(item.username, item.limits) for item in candidates(alice, conversation.pk, "bob")] == [("bob", ("read",))]
    open_to_workspace(alice, conversation.pk, "ask")
    found = share_with(alice, conversation.pk, company.people["bob"].pk, "ask")
    assert [share.limits for share in found.shares] == [("read",)]
    assert not reads(company, "bob", conversation)
    assert [item.username for item in readers(alice, conversation.pk, "")] == ["erin"]


def test_nobody_gives_what_he_does_not_hold(company: Company, conversation: Conversation) -> None:
    alice, bob = company.actor("alice"), company.people["bob"].pk
    deny(SYSTEM, company.people["alice"], company.workspace(), ["message.ask"])
    assert sharing_of(alice, conversation.pk).may_give == ("read",)
    with pytest.raises(Forbidden):
        share_with(alice, conversation.pk, bob, "ask")
    with pytest.raises(Forbidden):
        open_to_workspace(alice, conversation.pk, "ask")
    deny(SYSTEM, company.people["alice"], company.workspace(), ["conversation.share"])
    with pytest.raises(Forbidden):
        share_with(alice, conversation.pk, bob, "read")
    with pytest.raises(Forbidden):
        open_to_workspace(alice, conversation.pk, "read")


def test_only_the_owner_shares(company: Company, conversation: Conversation) -> None:
    share_with(company.actor("alice"), conversation.pk, company.people["bob"].pk, "ask")
    with pytest.raises(Forbidden):
        share_with(company.actor("bob"), conversation.pk, company.people["erin"].pk, "read")
    with pytest.raises(NotFound):
        sharing_of(company.actor("charlie"), conversation.pk)


def test_only_people_of_the_workspace_are_found(company: Company, conversation: Conversation) -> None:
    alice = company.actor("alice")
    assert {item.username for item in candidates(alice, conversation.pk, "")} == {"bob", "erin"}
    outsiders = [company.people["charlie"].pk, company.people["dana"].pk, company.people["grace"].pk, uuid.uuid4()]
    answers = set()
    for person in outsiders:
        with pytest.raises(NotFound) as refused:
            share_with(alice, conversation.pk, person, "read")
        answers.add((refused.value.message, refused.value.code))
    assert len(answers) == 1


def test_the_recipient_is_told_and_no_longer_when_it_is_taken_back(
    company: Company, conversation: Conversation
) -> None:
    alice, bob = company.actor("alice"), company.people["bob"]
    share_with(alice, conversation.pk, bob.pk, "read")
    (notice,) = unseen_notices(company.actor("bob"))
    assert (notice.kind, notice.body["title"], notice.body["by_name"]) == ("shared", conversation.title, "alice")
    # Denied meanwhile: it is not shown, though nobody has taken it back.
    deny(SYSTEM, bob, company.workspace(), ["conversation.view"])
    assert unseen_notices(company.actor("bob")) == []
    take_back(alice, conversation.pk, bob.pk)
    share_with(alice, conversation.pk, company.people["erin"].pk, "read")
    assert [item.kind for item in unseen_notices(company.actor("erin"))] == ["shared"]


def test_what_is_shared_lies_apart_with_its_owner(
    company: Company, conversation: Conversation, client_of: ClientOf
) -> None:
    own = company.asked("bob", "And mine?").conversation
    share_with(company.actor("alice"), conversation.pk, company.people["bob"].pk, "read")
    page = client_of(company, "bob").get(f"/w/{company.workspace().pk}/").content.decode()
    shared = page[page.index('id="shared"') :]
    assert str(conversation.pk) in shared
    assert "alice" in shared.split("</ul>")[0]
    assert str(own.pk) not in shared.split("</ul>")[0]
    head = client_of(company, "bob").get(f"/c/{conversation.pk}/").content.decode()
    assert "Shared by alice" in head
    assert 'id="share"' not in head
    assert conversation_for_view(company.actor("bob"), conversation.pk).pk == conversation.pk


def test_a_group_is_shown_and_taken_back(company: Company, conversation: Conversation) -> None:
    alice, logistics = company.actor("alice"), company.departments["Logistics"]
    give(alice, logistics, conversation, ["conversation.view"])
    (share,) = sharing_of(alice, conversation.pk).shares
    assert (share.kind, share.name, share.access) == ("department", "Logistics", "read")
    assert take_back(alice, conversation.pk, logistics.pk).shares == ()
