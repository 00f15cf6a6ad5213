"""One owner at a time: claim, fence, heartbeat, append, close, and taking back what a lost worker held."""

import threading

from django.db import DatabaseError, connection

from portal.chat.services.answer import Settlement, settle_answers, take_back_lost_answers
from portal.configuration import live
from portal.runs.choices import RunState
from portal.runs.models import Run
from portal.runs.selectors import journal_text
from portal.runs.services.lease import Claim, Wish, claim_runs, heartbeat
from portal.runs.services.recovery import reap
from portal.runs.services.start import Usage, close_runs, stop_run
from tests.people import Company
from tests.portal.runs.conftest import append_events, claimed, delta, ending, journal, let_lease_end


def numbers(run: Run) -> list[int]:
    return [event.seq for event in journal(run.pk)]


def last_payload(run: Run) -> dict[str, object]:
    return journal(run.pk)[-1].payload


def lose_worker(run: Run) -> None:
    let_lease_end(run.pk)
    reap()


def test_a_claim_opens_the_journal(run: Run) -> None:
    claim = claimed(run)
    assert (claim.fence, claim.attempt, claim.seq) == (1, 1, 1)
    assert [(event.seq, event.type, event.payload) for event in journal(run.pk)] == [
        (1, "state", {"state": "running", "attempt": 1})
    ]


def test_what_is_owned_cannot_be_claimed(claim: Claim, run: Run) -> None:
    assert claim_runs([run.pk], "second") == []
    assert numbers(run) == [1]


def test_only_one_of_many_workers_gets_a_run(run: Run) -> None:
    claims: list[Claim] = []

    def work() -> None:
        claims.extend(claim_runs([run.pk], "worker"))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(claims) == 1
    assert numbers(run) == [1]


def test_a_heartbeat_prolongs_the_lease_and_brings_the_wish_to_stop(
    claim: Claim, run: Run, live_company: Company
) -> None:
    before = Run.objects.get(pk=run.pk).lease_until
    assert heartbeat([(run.pk, claim.fence)]) == {run.pk: Wish.NOTHING}
    after = Run.objects.get(pk=run.pk).lease_until
    assert before is not None
    assert after is not None
    assert after > before
    stop_run(live_company.actor("alice"), run)
    assert heartbeat([(run.pk, claim.fence)]) == {run.pk: Wish.STOP}


def test_a_paused_worker_cannot_write_after_its_lease(claim: Claim, run: Run) -> None:
    assert append_events([delta(claim, 2)]) == set()
    let_lease_end(run.pk)
    assert heartbeat([(run.pk, claim.fence)]) == {}
    assert append_events([delta(claim, 3)]) == {run.pk}
    assert not close_runs([ending(claim, 3)])
    assert numbers(run) == [1, 2]
    assert Run.objects.get(pk=run.pk).state == RunState.RUNNING


def test_a_paused_worker_cannot_write_beside_the_next_owner(claim: Claim, run: Run) -> None:
    append_events([delta(claim, 2)])
    lose_worker(run)
    second = claimed(run, "second")
    assert second.fence == claim.fence + 1
    assert append_events([delta(claim, second.seq + 1, "stale")]) == {run.pk}
    assert append_events([delta(second, second.seq + 1, "fresh")]) == set()
    assert heartbeat([(run.pk, claim.fence), (run.pk, second.fence)]) == {run.pk: Wish.NOTHING}
    assert settle_answers([Settlement(ending(claim, 9), "stale", "")]) == [False]
    assert journal_text(run.pk) == ("fresh", "")
    assert Run.objects.get(pk=run.pk).message.text == ""


def test_a_new_attempt_resets_the_text_and_keeps_counting(claim: Claim, run: Run) -> None:
    append_events([delta(claim, 2, "half an ans"), delta(claim, 3, "wer")])
    lose_worker(run)
    second = claimed(run, "second")
    append_events([delta(second, second.seq + 1, "whole")])
    events = journal(run.pk)
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event.payload for event in events if event.type == "state"][1:] == [
        {"state": "queued", "attempt": 1},
        {"state": "running", "attempt": 2, "reset": True},
    ]
    assert journal_text(run.pk) == ("whole", "")


def test_a_batch_is_judged_run_by_run(live_company: Company) -> None:
    held, lost = claimed(live_company.asked("alice").run), claimed(live_company.asked("bob").run)
    let_lease_end(lost.run)
    assert append_events([delta(held, 2), delta(lost, 2), delta(held, 3)]) == {lost.run}
    assert [event.seq for event in journal(held.run)] == [1, 2, 3]
    assert [event.seq for event in journal(lost.run)] == [1]


def test_runs_are_claimed_and_settled_together_and_judged_one_by_one(live_company: Company) -> None:
    runs = [live_company.asked(name).run for name in ("alice", "bob", "erin")]
    taken = claimed(runs[0])
    claims = {claim.run: claim for claim in claim_runs([run.pk for run in runs], "second")}
    assert set(claims) == {runs[1].pk, runs[2].pk}
    let_lease_end(runs[2].pk)
    batch = [Settlement(ending(claim, 2), f"answer {claim.run}", "") for claim in [taken, *claims.values()]]
    closed = dict(zip([item.ending.run for item in batch], settle_answers(batch), strict=True))
    assert closed == {runs[0].pk: True, runs[1].pk: True, runs[2].pk: False}
    for run in runs[:2]:
        found = Run.objects.get(pk=run.pk)
        assert (found.state, found.message.text) == (RunState.FINISHED, f"answer {run.pk}")
    assert numbers(runs[2]) == [1]


def test_workers_that_claim_and_beat_in_other_orders_do_not_lock_each_other_out(live_company: Company) -> None:
    runs = [live_company.asked().run.pk for _ in range(12)]
    claims: list[Claim] = []
    failed: list[DatabaseError] = []

    def work(order: int) -> None:
        try:
            for _ in range(10):
                mine = claim_runs(runs[::order], f"worker {order}")
                claims.extend(mine)
                heartbeat([(claim.run, claim.fence) for claim in claims[::order]])
        except DatabaseError as error:
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(order,)) for order in (1, -1, 1, -1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert sorted(claim.run for claim in claims) == sorted(runs)


def test_a_number_is_written_once(claim: Claim, run: Run) -> None:
    append_events([delta(claim, 2, "first")])
    assert append_events([delta(claim, 2, "again")]) == {run.pk}
    assert journal_text(run.pk) == ("first", "")


def test_a_settled_answer_is_whole(claim: Claim, run: Run) -> None:
    append_events([delta(claim, 2, "An answer.")])
    assert settle_answers([Settlement(ending(claim, 3, Usage(prompt=7, completion=3)), "An answer.", "")]) == [True]
    found = Run.objects.get(pk=run.pk)
    assert (found.state, found.prompt_tokens, found.completion_tokens) == (RunState.FINISHED, 7, 3)
    assert found.message.text == "An answer."
    assert numbers(run) == [1, 2, 3]
    assert claim_runs([run.pk], "second") == []
    assert append_events([delta(claim, 4)]) == {run.pk}


def test_a_run_without_attempts_left_fails(run: Run) -> None:
    for _ in range(live.whole_number("run_attempts") - 1):
        claimed(run)
        lose_worker(run)
    last = claimed(run)
    append_events([delta(last, last.seq + 1, "as far as it came")])
    let_lease_end(run.pk)
    assert claim_runs([run.pk], "one more") == []
    take_back_lost_answers()
    found = Run.objects.get(pk=run.pk)
    assert (found.state, found.error_code) == (RunState.FAILED, "worker_lost")
    assert [event.type for event in journal(run.pk)][-2:] == ["error", "state"]
    assert numbers(run) == list(range(1, len(numbers(run)) + 1))
    assert found.message.text == "as far as it came"


def test_a_stopped_queued_run_ends_at_once_and_is_never_begun(run: Run, live_company: Company) -> None:
    stop_run(live_company.actor("alice"), run)
    assert Run.objects.get(pk=run.pk).state == RunState.CANCELLED
    assert last_payload(run) == {"state": "cancelled", "attempt": 0}
    assert claim_runs([run.pk], "worker") == []
    stop_run(live_company.actor("alice"), run)
    assert numbers(run) == [1]


def test_a_stopped_run_whose_worker_is_lost_is_not_begun_again(claim: Claim, run: Run, live_company: Company) -> None:
    stop_run(live_company.actor("alice"), run)
    lose_worker(run)
    assert Run.objects.get(pk=run.pk).state == RunState.CANCELLED
    assert last_payload(run)["state"] == "cancelled"


def test_the_reaper_leaves_living_runs_alone(claim: Claim, run: Run) -> None:
    assert (reap().requeued, reap().ended) == ([], [])
    assert numbers(run) == [1]


def test_the_reaper_rings_again_for_a_job_that_nobody_heard(run: Run) -> None:
    assert reap(ring_after_seconds=3600).rung == 0
    assert reap(ring_after_seconds=0).rung == 1
