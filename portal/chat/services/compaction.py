"""Keeping what the model reads in place of messages that were too long for it."""

import uuid
from dataclasses import dataclass

from django.db import connection, transaction

from portal.audit.journal import Target, record
from portal.chat.services.answer import WORKER

# Only by the run's owner; a worker that lost it must not change what later prompts are made of.
_STORE = """
INSERT INTO chat_compaction (id, created_at, conversation_id, message_id, kind, text, messages,
    tokens_before, tokens_after)
SELECT %(id)s, now(), answer.conversation_id, covered.id, %(kind)s, %(text)s, %(messages)s, %(before)s, %(after)s
FROM runs_run run JOIN chat_message answer ON answer.run_id = run.id
    JOIN chat_message covered ON covered.id = %(message)s AND covered.conversation_id = answer.conversation_id
WHERE run.id = %(run)s AND run.fence = %(fence)s AND run.state = 'running' AND run.lease_until > now()
RETURNING conversation_id, (SELECT owner_id FROM runs_run WHERE id = %(run)s)
"""


_MARK = "UPDATE chat_message SET is_compacted = true WHERE id = %s AND NOT is_compacted"


@dataclass(frozen=True, slots=True)
class NewCompaction:
    """``message`` is the one it stands for, or the last of those."""

    message: uuid.UUID
    kind: str
    text: str
    messages: int
    tokens_before: int
    tokens_after: int


def store_compaction(run: uuid.UUID, fence: int, new: NewCompaction) -> uuid.UUID | None:
    """Its id; None where the caller no longer owns the run."""
    pk = uuid.uuid4()
    values: dict[str, str | int | uuid.UUID] = {
        "id": pk,
        "run": run,
        "fence": fence,
        "message": new.message,
        "kind": new.kind,
        "text": new.text,
        "messages": new.messages,
        "before": new.tokens_before,
        "after": new.tokens_after,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_STORE, values)
            row = cursor.fetchone()
        if row is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute(_MARK, [new.message])
        details = {"messages": new.messages, "before": new.tokens_before, "after": new.tokens_after, "kind": new.kind}
        record(WORKER, "conversation.compact", Target("conversation", row[0]), details=details, on_behalf_of=row[1])
    return pk
