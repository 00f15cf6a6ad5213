"""What people are told of conversations: that one was shared with them, or that they were mentioned in one.

A notice holds ids only. Title and names are read when it is shown, and it is shown only to whom the conversation is
open at that moment.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim

from portal.accounts.models import User
from portal.chat.models import Comment, Conversation, Message
from portal.core.actor import Actor
from portal.notices.models import Notice

SHARED, MENTIONED = "shared", "mention"
KINDS = (SHARED, MENTIONED)


def look(actor: Actor, rows: Sequence[Notice]) -> Mapping[uuid.UUID, Mapping[str, Any]]:
    """Title and names, of those whose conversation the actor may read and whose message is still there."""
    named = [_ids(row) for row in rows]
    there = _there(actor, [ids for ids in named if ids])
    found: dict[uuid.UUID, Mapping[str, Any]] = {}
    for row, ids in zip(rows, named, strict=True):
        if ids and all(pair in there for pair in ids.items()):
            found[row.pk] = {
                "title": there["conversation", ids["conversation"]],
                "by_name": there["by", ids["by"]],
                "message": row.body.get("message", ""),
                "comment": row.body.get("comment", ""),
            }
    return found


def _ids(row: Notice) -> dict[str, uuid.UUID]:
    """What a notice names; nothing where it is not as we write it."""
    try:
        named = {name: uuid.UUID(row.body[name]) for name in ("conversation", "by")}
        more = {name: uuid.UUID(row.body[name]) for name in ("message", "comment") if row.body.get(name)}
    except (KeyError, ValueError, TypeError):
        return {}
    return named | more


def _there(actor: Actor, named: Sequence[Mapping[str, uuid.UUID]]) -> dict[tuple[str, uuid.UUID], str]:
    """What of it is there and open to the actor, with its name, in one statement: each page of a workspace asks."""

    def asked(kind: str) -> list[uuid.UUID]:
        return [ids[kind] for ids in named if kind in ids]

    def text(value: Any) -> Any:  # noqa: ANN401  # an expression
        return Cast(value, CharField())

    full = NullIf(Trim(Concat("first_name", Value(" "), "last_name")), Value(""))
    open_now = Conversation.objects.allowed(actor, "conversation.view").order_by()
    parts: list[Any] = [
        open_now.filter(pk__in=asked("conversation")).values_list("pk", text("title"), text(Value("conversation"))),
        User.objects.filter(pk__in=asked("by"))
        .order_by()
        .values_list("pk", text(Coalesce(full, "username")), text(Value("by"))),
        Message.objects.filter(pk__in=asked("message"))
        .order_by()
        .values_list("pk", text(Value("")), text(Value("message"))),
        Comment.objects.filter(pk__in=asked("comment"))
        .order_by()
        .values_list("pk", text(Value("")), text(Value("comment"))),
    ]
    kept = [part for part, kind in zip(parts, ("conversation", "by", "message", "comment"), strict=True) if asked(kind)]
    return {(kind, pk): name for pk, name, kind in kept[0].union(*kept[1:], all=True)} if kept else {}
