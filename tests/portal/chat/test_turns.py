"""Several people ask in one conversation: one answer is written at a time, and the others wait their turn."""

import uuid
from collections.abc import Callable
from functools import partial

import pytest

from portal.chat.models import Conversation, Message
from portal.chat.selectors import prompts
from portal.chat.services.answer import Settlement, settle_answers, take_back_lost_answers
from portal.chat.services.ask import Asked, Place, Question, ask, continue_answer, regenerate
from portal.chat.services.switch import switch_branch
from portal.chat.thinking import Effort
from portal.core.errors import Conflict
from portal.runs import doorbell
from portal.runs.choices import RunState
from portal.runs.models import Run
from portal.runs.services.lease import Claim, claim_runs
from portal.runs.services.recovery import reap
from portal.runs.services.start import stop_run
from tests.at_once import at_once
from tests.people import Company
from tests.portal.chat.shared import share
from tests.portal.runs.conftest import claimed, ending, let_lease_end


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The runs whose job was sent; nobody hears it."""
    sent: list[uuid.UUID] = []
    monkeypatch.setattr(doorbell._ringer, "_send", lambda runs: sent.extend(map(uuid.UUID, runs)))
    return sent


@pytest.fixture
def conversation(live_company: Company, rung: list[uuid.UUID]) -> Conversation:
    made = live_company.conversation("alice")
    for name in ("bob", "erin"):
        share(live_company, made, name)
    return made


def asks(company: Company, conversation: Conversation, name: str, text: str = "", place: Place | None = None) -> Asked:
    return ask(company.actor(name), conversation.pk, Question(text or f"{name} asks", place=place))


def begin(run: Run) -> Claim | None:
    """By a worker that was rung for it."""
    found = claim_runs([run.pk], "worker")
    return found[0] if found else None


def settle(claim: Claim, text: str = "An answer.") -> None:
    assert settle_answers([Settlement(ending(claim, claim.seq + 1), text, "")]) == [True]


def test_a_second_person_waits_for_the_first(
    live_company: Company, conversation: Conversation, rung: list[uuid.UUID]
) -> None:
    first = asks(live_company, conversation, "alice")
    claim = claimed(first.run)
    second = asks(live_company, conversation, "bob")
    assert (second.run.waits_for_id, second.question.parent_id) == (first.run.pk, first.answer.pk)
    assert begin(second.run) is None
    reap(ring_after_seconds=0)
    assert rung == [first.run.pk]
    settle(claim, "It is in Rotterdam.")
    assert rung == [first.run.pk, second.run.pk]
    assert begin(second.run) is not None
    turns = prompts([second.run.pk])[second.run.pk]
    assert [turn.text for turn in turns][:2] == ["alice asks", "It is in Rotterdam."]


def test_turns_keep_their_order(live_company: Company, conversation: Conversation) -> None:
    claim = claimed(asks(live_company, conversation, "alice").run)
    second = asks(live_company, conversation, "bob").run
    third = asks(live_company, conversation, "erin").run
    assert third.waits_for_id == second.pk
    settle(claim)
    assert begin(third) is None
    begun = begin(second)
    assert begun is not None
    assert begin(third) is None
    settle(begun)
    assert begin(third) is not None


def test_ones_own_second_question_is_refused(live_company: Company, conversation: Conversation) -> None:
    asks(live_company, conversation, "alice")
    asks(live_company, conversation, "bob")
    for name in ("alice", "bob"):
        with pytest.raises(Conflict) as refused:
            asks(live_company, conversation, name)
        assert refused.value.code == "still_answering"


@pytest.mark.parametrize("way", ["edit", "regenerate", "continue", "switch"])
def test_what_turns_the_branch_does_not_wait(live_company: Company, conversation: Conversation, way: str) -> None:
    first = asks(live_company, conversation, "alice")
    settle(claimed(first.run))
    other = asks(live_company, conversation, "alice", place=Place(None))
    settle(claimed(other.run))
    asks(live_company, conversation, "bob")
    erin = live_company.actor("erin")
    acts: dict[str, Callable[[], object]] = {
        "edit": lambda: ask(erin, conversation.pk, Question("Otherwise?", place=Place(None))),
        "regenerate": lambda: regenerate(erin, conversation.pk, first.answer.pk, Effort()),
        "continue": lambda: continue_answer(erin, conversation.pk, first.answer.pk),
        "switch": lambda: switch_branch(erin, conversation.pk, first.answer.pk),
    }
    with pytest.raises(Conflict) as refused:
        acts[way]()
    assert refused.value.code == "still_answering"


def test_a_withdrawn_question_leaves_its_place(
    live_company: Company, conversation: Conversation, rung: list[uuid.UUID]
) -> None:
    first = asks(live_company, conversation, "alice").run
    claim = claimed(first)
    second = asks(live_company, conversation, "bob").run
    third = asks(live_company, conversation, "erin").run
    stop_run(live_company.actor("bob"), second)
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.state, third.waits_for_id) == (RunState.CANCELLED, first.pk)
    assert begin(third) is None
    assert third.pk not in rung
    settle(claim)
    assert third.pk in rung
    assert begin(third) is not None


@pytest.mark.parametrize("way", ["stopped", "failed"])
def test_the_turn_passes_however_the_one_before_ends(
    live_company: Company, conversation: Conversation, rung: list[uuid.UUID], way: str
) -> None:
    first = asks(live_company, conversation, "alice").run
    if way == "failed":
        claimed(first)
    second = asks(live_company, conversation, "bob").run
    if way == "stopped":
        stop_run(live_company.actor("alice"), first)
    else:
        Run.objects.filter(pk=first.pk).update(attempts=99)
        let_lease_end(first.pk)
        take_back_lost_answers()
    first.refresh_from_db()
    assert first.state == {"stopped": RunState.CANCELLED, "failed": RunState.FAILED}[way]
    assert second.pk in rung
    assert begin(second) is not None


def test_a_lost_worker_keeps_its_turn(live_company: Company, conversation: Conversation) -> None:
    first = asks(live_company, conversation, "alice").run
    claimed(first)
    second = asks(live_company, conversation, "bob").run
    let_lease_end(first.pk)
    reap()
    assert begin(second) is None
    settle(claimed(first, "another"))
    assert begin(second) is not None


def test_a_lost_ring_is_made_good(
    live_company: Company, conversation: Conversation, rung: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = claimed(asks(live_company, conversation, "alice").run)
    second = asks(live_company, conversation, "bob").run
    monkeypatch.setattr("portal.runs.services.start.pass_the_turn", lambda ended: None)
    settle(claim)
    assert second.pk not in rung
    assert reap(ring_after_seconds=0).rung == 1
    assert second.pk in rung
    assert begin(second) is not None


def test_two_ask_in_the_same_instant(live_company: Company, conversation: Conversation) -> None:
    settled = asks(live_company, conversation, "alice")
    settle(claimed(settled.run))
    place = Place(settled.answer.pk, or_end=True)
    for _ in range(3):
        problems = at_once(
            *(partial(asks, live_company, conversation, name, place=place) for name in ("alice", "bob", "erin"))
        )
        assert problems == []
        waiting = list(Run.objects.unfinished())
        assert len(waiting) == 3
        assert len({run.waits_for_id for run in waiting}) == 3
        conversation.refresh_from_db()
        line: list[Message] = []
        message = conversation.head
        while message is not None and message.pk != settled.answer.pk:
            line.append(message)
            message = message.parent
        assert len(line) == 6
        for _ in range(3):
            (claim,) = claim_runs([run.pk for run in Run.objects.unfinished()], "worker")
            settle(claim)
        last = conversation.head
        assert last is not None
        place = Place(last.pk, or_end=True)
        settled = Asked(conversation, last, last, settled.run)


def test_an_ending_and_a_question_at_the_same_moment(live_company: Company, conversation: Conversation) -> None:
    """Whichever comes first, the question is rung for or waits for nothing."""
    for turn in range(6):
        first = asks(live_company, conversation, "alice").run
        claim = claimed(first) if turn % 2 else None
        end = partial(settle, claim) if claim else partial(stop_run, live_company.actor("alice"), first)
        assert at_once(end, lambda: asks(live_company, conversation, "bob")) == []
        second = Run.objects.unfinished().get()
        begun = begin(second)
        assert begun is not None
        settle(begun)


def test_a_question_goes_behind_what_others_asked_meanwhile(live_company: Company, conversation: Conversation) -> None:
    first = asks(live_company, conversation, "alice")
    settle(claimed(first.run))
    second = asks(live_company, conversation, "bob", place=Place(first.answer.pk, or_end=True))
    settle(claimed(second.run))
    behind = asks(live_company, conversation, "alice", place=Place(first.answer.pk, or_end=True))
    assert behind.question.parent_id == second.answer.pk
    settle(claimed(behind.run))
    # In another tab of one's own, what that tab does not show is another branch, as it always was.
    beside = asks(live_company, conversation, "alice", place=Place(second.answer.pk, or_end=True))
    assert beside.question.parent_id == second.answer.pk
    settle(claimed(beside.run))
    plain = asks(live_company, conversation, "alice", place=Place(first.answer.pk))
    assert plain.question.parent_id == first.answer.pk


def test_asking_behind_others_again_with_the_same_key(live_company: Company, conversation: Conversation) -> None:
    first = asks(live_company, conversation, "alice")
    second = asks(live_company, conversation, "bob")
    question = Question("Mine", idempotency_key="once", place=Place(first.answer.pk, or_end=True))
    erin = live_company.actor("erin")
    once = ask(erin, conversation.pk, question)
    assert once.question.parent_id == second.answer.pk
    assert ask(erin, conversation.pk, question).question == once.question
