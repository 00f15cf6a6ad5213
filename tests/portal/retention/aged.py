"""Conversations of any age, with answered runs and journals."""

import datetime
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from portal.chat.choices import Author
from portal.chat.models import Conversation, Message
from portal.chat.services.ask import Question, ask
from portal.core.actor import system_actor
from portal.departments.grants import give
from portal.departments.models import Workspace
from portal.runs.choices import RunState
from portal.runs.models import Event, Run
from tests.people import Company


def converse(
    company: Company,
    owner: str = "alice",
    workspace: Workspace | None = None,
    *,
    days: float = 0,
    turns: int = 1,
    state: RunState = RunState.FINISHED,
    count: int = 1,
) -> list[Conversation]:
    """``count`` conversations whose last question was ``days`` ago."""
    workspace, person = workspace or company.workspace(), company.people[owner]
    at = timezone.now() - datetime.timedelta(days=days)
    made = [
        Conversation(
            workspace=workspace, owner=person, title="Containers", active_at=at - datetime.timedelta(seconds=n)
        )
        for n in range(count)
    ]
    runs, messages, events = list[Run](), list[Message](), list[Event]()
    for conversation in made:
        above: Message | None = None
        for turn in range(turns):
            run = Run(owner=person, workspace=workspace, engine=company.engine, state=state)
            asked = Message(conversation=conversation, parent=above, author=Author.PERSON, text=f"Question {turn} é")
            above = Message(conversation=conversation, parent=asked, author=Author.MODEL, text="Answer\n2", run=run)
            runs.append(run)
            messages += [asked, above]
            events += [Event(run=run, seq=1, type="state", payload={"state": "running", "attempt": 1})]
            events += [Event(run=run, seq=2, type="delta", payload={"channel": "answer", "text": f"Answer {turn}"})]
        conversation.head = above
    with transaction.atomic():
        Conversation.objects.bulk_create(made, batch_size=1000)
        Run.objects.bulk_create(runs, batch_size=1000)
        Message.objects.bulk_create(messages, batch_size=1000)
        Event.objects.bulk_create(events, batch_size=2000)
    return made


def ask_in(company: Company, conversation: Conversation, name: str) -> Run:
    """Somebody with whom the conversation is shared asks in it, and is answered."""
    give(system_actor("test"), company.people[name], conversation, ["conversation.view", "message.ask"])
    run = ask(company.actor(name), conversation.pk, Question("And mine?")).run
    Run.objects.filter(pk=run.pk).update(state=RunState.FINISHED)
    return run


def stored(conversations: Sequence[Conversation]) -> set[uuid.UUID]:
    """Those that are still there."""
    ids = [conversation.pk for conversation in conversations]
    return set(Conversation.objects.filter(pk__in=ids).values_list("pk", flat=True))


def rows() -> dict[str, int]:
    return {
        "chat_conversation": Conversation.objects.count(),
        "chat_message": Message.objects.count(),
        "runs_run": Run.objects.count(),
        "runs_event": Event.objects.count(),
    }
