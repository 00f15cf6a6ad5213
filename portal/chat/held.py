"""Whether a legal hold keeps a conversation as it is."""

from django.db import connection

from portal.chat.keeping import held_condition
from portal.chat.models import Conversation
from portal.core.errors import Conflict


def refuse_held(conversation: Conversation, message: str) -> None:
    """The triggers refuse it anyway; this says so in words. Raises Conflict."""
    is_held, people = held_condition()
    statement = f"SELECT {is_held} FROM chat_conversation conversation WHERE id = %(held)s"  # noqa: S608  # our own
    with connection.cursor() as cursor:
        cursor.execute(statement, people | {"held": conversation.pk})
        found = cursor.fetchone()
    if found and found[0]:
        raise held(message)


def held(message: str) -> Conflict:
    return Conflict(message, code="held")
