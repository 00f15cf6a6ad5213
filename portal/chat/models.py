import datetime
import uuid
from collections.abc import Sequence
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _

from portal.chat.break_glass.models import BreakGlass
from portal.chat.choices import OPENS, Author, CompactionKind, OpenTo, Thinking, TitledBy
from portal.chat.comments.models import Comment
from portal.chat.imports.models import Import, ImportOrigin, ImportProblem
from portal.chat.placing.models import Folder, Placing
from portal.chat.search.models import Entry as SearchEntry
from portal.core.actor import Actor
from portal.core.catalogue import CONVERSATION, rights_on
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.models import (
    DenialBase,
    Kind,
    PersonGrantBase,
    SubjectGrantBase,
    Whom,
    Workspace,
    denied,
    given,
    given_ids,
    held,
    reason_value,
    register_kind,
)
from portal.files.models import File
from portal.files.models import register_reach as register_file_reach
from portal.runs.choices import RunKind, RunState
from portal.runs.models import Run, register_reach

__all__ = [
    "NOT_INDEXED",
    "Attachment",
    "Comment",
    "Compaction",
    "Conversation",
    "ConversationDenial",
    "ConversationGrant",
    "ConversationQuerySet",
    "ConversationSubjectGrant",
    "Folder",
    "Import",
    "ImportOrigin",
    "ImportProblem",
    "Message",
    "Placing",
    "SearchEntry",
]


class ConversationQuerySet(ScopedQuerySet["Conversation"]):
    def allowed(self, actor: Actor, action: str) -> Self:
        """Those on which the actor holds the right. No platform role opens a conversation."""
        return self.allowed_to(Whom.of(actor), action) if actor.is_person else self.none()

    def allowed_to(self, whom: Whom, action: str) -> Self:
        """One's own, by the rights that one has in its workspace, and those that are shared with one.

        Whoever may not open the workspace reads nothing in it, however it was shared; no role opens what others own.
        What its owner has deleted is nobody's, except under break-glass, which a deletion does not escape.
        """
        return self.filter(_held(whom, action), deleted_at=None)

    def deleted_by(self, actor: Actor) -> Self:
        """Those that he has deleted, of what he could read otherwise."""
        if not actor.is_person:
            return self.none()
        held = _held(Whom.of(actor), "conversation.view")
        return self.filter(held, owner_id=actor.person_id, deleted_at__isnull=False)

    def shared_with(self, actor: Actor) -> Self:
        """Those that others own and share with him, and that he may read."""
        if not actor.is_person:
            return self.none()
        given = Q(pk__in=given_ids(actor.person_id, "conversation.view", CONVERSATIONS))
        opened = Q(pk__in=Conversation.objects.exclude(open_to=OpenTo.NOBODY).values("pk"))
        return self.allowed(actor, "conversation.view").filter(given | opened).exclude(owner_id=actor.person_id)

    def with_sharing(self) -> Self:
        """``is_shared`` says whether others than the owner were given it."""
        outer = models.OuterRef("pk")
        given = [table.objects.filter(content_object=outer) for table in (ConversationGrant, ConversationSubjectGrant)]
        shared = ~Q(open_to=OpenTo.NOBODY) | Q(models.Exists(given[0])) | Q(models.Exists(given[1]))
        return self.annotate(is_shared=models.ExpressionWrapper(shared, output_field=models.BooleanField()))

    def unsealed_for(self, asker: uuid.UUID) -> Self:
        """Those that he may read at this moment under break-glass: whatever his rights, and for reading only."""
        return self.filter(_unsealed(asker))

    def in_scope(self, request: BreakGlass) -> Self:
        """Those that a break-glass request is about, whatever its state."""
        if request.conversation_id is not None:
            return self.filter(pk=request.conversation_id)
        found = self.filter(workspace_id=request.workspace_id)
        return found if request.owner_id is None else found.filter(owner_id=request.owner_id)

    def _visible_to_person(self, actor: Actor) -> Self:
        if not actor.has_platform_role:
            return self.allowed(actor, "conversation.view")
        standing = Q(_held(Whom.of(actor), "conversation.view"), deleted_at=None)
        return self.filter(standing | _unsealed(actor.person_id))


def _held(whom: Whom, action: str) -> Q:
    return Q(
        Q(held(whom, action, CONVERSATIONS), owner_id=whom.value)
        | given(whom, action, CONVERSATIONS)
        | Q(open_to__in=[level for level, rights in OPENS.items() if action in rights]),
        ~denied(whom, action, CONVERSATIONS),
        models.Exists(
            Workspace.objects.filter(pk=models.OuterRef("workspace_id")).allowed_to(whom.inside, "workspace.view")
        ),
    )


def _unsealed(asker: uuid.UUID) -> Q:
    own = BreakGlass.objects.active().filter(asker_id=asker)
    outer = models.OuterRef("pk"), models.OuterRef("workspace_id"), models.OuterRef("owner_id")
    return Q(models.Exists(own.over(*outer)))


# What the search does not know, or not all of it.
NOT_INDEXED = Q(indexed_at=None) | ~Q(indexed_at=models.F("active_at"))


class Conversation(BaseModel):
    # Its index is that of the oldest, below.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(_("title"), max_length=120)
    thinking = models.CharField(max_length=16, choices=Thinking.choices, default=Thinking.OFF)
    # What was chosen last, in tokens; none while nothing was.
    thinking_budget = models.PositiveIntegerField(null=True)
    # The leaf of the branch that is shown; messages form a tree through their parents.
    head = models.ForeignKey("chat.Message", on_delete=models.SET_NULL, null=True, related_name="+")
    active_at = models.DateTimeField()
    titled_by = models.CharField(max_length=16, choices=TitledBy.choices, default=TitledBy.WORDS)
    # What everybody may do in it who may open its workspace.
    open_to = models.CharField(
        max_length=8, choices=OpenTo.choices, default=OpenTo.NOBODY, db_default=OpenTo.NOBODY, blank=True
    )
    # When it came into its workspace from another one: older runs are of that one still.
    moved_at = models.DateTimeField(null=True)
    # Out of every view from then on; the sweep of retention deletes it in the end.
    deleted_at = models.DateTimeField(null=True)
    # The value of ``active_at`` up to which the search knows its messages.
    indexed_at = models.DateTimeField(null=True)

    objects = ConversationQuerySet.as_manager()

    # Set where it is being read under break-glass, and not by a right.
    unsealed_by: BreakGlass | None = None
    # Set where it is listed among what its owner may bring back.
    restorable_until: datetime.datetime | None = None

    class Meta:
        db_table = "chat_conversation"
        default_permissions = ()
        permissions = [(action.name, action.description) for action in rights_on(CONVERSATION)]
        indexes = [
            models.Index(fields=["owner", "workspace", "-active_at", "-id"], name="chat_newest_of_owner"),
            models.Index(fields=["workspace", "active_at"], name="chat_oldest_of_workspace"),
            models.Index(fields=["deleted_at"], name="chat_deleted", condition=Q(deleted_at__isnull=False)),
            models.Index(fields=["active_at"], name="chat_not_indexed", condition=NOT_INDEXED),
            models.Index(fields=["workspace"], name="chat_open_to_workspace", condition=~Q(open_to="")),
        ]

    def __str__(self) -> str:
        return str(self.pk)


def _conversation_of_run(whom: Whom, action: str) -> Q:
    answered = Conversation.objects.filter(messages__run=models.OuterRef("pk"))
    return Q(models.Exists(answered.allowed_to(whom.inside, action)))


def _unsealed_run(asker: uuid.UUID) -> Q:
    answered = Conversation.objects.filter(messages__run=models.OuterRef("pk"))
    return Q(models.Exists(answered.unsealed_for(asker)))


def _way_to_run(whom: Whom) -> Case:
    own = Conversation.objects.filter(messages__run=models.OuterRef("pk"), owner_id=whom.inside.value)
    return Case(When(models.Exists(own), then=reason_value("owner")), default=reason_value("grant"))


register_reach(RunKind.CHAT, _conversation_of_run, _unsealed_run, _way_to_run)


class ConversationGrant(PersonGrantBase):
    content_object = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="person_grants")

    class Meta(PersonGrantBase.Meta):
        db_table = "chat_conversation_grant"


class ConversationSubjectGrant(SubjectGrantBase):
    content_object = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="subject_grants")

    class Meta(SubjectGrantBase.Meta):
        db_table = "chat_conversation_subject_grant"


class ConversationDenial(DenialBase):
    content_object = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="denials")

    class Meta(DenialBase.Meta):
        db_table = "chat_conversation_denial"

    def __str__(self) -> str:
        return f"{self.action or 'everything'} in {self.content_object}"


CONVERSATIONS = register_kind(
    Kind(
        CONVERSATION,
        Conversation,
        ConversationGrant,
        ConversationSubjectGrant,
        ConversationDenial,
        inside=("workspace", "workspace"),
        owner="owner_id",
        opened_by="workspace.view",
        open_to="open_to",
        opens=OPENS,
    )
)


class Message(BaseModel):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    author = models.CharField(max_length=16, choices=Author.choices)
    # Who asked. Without one, the conversation's owner: it was imported, or is from before this was kept.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    # What wrote it, where it was imported: no run and no engine of ours knows.
    model = models.CharField(max_length=120, blank=True, default="", db_default="")
    # The run that answers (of a person's message none): its journal holds the text until the run is final.
    run = models.OneToOneField(Run, on_delete=models.PROTECT, null=True, related_name="message")
    # Of an answer: what the branch up to it takes in the next prompt, in tokens as the engine counted them.
    branch_tokens = models.PositiveIntegerField(null=True)
    # Something is read in its place, or in place of the branch up to it.
    is_compacted = models.BooleanField(default=False)
    # What the client called its question, so that sending it twice asks once.
    idempotency_key = models.CharField(max_length=80, null=True)

    # Set where it was read with its files.
    files_sent: Sequence[File] = ()

    class Meta:
        db_table = "chat_message"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["conversation", "idempotency_key"], name="chat_ask_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def can_be_continued(self) -> bool:
        """Whether it is the beginning of an answer: stopped, failed, or as long as an answer may be."""
        if not self.text or self.run is None:
            return False
        return self.run.state in {RunState.CANCELLED, RunState.FAILED} or self.run.finish_reason == "length"


class Compaction(BaseModel):
    """What the model reads in place of messages that were too long for it; the messages themselves stay."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="compactions")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="compactions")
    kind = models.CharField(max_length=16, choices=CompactionKind.choices)
    text = models.TextField()
    messages = models.PositiveIntegerField()
    tokens_before = models.PositiveIntegerField()
    tokens_after = models.PositiveIntegerField()

    class Meta:
        db_table = "chat_compaction"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class Attachment(BaseModel):
    """A file that came with a question. It may come again with another one of the same conversation."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "chat_attachment"
        default_permissions = ()
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["message", "file"], name="chat_attach_once")]

    def __str__(self) -> str:
        return str(self.pk)


def _conversation_of_file(whom: Whom, action: str) -> Q:
    having = Conversation.objects.filter(messages__attachments__file=models.OuterRef("pk"))
    return Q(models.Exists(having.allowed_to(whom.inside, action)))


def _unsealed_file(asker: uuid.UUID) -> Q:
    having = Conversation.objects.filter(messages__attachments__file=models.OuterRef("pk"))
    return Q(models.Exists(having.unsealed_for(asker)))


def _way_to_file(whom: Whom) -> Case:
    own = Conversation.objects.filter(messages__attachments__file=models.OuterRef("pk"), owner_id=whom.inside.value)
    return Case(When(models.Exists(own), then=reason_value("owner")), default=None)


register_file_reach(_conversation_of_file, _unsealed_file, _way_to_file)
