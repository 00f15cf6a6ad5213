"""Thinking: the budget reaches the engine, and thinking that is broken off goes on to the answer in the same run."""

import asyncio

import pytest

from portal.audit.models import Entry
from portal.core.threads import in_database_thread
from portal.runs.choices import RunState
from portal.runs.services.answer_now import answer_now
from portal.runs.services.lease import Wish, heartbeat
from portal.runs.services.start import stop_run
from tests.people import Company
from tests.workers.adapters.answers import Answers, answering, events, run_of

SLOW = "[[part:reasoning tokens=4000 tokens_per_s=100]] How many?"
QUICK = "[[part:reasoning tokens=40 tokens_per_s=2000]] How many?"


async def until_it_thinks(answers: Answers) -> None:
    for _ in range(600):
        if any(held.is_thinking for held in answers.keeper.held.values()) and answers.bodies:
            await asyncio.sleep(0.2)
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the model did not begin to think")


@pytest.mark.parametrize(
    ("effort", "enabled", "budget"),
    [
        ({}, False, None),
        ({"thinking": "deep"}, True, None),
        ({"thinking": "budgeted", "budget": 5}, True, 5),
        ({"thinking": "budgeted"}, True, 4096),
    ],
)
async def test_the_engine_is_told_how_much_to_think(
    effort: dict[str, object], enabled: bool, budget: int | None, live_company: Company
) -> None:
    async with answering(live_company) as answers:
        message = await answers.asked_and_answered(await answers.conversation(), QUICK, **effort)
        (body,) = answers.bodies
    assert body["chat_template_kwargs"] == {"enable_thinking": enabled}
    assert body.get("thinking_token_budget") == budget
    run = await run_of(message.run_id)
    thoughts = 0 if not enabled else min(10, budget or 10)
    assert (run.state, run.reasoning_tokens, run.completion_tokens) == (RunState.FINISHED, thoughts, 40 + thoughts)
    assert sum(delta.get("tokens", 0) for delta in await events(run.pk, "delta")) == thoughts


async def test_thinking_is_broken_off_and_the_answer_comes_in_the_same_message(live_company: Company) -> None:
    async with answering(live_company) as answers:
        asked = await answers.ask(await answers.conversation(), SLOW, thinking="deep")
        writing = asyncio.ensure_future(answers.answered(asked))
        await until_it_thinks(answers)
        (held,) = answers.keeper.held.values()
        held.answer_now()
        held.answer_now()
        for _ in range(200):
            if len(answers.bodies) > 1:
                break
            await asyncio.sleep(0.02)
        first, second = answers.bodies
        assert answers.engine.running == 1
        await asyncio.sleep(0.3)
        actor = await in_database_thread(live_company.actor, "alice")
        held.end("stopped")
        message = await writing
    assert actor
    assert first["chat_template_kwargs"] == {"enable_thinking": True}
    assert second["chat_template_kwargs"] == {"enable_thinking": False}
    assert second["cache_salt"] == first["cache_salt"]
    asked_first, asked_then = first["messages"][-1]["content"], second["messages"][-1]["content"]
    assert asked_then.startswith(asked_first)
    assert message.reasoning.strip().split("@")[0] in asked_then
    assert " t0@" in message.text
    assert " r0@" in message.reasoning
    assert {"name": "answer_now", "state": "done"} in await events(message.run_id, "step")
    run = await run_of(message.run_id)
    assert run.state == RunState.CANCELLED
    assert run.reasoning_tokens == message.reasoning.count(" r")


async def test_what_was_broken_off_is_counted_and_finished(live_company: Company) -> None:
    question = "[[part:reasoning tokens=120 tokens_per_s=60]] How many?"
    async with answering(live_company) as answers:
        asked = await answers.ask(await answers.conversation(), question, thinking="deep")
        writing = asyncio.ensure_future(answers.answered(asked))
        await until_it_thinks(answers)
        next(iter(answers.keeper.held.values())).answer_now()
        message = await writing
    run, thoughts = await run_of(message.run_id), message.reasoning.count(" r")
    assert 0 < thoughts < 30
    assert (run.state, run.reasoning_tokens, run.completion_tokens) == (RunState.FINISHED, thoughts, 120 + thoughts)
    assert message.text.count(" t") == 120
    assert (await events(run.pk, "state"))[-1]["state"] == "finished"


async def test_stopping_wins_over_answering_now(live_company: Company) -> None:
    async with answering(live_company) as answers:
        asked = await answers.ask(await answers.conversation(), SLOW, thinking="deep")
        writing = asyncio.ensure_future(answers.answered(asked))
        await until_it_thinks(answers)
        (held,) = answers.keeper.held.values()
        held.answer_now()
        held.end("stopped")
        message = await writing
        assert len(answers.bodies) == 1
    assert (await run_of(message.run_id)).state == RunState.CANCELLED
    assert message.text == ""


async def test_an_answer_that_has_begun_is_not_begun_again(live_company: Company) -> None:
    async with answering(live_company) as answers:
        text = "[[part:answer tokens=200 tokens_per_s=400]] How many?"
        asked = await answers.ask(await answers.conversation(), text, thinking="deep")
        writing = asyncio.ensure_future(answers.answered(asked))
        for _ in range(300):
            held = next(iter(answers.keeper.held.values()), None)
            if held and answers.bodies and not held.is_thinking:
                held.answer_now()
                break
            await asyncio.sleep(0.01)
        message = await writing
        assert len(answers.bodies) == 1
    assert message.text.count(" t") == 200


async def test_the_wish_is_kept_for_the_worker_that_holds_the_run_and_for_the_next(live_company: Company) -> None:
    async with answering(live_company) as answers:
        asked = await answers.ask(await answers.conversation(), QUICK, thinking="deep")
        actor = await in_database_thread(live_company.actor, "alice")
        for _ in range(2):
            await in_database_thread(answer_now, actor, asked.run)
        message = await answers.answered(asked)
        (body,) = answers.bodies
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert message.reasoning == ""
    assert await in_database_thread(lambda: Entry.objects.filter(action="run.answer_now").count()) == 1


async def test_the_heartbeat_tells_what_was_asked_of_a_run(live_company: Company) -> None:
    async with answering(live_company) as answers:
        asked = await answers.ask(await answers.conversation(), SLOW, thinking="deep")
        writing = asyncio.ensure_future(answers.answered(asked))
        await until_it_thinks(answers)
        run = await run_of(asked.run.pk)
        place = [(run.pk, run.fence)]
        actor = await in_database_thread(live_company.actor, "alice")
        wishes = [await in_database_thread(heartbeat, place)]
        await in_database_thread(answer_now, actor, run)
        wishes.append(await in_database_thread(heartbeat, place))
        await in_database_thread(stop_run, actor, run)
        wishes.append(await in_database_thread(heartbeat, place))
        assert [wish[run.pk] for wish in wishes] == [Wish.NOTHING, Wish.ANSWER_NOW, Wish.STOP]
        next(iter(answers.keeper.held.values())).end("stopped")
        await writing
