"""A long conversation opens as quickly as a short one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.chat.choices import Author
from portal.chat.models import Message
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company

MOST_QUERIES = 15
MOST_BYTES = 100_000
MESSAGES = 2_000


@pytest.fixture
def long_conversation(company: Company) -> str:
    asked = company.asked()
    Run.objects.update(state=RunState.FINISHED)
    messages: list[Message] = [asked.answer]
    for number in range(MESSAGES - 2):
        author = Author.MODEL if number % 2 else Author.PERSON
        text = f"Message {number}: " + "forty words about containers. " * 20
        messages.append(Message(conversation=asked.conversation, parent=messages[-1], author=author, text=text))
    Message.objects.bulk_create(messages[1:], batch_size=500)
    asked.conversation.head = messages[-1]
    asked.conversation.save()
    return f"/c/{asked.conversation.pk}/"


def test_a_conversation_of_2000_messages_opens_within_its_budget(
    company: Company, long_conversation: str, client_of: ClientOf
) -> None:
    client = client_of(company, "alice")
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(long_conversation)
    assert answer.status_code == 200
    assert f"Message {MESSAGES - 3}:" in answer.content.decode()
    assert len(queries) <= MOST_QUERIES, "\n".join(query["sql"][:150] for query in queries)
    assert len(answer.content) < MOST_BYTES
