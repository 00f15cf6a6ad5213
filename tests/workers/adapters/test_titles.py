"""Titles that the model finds: what is asked, what is kept of it, and when it is given up."""

import asyncio
import uuid

import pytest

from portal.audit.models import Entry
from portal.chat.choices import TitledBy
from portal.chat.models import Conversation, Message
from portal.chat.services.titles import set_title, untitled
from portal.core.threads import in_database_thread
from portal.engines.models import Engine
from portal.runs.models import Run
from tests.people import Company
from workers.adapters.engines import EngineClients
from workers.adapters.titles import LONGEST, MOST_TOKENS, Titles, title_of
from workers.engine.scripted import ScriptedEngine


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Container 7 in Hamburg", "Container 7 in Hamburg"),
        ('  "**Container 7**."\nBecause you asked', "Container 7"),
        ("# Title: Ships and ports", "Ships and ports"),
        ("<b>Ships</b>", "bShips/b"),
        ("「集装箱在哪里」", "集装箱在哪里"),
        ("A\tB\x07 \u202ec", "A B c"),
        ("\n\n", ""),
        ("x" * 200, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_one_plain_line_is_kept(written: str, title: str) -> None:
    assert title_of(written) == title


def answered(company: Company, address: str) -> uuid.UUID:
    Engine.objects.update(address=address)
    asked = company.asked(text="Where is container 7?")
    Message.objects.filter(pk=asked.answer.pk).update(text="In Hamburg.")
    Run.objects.filter(pk=asked.run.pk).update(state="finished")
    Conversation.objects.update(titled_by=TitledBy.WORDS)
    return asked.conversation.pk


async def found(conversation: uuid.UUID, seconds: float = 15) -> str:
    titles = Titles(EngineClients(), lambda: 0)
    titles.add([conversation])
    work = asyncio.create_task(titles.find_forever())
    try:
        for _ in range(int(seconds / 0.05)):
            await asyncio.sleep(0.05)
            row = await in_database_thread(Conversation.objects.get, pk=conversation)
            if row.titled_by == TitledBy.MODEL:
                break
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    return str(row.title)


async def test_the_engine_is_asked_briefly_and_never_with_thinking(live_company: Company) -> None:
    engine = ScriptedEngine()
    try:
        conversation = await in_database_thread(answered, live_company, await engine.start())
        assert await found(conversation) == "Where is container 7?, in short"
    finally:
        await engine.stop()
    [asked] = engine.requests
    assert asked["chat_template_kwargs"] == {"enable_thinking": False}
    assert asked["max_tokens"] == MOST_TOKENS
    assert "priority" not in asked
    row = await in_database_thread(Entry.objects.get, action="conversation.title")
    assert "Hamburg" not in row.body


async def test_without_an_engine_the_first_words_stay(live_company: Company) -> None:
    conversation = await in_database_thread(answered, live_company, "http://127.0.0.1:9")
    before = (await in_database_thread(Conversation.objects.get, pk=conversation)).title
    assert await found(conversation, seconds=1) == before


def test_a_title_of_a_person_stays(company: Company) -> None:
    conversation = answered(company, "http://127.0.0.1:9")
    assert untitled(conversation) is not None
    Conversation.objects.update(title="Mine", titled_by=TitledBy.PERSON)
    assert untitled(conversation) is None
    assert not set_title(conversation, "The model's")
    assert Conversation.objects.get().title == "Mine"
