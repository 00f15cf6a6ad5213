"""A conversation as JSON, in the shape that ``docs/exports.md`` describes and the import takes."""

from collections.abc import Sequence

import orjson

from portal.chat.comments.selectors import exported
from portal.chat.export.reading import Exported
from portal.chat.models import Conversation

FORMAT = "private-ai.conversation"
VERSION = 1


def as_json(conversation: Conversation, messages: Sequence[Exported]) -> bytes:
    said = exported(conversation)
    return orjson.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "id": conversation.pk,
            "title": conversation.title,
            "created_at": conversation.created_at,
            "active_at": conversation.active_at,
            "head": conversation.head_id,
            "messages": [
                {
                    "id": message.id,
                    "parent": message.parent,
                    "author": message.author,
                    "created_at": message.created_at,
                    "model": message.model,
                    "text": message.text,
                    "reasoning": message.reasoning,
                    **({"name": message.name} if message.name else {}),
                    # An import leaves these out: they are other people's.
                    "comments": [
                        {"author": name, "created_at": row.created_at, "text": row.text}
                        for name, row in said.get(message.id, ())
                    ],
                }
                for message in messages
            ],
        },
        option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z,
    )
