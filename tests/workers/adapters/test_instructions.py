"""Instructions of a workspace: they are in every request, first, and the next answer has them as they are then."""

import itertools

from portal.core.threads import in_database_thread
from portal.prompts.services.instructions import set_instructions
from tests.people import Company
from tests.workers.adapters.answers import Answers, answering, run_of
from workers.adapters.prompt import SYSTEM_PROMPT
from workers.adapters.requests import cache_salt

PART = "[[part:answer tokens=12 tokens_per_s=2000]]"
TOLD = "Answer in Latin, whatever is asked."


async def tell(company: Company, text: str, person: str = "erin") -> None:
    actor = await in_database_thread(company.actor, person)
    await in_database_thread(set_instructions, actor, company.workspace(), text)


def systems(answers: Answers) -> list[str]:
    assert all(body["messages"][0]["role"] == "system" for body in answers.bodies)
    return [body["messages"][0]["content"] for body in answers.bodies]


async def test_a_request_holds_them_and_an_empty_one_adds_nothing(live_company: Company) -> None:
    async with answering(live_company) as answers:
        conversation = await answers.conversation()
        await answers.asked_and_answered(conversation, f"{PART} One?")
        await tell(live_company, TOLD)
        message = await answers.asked_and_answered(conversation, f"{PART} Two?")
        await tell(live_company, "")
        after = await answers.asked_and_answered(conversation, f"{PART} Three?")
        assert systems(answers) == [SYSTEM_PROMPT, f"{SYSTEM_PROMPT}\n\n{TOLD}", SYSTEM_PROMPT]
        assert all(str(body["messages"]).count(TOLD) <= 1 for body in answers.bodies)
        # They change nothing about whose cache it is.
        salts = {body["cache_salt"] for body in answers.bodies}
    assert salts == {cache_salt(live_company.departments["Logistics"].pk)}
    sent = (await run_of(message.run_id)).sent or {}
    assert 0 < sent["instructions"] < sent["system"]
    assert TOLD not in str(sent)
    assert "instructions" not in ((await run_of(after.run_id)).sent or {})


async def test_requests_extend_each_other_with_them_in_front(live_company: Company) -> None:
    async with answering(live_company) as answers:
        await tell(live_company, TOLD)
        conversation = await answers.conversation()
        for number in range(3):
            await answers.asked_and_answered(conversation, f"{PART} Number {number}?")
        prompts = [body["messages"] for body in answers.bodies]
    for earlier, later in itertools.pairwise(prompts):
        assert later[: len(earlier)] == earlier


async def test_another_workspace_is_not_told(live_company: Company) -> None:
    async with answering(live_company) as answers:
        actor = await in_database_thread(live_company.actor, "dana")
        await in_database_thread(set_instructions, actor, live_company.workspace("Legal"), TOLD)
        await answers.asked_and_answered(await answers.conversation(), f"{PART} One?")
        assert systems(answers) == [SYSTEM_PROMPT]


async def test_a_thinking_answer_has_them_too(live_company: Company) -> None:
    async with answering(live_company) as answers:
        await tell(live_company, TOLD)
        await answers.asked_and_answered(await answers.conversation(), f"{PART} Think.", thinking="deep")
        assert all(TOLD in system for system in systems(answers))


async def test_they_are_counted_where_the_prompt_is_long(live_company: Company) -> None:
    async with answering(live_company, context_length=1024) as answers:
        await tell(live_company, "abc " * 100)
        message = await answers.asked_and_answered(await answers.conversation(), f"{PART} {'abc ' * 600}")
    sent = (await run_of(message.run_id)).sent or {}
    assert sent["counted"]
    assert 95 <= sent["instructions"] <= 110
    assert sent["system"] > sent["instructions"]
