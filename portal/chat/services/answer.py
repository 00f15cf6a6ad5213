"""What the worker writes back into conversations."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from portal.audit.journal import Act, Target, record_acts
from portal.chat.models import Message
from portal.configuration import live
from portal.core.actor import system_actor
from portal.core.jobs import send_now
from portal.runs.choices import RunState
from portal.runs.selectors import journal_text
from portal.runs.services.recovery import reap
from portal.runs.services.start import Ending, Usage, close_runs

WORKER = system_actor("worker")

_KEEP = """
UPDATE chat_message message SET text = kept.text, reasoning = coalesce(nullif(kept.reasoning, ''), message.reasoning),
    branch_tokens = kept.tokens
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[]) AS kept (run_id, text, reasoning, tokens)
WHERE message.run_id = kept.run_id
RETURNING message.run_id, message.conversation_id, message.text <> '' AND EXISTS (
    SELECT FROM chat_message question JOIN chat_conversation conversation ON conversation.id = question.conversation_id
    WHERE question.id = message.parent_id AND question.parent_id IS NULL AND conversation.titled_by = 'words')
"""

TITLE_JOB = "conversations.title"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a run and the text that its message keeps."""

    ending: Ending
    text: str
    reasoning: str
    # What the branch takes in the next prompt, where the engine has counted.
    branch_tokens: int | None = None


def settle_answers(batch: Sequence[Settlement]) -> list[bool]:
    """Close the runs and keep their texts, in one transaction.

    Returns, for each, whether it was closed; where it was not, its writer no longer owns the run.
    """
    with transaction.atomic():
        closed = close_runs([item.ending for item in batch])
        kept = [item for item in batch if item.ending.run in closed]
        with connection.cursor() as cursor:
            runs = [item.ending.run for item in kept]
            texts, thoughts = [item.text for item in kept], [item.reasoning for item in kept]
            cursor.execute(_KEEP, [runs, texts, thoughts, [item.branch_tokens for item in kept]])
            finished = {item.ending.run for item in kept if item.ending.state == RunState.FINISHED}
            untitled = [str(pk) for run, pk, is_first in cursor.fetchall() if is_first and run in finished]
        record_acts(WORKER, [_executed(item.ending, closed[item.ending.run]) for item in kept])
        if untitled and live.flag("titles_by_model"):
            transaction.on_commit(lambda: send_now(TITLE_JOB, {"conversation_ids": untitled}, "background"))
    return [item.ending.run in closed for item in batch]


def _executed(ending: Ending, owner: uuid.UUID) -> Act:
    return Act(
        "run.execute",
        Target("run", ending.run),
        outcome="failed" if ending.state == RunState.FAILED else "allowed",
        reason=ending.error_code,
        details={"state": ending.state, **_tokens(ending.usage)},
        on_behalf_of=owner,
        place="runs.execute",
    )


def _tokens(usage: Usage) -> dict[str, int]:
    return {"prompt": usage.prompt, "completion": usage.completion, "reasoning": usage.reasoning}


def take_back_lost_answers() -> None:
    """Take back what lost workers held, and keep what the journal has of the answers that ended by it."""
    with transaction.atomic():
        for run_id in reap().ended:
            text, reasoning = journal_text(run_id)
            kept = {name: value for name, value in (("text", text), ("reasoning", reasoning)) if value}
            if kept:
                # A continued answer keeps its beginning where its journal has nothing yet.
                Message.objects.filter(run_id=run_id).update(**kept)
