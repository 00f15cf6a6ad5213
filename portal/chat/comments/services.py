"""Writing, changing and deleting comments.

Whoever may read a conversation may comment on it: a comment asks nothing of the model, costs nothing and changes no
message, and to say something about what one was given to read is why it is shared for reading at all.
"""

import datetime
import uuid
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.journal import Target, record
from portal.chat.access import because_of_owner, refuse_unseen
from portal.chat.comments.selectors import Remark, remarks
from portal.chat.held import refuse_held
from portal.chat.mentions import tell_mentioned
from portal.chat.models import Comment, Conversation
from portal.chat.watch import tell_news
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Forbidden, Invalid, NotFound, RateLimited
from portal.core.text import clean_text

LONGEST_COMMENT = 4_000
MOST_OF_A_MESSAGE = 500
# Of one person, in all conversations.
MOST_A_MINUTE = 30
HELD = gettext_lazy("This conversation has to be kept as it is, comments too.")


@transaction.atomic
def write_comment(
    actor: Actor, conversation_id: uuid.UUID, message_id: uuid.UUID, text: str, mentions: Collection[uuid.UUID] = ()
) -> Remark:
    """Raises:
    NotFound, Sealed: the actor does not see the conversation, or it has no such message.
    Forbidden: he reads it under break-glass only.
    Invalid, TooLarge, RateLimited: the text is not acceptable, or there are very many.
    """
    conversation = _readable(actor, conversation_id)
    message = conversation.messages.filter(pk=message_id).first()
    if message is None:
        raise NotFound
    cleaned = clean_text(text, limit=LONGEST_COMMENT, name="comment")
    if Comment.objects.filter(message=message).count() >= MOST_OF_A_MESSAGE:
        raise Invalid(
            _("There are %(most_of_a_message)s comments on this message already.")
            % {"most_of_a_message": MOST_OF_A_MESSAGE},
            code="too_many_comments",
        )
    lately = now() - datetime.timedelta(minutes=1)
    if Comment.objects.filter(author_id=actor.person_id, created_at__gt=lately).count() >= MOST_A_MINUTE:
        raise RateLimited(_("Too many comments at once. Wait a minute, then send it again."))
    comment = Comment(conversation=conversation, message=message, author_id=actor.person_id, text=cleaned)
    comment.mentions = tell_mentioned(actor, conversation, message, mentions, comment)
    comment.save(force_insert=True)
    details = {"message": str(message.pk), "characters": len(cleaned), "mentions": len(comment.mentions)}
    return _done(actor, "comment.write", conversation, comment, details)


@transaction.atomic
def change_comment(
    actor: Actor, conversation_id: uuid.UUID, comment_id: uuid.UUID, text: str, mentions: Collection[uuid.UUID] = ()
) -> Remark:
    """One's own; whoever is mentioned anew is told. Raises as ``write_comment``; Conflict: a legal hold keeps it."""
    conversation, comment = _comment(actor, conversation_id, comment_id)
    if comment.author_id != actor.id:
        raise Forbidden(_("Only whoever wrote a comment changes it."), code="not_the_author")
    cleaned = clean_text(text, limit=LONGEST_COMMENT, name="comment")
    refuse_held(conversation, str(HELD))
    told = tell_mentioned(actor, conversation, comment.message, mentions, comment)
    comment.text, comment.edited_at, comment.mentions = cleaned, now(), told
    comment.save(update_fields=["text", "edited_at", "mentions"])
    details = {"message": str(comment.message_id), "characters": len(cleaned), "mentions": len(told)}
    return _done(actor, "comment.change", conversation, comment, details)


@transaction.atomic
def delete_comment(actor: Actor, conversation_id: uuid.UUID, comment_id: uuid.UUID) -> None:
    """One's own, or any in a conversation of one's own. Raises NotFound, Sealed, Forbidden; Conflict: a legal hold."""
    conversation, comment = _comment(actor, conversation_id, comment_id)
    if actor.id not in (comment.author_id, conversation.owner_id):
        raise Forbidden(
            _("A comment is deleted by whoever wrote it, or whose conversation it is."), code="not_the_author"
        )
    refuse_held(conversation, str(HELD))
    details = {"comment": str(comment.pk), "message": str(comment.message_id), "own": comment.author_id == actor.id}
    comment.delete()
    record(actor, "comment.delete", Target("conversation", conversation.pk), details=details)
    tell_news(conversation.pk, "comments")


def _readable(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """By right only. Raises NotFound, Sealed, Forbidden."""
    refuse_unseen(actor, conversation_id)
    found = Conversation.objects.allowed(actor, "conversation.view").filter(pk=conversation_id).first()
    if found is None:
        raise Forbidden(_("Break-glass opens a conversation for reading only."), code="reading_only")
    because_of_owner(actor, found)
    return found


def _comment(actor: Actor, conversation_id: uuid.UUID, comment_id: uuid.UUID) -> tuple[Conversation, Comment]:
    conversation = _readable(actor, conversation_id)
    rows = conversation.comments.select_related("message").select_for_update(of=("self",))
    comment = rows.filter(pk=comment_id).first()
    if comment is None:
        raise NotFound
    return conversation, comment


def _done(actor: Actor, act: str, conversation: Conversation, comment: Comment, details: dict[str, object]) -> Remark:
    record(actor, act, Target("conversation", conversation.pk), details={"comment": str(comment.pk), **details})
    tell_news(conversation.pk, "comments")
    return remarks(actor, conversation, conversation.comments.filter(pk=comment.pk))[0]
