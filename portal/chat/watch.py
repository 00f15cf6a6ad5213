"""Hearing, and telling, what is new of conversations: at the commit.

``watch`` is one person's: a title or place is another one, or a conversation is gone. ``news`` is for whoever has the
conversation open.
"""

import uuid

from django.db import connection

from portal.core.listening import ChannelWatch

CHANNEL = "conversations"
NEWS_CHANNEL = "conversation_news"

watch = ChannelWatch(CHANNEL)
news = ChannelWatch(NEWS_CHANNEL)


def tell_at_commit(person: uuid.UUID, conversation: uuid.UUID) -> None:
    """The open pages of the person ask for it again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{person} {conversation}"])


def tell_news(conversation: uuid.UUID, what: str) -> None:
    """Whoever has the conversation open, and may still read it, asks for it again.

    ``what`` is one short word and never content: ``messages``, ``title``, ``comments``, ``shared``.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [NEWS_CHANNEL, f"{conversation} {what}"])
