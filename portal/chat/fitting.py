"""What of a conversation is known to fit into a context before an engine is asked.

The portal knows no engine: the history is what the engine counted with the last answer, the rest is estimated. Refused
is only what cannot fit by any count; the worker, who can count, decides about the rest.
"""

import uuid
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy

from portal.chat.estimate import CHARACTERS_A_TOKEN, about
from portal.chat.models import Message
from portal.core.actor import Actor
from portal.core.errors import AppError
from portal.engines.models import Engine
from portal.engines.selectors import engines_that_read
from portal.runs.choices import ContextChoice

# Smaller questions are left to the worker, so that asking takes no more statements.
LONG_SHARE = 4
# No text has so few tokens: twice as many characters in each as in plain prose.
CERTAINLY = 2

_SIZE = """
WITH RECURSIVE branch AS (
    SELECT id, parent_id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT message.id, message.parent_id FROM chat_message message JOIN branch ON message.id = branch.parent_id
)
SELECT coalesce(sum(octet_length(message.text)), 0)::bigint FROM branch JOIN chat_message message USING (id)
"""


class TooLong(AppError):
    status = 409
    code = "context_too_long"
    default_message = gettext_lazy("This is longer than the model can read at once. Choose what to do.")


def history_tokens(head: Message) -> tuple[int, bool]:
    """What the branch down to this message takes in the next prompt, and whether an engine has counted it."""
    if head.branch_tokens is not None:
        return head.branch_tokens, True
    return _estimated_branch(head.pk), False


def refuse_what_cannot_fit(actor: Actor, question: Message, context: str, engine: Engine, documents: int = 0) -> None:
    """Raises TooLong, with the sizes and what can be done."""
    limit, own = engine.context_tokens, about(question.text) + documents
    if not limit or own <= limit // LONG_SHARE or context == ContextChoice.PARTS:
        return
    history = 0
    if question.parent_id is not None and context != ContextChoice.COMPACT:
        counted = Message.objects.filter(pk=question.parent_id).values_list("branch_tokens", flat=True).first()
        history = counted or 0
    if history + own // CERTAINLY <= limit:
        return
    raise TooLong(details=choices_for(actor, engine, history, own))


def choices_for(actor: Actor, engine: Engine, history: int, question: int) -> dict[str, Any]:
    """Sizes and choices, as the API tells them. ``compact`` only where the rest would fit."""
    choices = ["compact"] if history and question <= engine.context_tokens else []
    longer = [found for found in engines_that_read(actor, history + question) if found.pk != engine.pk]
    return {
        "limit": engine.context_tokens,
        "history": history,
        "question": question,
        "choices": [*choices, "parts"],
        "engines": [
            {"id": str(found.pk), "name": found.name, "context_tokens": found.context_tokens} for found in longer
        ],
    }


def _estimated_branch(leaf: uuid.UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SIZE, [leaf])
        return int(cursor.fetchone()[0]) // CHARACTERS_A_TOKEN
