"""Each setting of conversations, files and imports acts: see ``test_acts``."""

import datetime
import uuid
from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from django.test import Client

from portal.chat.imports.receiving import start_import
from portal.chat.models import Conversation, Message
from portal.chat.placing.selectors import deleted_conversations
from portal.chat.placing.services import delete_conversation
from portal.chat.services.answer import Settlement, settle_answers
from portal.chat.services.ask import Question, ask
from portal.chat.services.attach import files_to_attach
from portal.chat.thinking import Effort, budget_choices
from portal.core.actor import system_actor
from portal.core.clock import now
from portal.core.errors import Conflict, Invalid, NotFound, TooLarge
from portal.engines.models import Engine
from portal.files.models import File
from portal.files.services.sweep import sweep
from portal.files.services.upload import upload
from portal.prompts.services.instructions import set_instructions
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.chat.shared import share
from tests.portal.configuration.conftest import Put
from tests.portal.runs.conftest import claimed, ending


@pytest.fixture
def alice(live_company: Company, client_of: ClientOf) -> Client:
    return client_of(live_company, "alice")


def test_thinking_by_default(live_company: Company, put: Put, alice: Client) -> None:
    def depth(path: str) -> str:
        page = alice.get(path).content.decode()
        return page.split('id="thinking" data-thinking="')[1].split('"')[0]

    Engine.objects.update(supports_thinking=True)
    assert depth("/") == "off"
    put(thinking_by_default=True)
    assert depth("/") == "deep"
    assert depth(f"/c/{live_company.conversation().pk}/") == "off"
    Engine.objects.update(supports_thinking=False)
    assert depth("/") == "off"


def test_thinking_budget_and_its_choices(live_company: Company, put: Put) -> None:
    put(thinking_budget=777)
    assert Effort("budgeted").checked().budget == 777
    put(thinking_budgets="99, 12, nonsense 500")
    assert budget_choices() == [12, 99, 500, 777]


def test_file_limit(live_company: Company, put: Put) -> None:
    put(file_limit=1)
    data = b"x" * (1024 * 1024 + 1)
    with pytest.raises(TooLarge):
        upload(live_company.actor("alice"), "large.txt", [data], len(data))
    put(file_limit=2)
    assert upload(live_company.actor("alice"), "large.txt", [data], len(data)).size == len(data)


def test_files_of_question(live_company: Company, put: Put) -> None:
    conversation, two = live_company.conversation(), [uuid.uuid4(), uuid.uuid4()]
    put(files_of_question=1)
    with pytest.raises(Invalid):
        files_to_attach(live_company.actor("alice"), conversation, two)
    put(files_of_question=2)
    with pytest.raises(NotFound), transaction.atomic():
        files_to_attach(live_company.actor("alice"), conversation, two)


def test_unattached_time(live_company: Company, put: Put) -> None:
    upload(live_company.actor("alice"), "notes.txt", [b"x"], 1)
    File.objects.update(created_at=now() - datetime.timedelta(hours=2))
    put(unattached_time=3 * 3600)
    assert sweep(system_actor("test")) == 0
    put(unattached_time=3600)
    assert sweep(system_actor("test")) == 1
    assert not File.objects.exists()


def test_questions_waiting(live_company: Company, put: Put) -> None:
    conversation = live_company.conversation("alice")
    share(live_company, conversation, "bob")
    share(live_company, conversation, "erin")
    ask(live_company.actor("alice"), conversation.pk, Question("First"))
    put(questions_waiting=0)
    with pytest.raises(Conflict) as refused:
        ask(live_company.actor("bob"), conversation.pk, Question("Second"))
    assert (refused.value.code, refused.value.details) == ("queue_full", {"limit": 0})
    put(questions_waiting=1)
    ask(live_company.actor("bob"), conversation.pk, Question("Second"))
    with pytest.raises(Conflict):
        ask(live_company.actor("erin"), conversation.pk, Question("Third"))


def test_deleted_days(live_company: Company, put: Put) -> None:
    conversation, actor = live_company.conversation(), live_company.actor("alice")
    delete_conversation(actor, conversation.pk)
    Conversation.objects.update(deleted_at=now() - datetime.timedelta(days=3))
    put(deleted_days=2)
    assert list(deleted_conversations(actor, conversation.workspace_id)) == []
    put(deleted_days=4)
    assert list(deleted_conversations(actor, conversation.workspace_id)) == [conversation]


def test_import_size(live_company: Company, put: Put) -> None:
    actor, workspace = live_company.actor("alice"), live_company.workspace().pk
    put(import_size=1)
    with pytest.raises(TooLarge):
        start_import(actor, workspace, "export.json", 1_100_000)
    put(import_size=2)
    assert start_import(actor, workspace, "export.json", 1_100_000).size == 1_100_000


def test_titles_by_model(live_company: Company, put: Put) -> None:
    def jobs_after_an_answer() -> int:
        asked = live_company.asked()
        before = waiting()
        assert settle_answers([Settlement(ending(claimed(asked.run), 2), "At the harbour.", "")]) == [True]
        assert Message.objects.get(run=asked.run).text == "At the harbour."
        return waiting() - before

    put(titles_by_model=False)
    assert jobs_after_an_answer() == 0
    put(titles_by_model=True)
    assert jobs_after_an_answer() == 1


def waiting() -> int:
    """Jobs of the background queue, in the broker itself."""
    with current_app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        return int(channel.client.llen("background"))


def test_instructions_limit(live_company: Company, put: Put) -> None:
    actor, workspace = live_company.actor("erin"), live_company.workspace()
    put(instructions_limit=200)
    with pytest.raises(TooLarge):
        set_instructions(actor, workspace, "x" * 201)
    put(instructions_limit=201)
    assert set_instructions(actor, workspace, "x" * 201) == "x" * 201
