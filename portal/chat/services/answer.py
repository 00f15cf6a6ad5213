"""What the worker writes back into conversations."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from portal.audit.journal import Act, Target, record_acts
from portal.chat.models import Message
from portal.core.actor import system_actor
from portal.runs.choices import RunState
from portal.runs.selectors import journal_text
from portal.runs.services.recovery import reap
from portal.runs.services.start import Ending, close_runs

WORKER = system_actor("worker")

_KEEP = """
UPDATE chat_message message SET text = kept.text, reasoning = coalesce(nullif(kept.reasoning, ''), message.reasoning)
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS kept (run_id, text, reasoning) WHERE message.run_id = kept.run_id
"""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a run and the text that its message keeps."""

    ending: Ending
    text: str
    reasoning: str


def settle_answers(batch: Sequence[Settlement]) -> list[bool]:
    """Close the runs and keep their texts, in one transaction.

    Returns, for each, whether it was closed; where it was not, its writer no longer owns the run.
    """
    with transaction.atomic():
        closed = close_runs([item.ending for item in batch])
        kept = [item for item in batch if item.ending.run in closed]
        with connection.cursor() as cursor:
            runs = [item.ending.run for item in kept]
            cursor.execute(_KEEP, [runs, [item.text for item in kept], [item.reasoning for item in kept]])
        record_acts(WORKER, [_executed(item.ending, closed[item.ending.run]) for item in kept])
    return [item.ending.run in closed for item in batch]


def _executed(ending: Ending, owner: uuid.UUID) -> Act:
    return Act(
        "run.execute",
        Target("run", ending.run),
        outcome="failed" if ending.state == RunState.FAILED else "allowed",
        reason=ending.error_code,
        details={"state": ending.state, "prompt": ending.usage.prompt, "completion": ending.usage.completion},
        on_behalf_of=owner,
        place="runs.execute",
    )


def take_back_lost_answers() -> None:
    """Take back what lost workers held, and keep what the journal has of the answers that ended by it."""
    with transaction.atomic():
        for run_id in reap().ended:
            text, reasoning = journal_text(run_id)
            kept = {name: value for name, value in (("text", text), ("reasoning", reasoning)) if value}
            if kept:
                # A continued answer keeps its beginning where its journal has nothing yet.
                Message.objects.filter(run_id=run_id).update(**kept)
