"""What the worker writes back into the conversation."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from portal.chat.models import Message
from portal.runs.choices import RunState
from portal.runs.events import JournalEvent
from portal.runs.selectors import journal_text
from portal.runs.services.start import Usage, close_run


def settle_answer(
    run_id: uuid.UUID,
    fence: int,
    state: RunState,
    *,
    text: str,
    reasoning: str,
    events: Sequence[JournalEvent],
    usage: Usage,
    error_code: str = "",
) -> None:
    """Close the run and keep its text in the message, in one transaction.

    Raises:
        LeaseLost: the writer no longer owns the run; nothing was written.
    """
    with transaction.atomic():
        close_run(run_id, fence, state, events, usage, error_code)
        Message.objects.filter(run_id=run_id).update(text=text, reasoning=reasoning)


def settle_unowned_answers(run_ids: Sequence[uuid.UUID]) -> None:
    """Keep what the journal has of answers whose run was ended without a worker."""
    for run_id in run_ids:
        text, reasoning = journal_text(run_id)
        Message.objects.filter(run_id=run_id).update(text=text, reasoning=reasoning)
