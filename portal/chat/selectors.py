"""Reading conversations, as someone."""

import datetime
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery, prefetch_related_objects
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from portal.chat.choices import Author, CompactionKind
from portal.chat.models import Attachment, Comment, Compaction, Conversation, ConversationQuerySet, Message
from portal.chat.speakers import Speakers, speakers
from portal.core.actor import Actor
from portal.core.errors import Invalid
from portal.files.models import Page
from portal.files.selectors import texts
from portal.files.storage import view_path_of

# From a leaf towards the root, at most so many messages; newest first.
_BRANCH = """(
WITH RECURSIVE branch AS (
    SELECT id, parent_id, 1 AS depth FROM chat_message WHERE id = %s
    UNION ALL
    SELECT message.id, message.parent_id, branch.depth + 1
    FROM chat_message message JOIN branch ON message.id = branch.parent_id WHERE branch.depth < %s
)
SELECT id FROM branch
)"""

_PROMPTS = """
WITH RECURSIVE branch AS (
    SELECT run_id, id, parent_id, 0 AS depth FROM chat_message WHERE run_id = ANY(%s)
    UNION ALL
    SELECT branch.run_id, message.id, message.parent_id, branch.depth + 1
    FROM chat_message message JOIN branch ON message.id = branch.parent_id
)
SELECT branch.run_id, message.author, message.text, message.id, (message.created_at AT TIME ZONE 'UTC')::date,
    message.reasoning <> '', compaction.id, compaction.kind, compaction.text, compaction.messages,
    coalesce(message.person_id, conversation.owner_id),
    EXISTS (SELECT FROM chat_attachment attachment WHERE attachment.message_id = message.id)
FROM branch JOIN chat_message message ON message.id = branch.id
JOIN chat_conversation conversation ON conversation.id = message.conversation_id
LEFT JOIN LATERAL (
    SELECT id, kind, text, messages FROM chat_compaction WHERE message_id = message.id ORDER BY created_at DESC LIMIT 1
) compaction ON true
ORDER BY branch.run_id, branch.depth DESC
"""


@dataclass(frozen=True, slots=True)
class Document:
    id: uuid.UUID
    name: str
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a prompt, in the engine's roles (``user``, ``assistant``). Old reasoning is left out.

    ``summary`` is the role of what stands for messages before it. A ``compaction`` is read in place of ``stands_for``
    messages.
    """

    role: str
    text: str
    documents: tuple[Document, ...] = ()
    message: uuid.UUID | None = None
    # The day on which a person asked, in UTC.
    asked_on: datetime.date | None = None
    had_thoughts: bool = False
    compaction: uuid.UUID | None = None
    stands_for: int = 0
    # Pictures among the files, for engines that see: where their small copies are kept.
    pictures: tuple[Path, ...] = ()


def conversations(actor: Actor, workspace_id: uuid.UUID) -> ConversationQuerySet:
    """One's conversations in a workspace, newest first. What is open under break-glass has a list of its own."""
    found = Conversation.objects.allowed(actor, "conversation.view")
    return found.filter(workspace_id=workspace_id).order_by("-active_at", "-id")


def conversations_before(
    found: ConversationQuerySet, active_at: datetime.datetime, pk: uuid.UUID
) -> ConversationQuerySet:
    """The part of a newest-first list that comes after the given row (keyset pagination)."""
    return found.filter(Q(active_at__lt=active_at) | Q(active_at=active_at, pk__lt=pk))


def branch(
    conversation: Conversation,
    *,
    before: uuid.UUID | None = None,
    leaf: uuid.UUID | None = None,
    limit: int = 20,
) -> list[Message]:
    """The last ``limit`` messages of the branch that is shown (or those above message ``before``), oldest first.

    ``leaf`` shows the branch that ends there, a message of this conversation.

    Raises:
        Invalid: ``before`` is not a message of this conversation.
    """
    leaf = leaf or conversation.head_id
    if before is not None:
        above = conversation.messages.filter(pk=before).values_list("parent_id", flat=True)
        if not above:
            raise Invalid(_("There is no such message here."), code="unknown_message")
        leaf = above[0]
    if leaf is None:
        return []
    # Named by their ids alone, so that they are looked up one by one and not among all of the conversation.
    rows = Message.objects.filter(pk__in=RawSQL(_BRANCH, [leaf, limit])).select_related("run__engine", "person")  # noqa: S611  # constant
    rows = rows.annotate(
        has_files=Exists(Attachment.objects.filter(message=OuterRef("pk"))), comment_count=comment_count()
    )
    found = {message.pk: message for message in rows if message.conversation_id == conversation.pk}
    upwards: list[Message] = []
    while leaf in found:
        upwards.append(found[leaf])
        leaf = found[leaf].parent_id
    with_files = [message for message in upwards if getattr(message, "has_files", False)]
    if with_files:
        prefetch_related_objects(with_files, Prefetch("attachments", Attachment.objects.select_related("file")))
        for message in with_files:
            message.files_sent = [attachment.file for attachment in message.attachments.all()]
    return upwards[::-1]


def comment_count() -> Coalesce:
    """Of messages, as an annotation."""
    of_message = Comment.objects.filter(message=OuterRef("pk")).order_by().values("message")
    return Coalesce(Subquery(of_message.annotate(count=Count("pk")).values("count")), 0)


def compactions(messages: Sequence[uuid.UUID]) -> dict[uuid.UUID, Compaction]:
    """What the model reads in place of them, by message; of messages whose conversation the caller has opened."""
    return {found.message_id: found for found in Compaction.objects.filter(message__in=messages).order_by("created_at")}


def prompts(run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Turn]]:
    """The branches above the answers that the runs write, oldest first; stopped answers without text are left out.

    Where an answer is continued, its beginning comes last. For the worker that owns the runs.
    """
    found: dict[uuid.UUID, list[Turn]] = {run_id: [] for run_id in run_ids}
    whole: dict[uuid.UUID, Turn] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PROMPTS, [list(run_ids)])
        rows = cursor.fetchall()
    documents, pictures = _attached([row[3] for row in rows if row[-1]])
    for row in _with_speakers(rows):
        run_id, author, text, message, day, thought, compaction, kind, read, stands_for, *_ = row
        turn = Turn(author, text, documents.get(message, ()), message, day, thought, pictures=pictures.get(message, ()))
        if kind == CompactionKind.HISTORY:
            found[run_id] = [Turn("summary", read, (), message, None, False, compaction, stands_for)]
        elif kind == CompactionKind.NOTES:
            found[run_id].append(Turn(author, read, (), message, day, thought, compaction, stands_for))
            whole[run_id] = turn
        elif text or author == Author.PERSON:
            found[run_id].append(turn)
    for run_id, turn in whole.items():
        # What is asked is read as it is; its notes are for when it is history.
        if found[run_id][-1].message == turn.message:
            found[run_id][-1] = turn
    return found


def _with_speakers(rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The rows of prompts, with the names of who asks where several people do."""
    askers: dict[uuid.UUID, set[uuid.UUID]] = {}
    for run_id, author, *_others, person, _has_files in rows:
        if author == Author.PERSON:
            askers.setdefault(run_id, set()).add(person)
    several = {run_id for run_id, people in askers.items() if len(people) > 1}
    people = speakers(person for run_id in several for person in askers[run_id]) if several else {}
    branches = {run_id: Speakers(people) for run_id in several}
    for row in rows:
        run_id, author, text, *rest = row
        if run_id in several and author == Author.PERSON:
            said = branches[run_id].said(row[-2], text)
            message, day, thought, compaction, kind, read, *others = rest
            if kind == CompactionKind.NOTES:
                # They are read in place of the question once it is history.
                read = f"{said[: len(said) - len(text)]}{read}"
            yield [run_id, author, said, message, day, thought, compaction, kind, read, *others]
        else:
            yield row


def document_text(pages: Sequence[Page]) -> str:
    """Pages with the marks by which an answer can say where something stands."""
    return "\n\n".join(
        f"[Page {page.number} of {len(pages)}{f': {page.title}' if page.title else ''}]\n{page.text}" for page in pages
    )


def _attached(
    messages: Sequence[uuid.UUID],
) -> tuple[dict[uuid.UUID, tuple[Document, ...]], dict[uuid.UUID, tuple[Path, ...]]]:
    """By message: its files as documents, and where the pictures among them are."""
    documents: dict[uuid.UUID, tuple[Document, ...]] = {}
    pictures: dict[uuid.UUID, tuple[Path, ...]] = {}
    if not messages:
        return documents, pictures
    rows = list(Attachment.objects.filter(message__in=messages).select_related("file").order_by("message", "position"))
    pages = texts([row.file_id for row in rows])
    made = {
        row.file_id: Document(row.file_id, row.file.name, document_text(pages[row.file_id]), row.file.tokens)
        for row in rows
    }
    for row in rows:
        documents[row.message_id] = (*documents.get(row.message_id, ()), made[row.file_id])
        if row.file.has_view:
            pictures[row.message_id] = (*pictures.get(row.message_id, ()), view_path_of(row.file.stored_as))
    return documents, pictures
