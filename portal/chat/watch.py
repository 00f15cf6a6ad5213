"""Hearing, and telling, that a conversation has another title or place, or is gone: at the commit."""

import uuid

from django.db import connection

from portal.core.listening import ChannelWatch

CHANNEL = "conversations"

watch = ChannelWatch(CHANNEL)


def tell_at_commit(person: uuid.UUID, conversation: uuid.UUID) -> None:
    """The open pages of the person ask for it again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{person} {conversation}"])
