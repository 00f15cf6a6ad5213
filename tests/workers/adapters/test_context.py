"""Long context: what fits goes in whole, what does not is never cut silently, and each answer tells what was sent."""

import datetime
import json

import orjson
import pytest
from django.utils import timezone

from portal.audit.models import Entry
from portal.chat.models import Compaction, Conversation
from portal.chat.services.compaction import NewCompaction, store_compaction
from portal.core.threads import in_database_thread
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.people import Company
from tests.workers.adapters.answers import Answers, answering, events, run_of

LIMIT = 1024
PART = "[[part:answer tokens=12 tokens_per_s=2000]]"


def words(count: int) -> str:
    """Each is one of the scripted engine's tokens."""
    return "abc " * count


async def with_history(answers: Answers, exchanges: int, size: int) -> Conversation:
    conversation = await answers.conversation()
    for number in range(exchanges):
        await answers.asked_and_answered(conversation, f"{PART} Number {number}. {words(size)}")
    answers.engine.requests.clear()
    return conversation


async def compactions() -> list[Compaction]:
    return await in_database_thread(lambda: list(Compaction.objects.order_by("created_at")))


async def test_each_answer_tells_what_was_sent(live_company: Company) -> None:
    async with answering(live_company, context_length=LIMIT) as answers:
        conversation = await with_history(answers, 1, 20)
        message = await answers.asked_and_answered(conversation, f"{PART} And now?")
    run = await run_of(message.run_id)
    sent = run.sent
    assert sent is not None
    assert (sent["limit"], sent["history"]["messages"], sent["documents"]) == (LIMIT, 2, [])
    assert (sent["tokens"], sent["exact"]) == (run.prompt_tokens, True)
    assert "And now" not in json.dumps(sent)
    assert (await events(run.pk, "usage"))[0]["sent"] == sent
    assert message.branch_tokens == run.prompt_tokens + 12


async def test_a_prompt_that_is_long_is_counted_and_its_answer_kept_within_the_context(live_company: Company) -> None:
    async with answering(live_company, context_length=LIMIT) as answers:
        message = await answers.asked_and_answered(await answers.conversation(), f"{PART} {words(600)}")
    sent = (await run_of(message.run_id)).sent or {}
    assert sent["counted"]
    assert 600 < sent["question"] < 700


@pytest.mark.parametrize("told", [True, False], ids=["by the tokenizer", "by the engine's refusal"])
async def test_what_does_not_fit_is_a_choice(live_company: Company, told: bool) -> None:
    async with answering(live_company, context_length=LIMIT, told=told) as answers:
        conversation = await with_history(answers, 3, 250)
        message = await answers.asked_and_answered(conversation, f"{PART} {words(250)}")
        # The engine is not asked what its tokenizer has answered; its refusal is not among what it keeps.
        assert answers.bodies == [] or not told
    run = await run_of(message.run_id)
    assert (run.state, run.error_code, message.text) == (RunState.FAILED, "context_too_long", "")
    assert "compact" in (run.sent or {})["choices"]
    assert (await events(run.pk, "error"))[0]["code"] == "context_too_long"
    assert await compactions() == []


async def test_the_history_is_compacted_where_that_is_chosen_and_stays_so(live_company: Company) -> None:
    async with answering(live_company, context_length=LIMIT) as answers:
        conversation = await with_history(answers, 3, 200)
        asked = await answers.ask(conversation, f"{PART} Last one. {words(150)}")
        refused = await answers.answered(asked)
        assert (await run_of(refused.run_id)).error_code == "context_too_long"
        message = await answers.answered(await answers.again(asked, context="compact"))
        run = await run_of(message.run_id)
        assert (run.state, run.error_code) == (RunState.FINISHED, "")
        assert len({body["cache_salt"] for body in answers.bodies}) == 1
        assert len({body["request_id"] for body in answers.bodies}) == len(answers.bodies)
        (made,) = await compactions()
        after = await answers.asked_and_answered(conversation, f"{PART} And after it?")
        last = answers.bodies[-1]["messages"]
    sent = run.sent or {}
    assert sent["compacted"] == {
        "messages": made.messages,
        "before": made.tokens_before,
        "after": made.tokens_after,
        "compactions": [str(made.pk)],
    }
    assert made.messages >= 4
    assert made.text in last[1]["content"]
    assert "Number 0" not in json.dumps(last)
    steps = [(step["name"], step["state"]) for step in await events(run.pk, "step")]
    assert steps == [("compact", "begun"), ("compact", "done")]
    # The originals stay.
    first = await in_database_thread(lambda: conversation.messages.order_by("created_at").first())
    assert first is not None
    assert "Number 0" in first.text
    rows = await in_database_thread(lambda: list(Entry.objects.filter(action="conversation.compact")))
    assert [orjson.loads(row.body)["details"]["messages"] for row in rows] == [made.messages]
    assert ((await run_of(after.run_id)).sent or {})["compacted"]["messages"] == made.messages


async def test_a_long_question_is_read_in_parts_and_merged(live_company: Company) -> None:
    text = f"{PART} What does it say? {words(2500)}"
    async with answering(live_company, context_length=LIMIT) as answers:
        conversation = await answers.conversation()
        asked = await answers.ask(conversation, text, context="parts")
        message = await answers.answered(asked)
        bodies = answers.bodies
    run = await run_of(message.run_id)
    sent = run.sent or {}
    assert run.state == RunState.FINISHED
    parts = sent["parts"]["parts"]
    assert parts > 4
    assert len(bodies) == parts + 1
    assert len({body["cache_salt"] for body in bodies}) == 1
    assert all(body["chat_template_kwargs"] == {"enable_thinking": False} for body in bodies)
    read = sum(body["messages"][1]["content"].count("abc ") for body in bodies[:-1])
    assert read >= 2500
    steps = [step for step in await events(run.pk, "step") if step["name"] == "read"]
    assert [step["part"] for step in steps if step["state"] == "begun"] == list(range(1, parts + 1))
    assert "What does it say?" in bodies[-1]["messages"][1]["content"]
    # Of the run's tokens those of the parts are part.
    assert run.prompt_tokens > sent["tokens"]


async def test_what_was_read_in_parts_is_history_as_its_notes(live_company: Company) -> None:
    async with answering(live_company, context_length=LIMIT) as answers:
        conversation = await answers.conversation()
        asked = await answers.ask(conversation, f"{PART} What? {words(2500)}", context="parts")
        await answers.answered(asked)
        message = await answers.asked_and_answered(conversation, f"{PART} And now?")
        prompt = answers.bodies[-1]["messages"]
        whole = await answers.ask_whole(asked)
    assert (await run_of(message.run_id)).state == RunState.FINISHED
    (notes,) = await compactions()
    assert notes.text in prompt[1]["content"]
    # Answered anew, by an engine that reads more, say, the question is itself again.
    assert whole[-1].text == asked.question.text


async def test_a_worker_that_lost_the_run_keeps_nothing(live_company: Company) -> None:
    async with answering(live_company) as answers:
        asked = await answers.ask(await answers.conversation(), f"{PART} Now")

    def keep() -> list[object]:
        new = NewCompaction(asked.question.pk, "history", "A summary", 1, 9, 3)
        lease = timezone.now() + datetime.timedelta(minutes=1)
        Run.objects.update(state=RunState.RUNNING, fence=2, lease_until=lease)
        lost = store_compaction(asked.run.pk, 1, new)
        Run.objects.update(lease_until=timezone.now())
        late = store_compaction(asked.run.pk, 2, new)
        Run.objects.update(lease_until=lease)
        return [lost, late, store_compaction(asked.run.pk, 2, new)]

    lost, late, kept = await in_database_thread(keep)
    assert (lost, late) == (None, None)
    assert [made.pk for made in await compactions()] == [kept]
