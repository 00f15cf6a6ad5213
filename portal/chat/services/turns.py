"""Whose turn it is where several people ask in one conversation: one answer is written at a time, the others wait."""

import uuid
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from portal.chat.choices import Author
from portal.chat.models import Conversation
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.errors import Conflict
from portal.runs.models import Run

# Locked against whoever ends one of them unowned, who takes FOR UPDATE: what waits for it must not be overlooked then.
# A worker claims them beside this.
_UNFINISHED = """
SELECT id, owner_id, waits_for_id FROM runs_run
WHERE id IN (SELECT run_id FROM chat_message WHERE conversation_id = %s AND run_id IS NOT NULL)
    AND state NOT IN ('finished', 'failed', 'cancelled')
ORDER BY id FOR KEY SHARE
"""

_GONE_ON = """
WITH RECURSIVE above AS (
    SELECT id, parent_id, author, person_id FROM chat_message WHERE id = %(head)s
    UNION ALL
    SELECT message.id, message.parent_id, message.author, message.person_id
    FROM chat_message message JOIN above ON message.id = above.parent_id
    WHERE message.id IS DISTINCT FROM %(parent)s
)
SELECT bool_or(parent_id IS NOT DISTINCT FROM %(parent)s)
    AND bool_or(author = %(person)s AND coalesce(person_id, %(owner)s) <> %(actor)s)
FROM above
"""


@dataclass(frozen=True, slots=True)
class _Unfinished:
    run: uuid.UUID
    owner: uuid.UUID
    waits_for: uuid.UUID | None


def refuse_while_answering(conversation: Conversation) -> None:
    """Raises Conflict."""
    if Run.objects.unfinished().filter(message__conversation=conversation).exists():
        raise _still_answering()


def turn_behind(actor: Actor, conversation: Conversation) -> uuid.UUID | None:
    """The run that the actor's question waits for. The caller has locked the conversation.

    Raises:
        Conflict: his own last question is not answered yet, or too many wait already.
    """
    if not Run.objects.unfinished().filter(message__conversation=conversation).exists():
        return None
    with connection.cursor() as cursor:
        cursor.execute(_UNFINISHED, [conversation.pk])
        unfinished = [_Unfinished(*row) for row in cursor.fetchall()]
    if any(item.owner == actor.id for item in unfinished):
        raise _still_answering()
    most = live.whole_number("questions_waiting")
    if unfinished and len(unfinished) > most:
        raise Conflict(
            _("Others have asked here already, and their questions wait. Try again when one of them is answered."),
            code="queue_full",
            details={"limit": most},
        )
    awaited = {item.waits_for for item in unfinished}
    return next((item.run for item in unfinished if item.run not in awaited), None)


def others_went_on(actor: Actor, conversation: Conversation, parent: uuid.UUID | None) -> bool:
    """Whether the branch that is shown goes on below ``parent``, and somebody else has asked there."""
    values = {
        "head": conversation.head_id,
        "parent": parent,
        "person": Author.PERSON.value,
        "owner": conversation.owner_id,
        "actor": actor.id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GONE_ON, values)
        return bool(cursor.fetchone()[0])


def _still_answering() -> Conflict:
    return Conflict(_("The last answer is still being written. Stop it first, or wait."), code="still_answering")
