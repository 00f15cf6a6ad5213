"""Taking messages into the search, by a job of its own: neither question nor answer waits for it.

A conversation is done when the search knows everything up to its newest question and nothing is being answered in it;
until then each tick looks at it again. What comes from elsewhere, an import say, is found in the same way.
"""

import time
import uuid
from typing import Any

from django.db import connection, transaction

from portal.chat.search.words import MOST_CHARACTERS, vector

# Conversations and messages in one transaction.
BATCH = 100
MESSAGES = 500

# One statement, and so one view of the data. What somebody is asking in or deleting comes at the next tick.
_WAITING = """
WITH waiting AS (
    SELECT id, owner_id, active_at FROM chat_conversation
    WHERE (indexed_at IS NULL OR NOT (indexed_at = active_at AND indexed_at IS NOT NULL))
        AND id <> ALL(%(later)s::uuid[])
    ORDER BY active_at DESC LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
SELECT waiting.id, waiting.active_at, waiting.owner_id, message.id, message.created_at, message.author,
    left(message.text, %(most)s),
    EXISTS (
        SELECT FROM chat_message answer JOIN runs_run run ON run.id = answer.run_id
        WHERE answer.conversation_id = waiting.id AND run.state NOT IN ('finished', 'failed', 'cancelled'))
FROM waiting LEFT JOIN LATERAL (
    SELECT id, created_at, author, text FROM chat_message
    WHERE conversation_id = waiting.id AND text <> ''
        AND NOT EXISTS (SELECT FROM chat_search_entry entry WHERE entry.message_id = chat_message.id)
    LIMIT %(messages)s
) message ON true
"""
_INSERT = """
INSERT INTO chat_search_entry (message_id, conversation_id, owner_id, at, words)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::tsvector[]) ON CONFLICT DO NOTHING
"""
_DONE = """
UPDATE chat_conversation SET indexed_at = done.active_at
FROM unnest(%s::uuid[], %s::timestamptz[]) AS done (id, active_at) WHERE chat_conversation.id = done.id
"""


def index_messages(*, seconds: float) -> bool:
    """For at most so long. Returns whether there was more to do."""
    began, later = time.monotonic(), list[uuid.UUID]()
    while True:
        found, unfinished = _index_batch(later)
        later += unfinished
        if not found:
            return False
        if time.monotonic() - began > seconds:
            return True


@transaction.atomic
def _index_batch(later: list[uuid.UUID]) -> tuple[int, list[uuid.UUID]]:
    """How many conversations there were, and those to look at again only at the next tick."""
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"batch": BATCH, "messages": MESSAGES, "most": MOST_CHARACTERS, "later": later}
        cursor.execute(_WAITING, parameters)
        rows = cursor.fetchall()
        new = [row for row in rows if row[3] is not None]
        vectors = [vector(row[6], label_of_owner(row[2]), label_of_author(row[5])) for row in new]
        columns = [[row[place] for row in new] for place in (3, 0, 2, 4)]
        cursor.execute(_INSERT, [*columns, vectors])
        counted: dict[uuid.UUID, int] = {}
        for row in new:
            counted[row[0]] = counted.get(row[0], 0) + 1
        states = {row[0]: (row[1], row[7]) for row in rows}
        # Of a long conversation the rest comes with the next batch.
        partly = {pk for pk, count in counted.items() if count == MESSAGES}
        unfinished = [pk for pk, (_, answering) in states.items() if answering and pk not in partly]
        done = [pk for pk, (_, answering) in states.items() if not answering and pk not in partly]
        cursor.execute(_DONE, [done, [states[pk][0] for pk in done]])
    return len(states), unfinished


def label_of_owner(owner: uuid.UUID) -> str:
    return f"@{owner.hex}"


def label_of_author(author: str) -> str:
    return f"@{author}"
