from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.chat.choices import Author, Thinking
from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.models import Workspace
from portal.runs.models import Run


class ConversationQuerySet(ScopedQuerySet["Conversation"]):
    def _visible_to_person(self, actor: Actor) -> Self:
        """One's own, for as long as one may use their workspace. No role sees those of others."""
        return self.filter(owner_id=actor.id, workspace__in=Workspace.objects.visible_to(actor))


class Conversation(BaseModel):
    # Its index is that of the oldest, below.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(_("title"), max_length=120)
    thinking = models.CharField(max_length=16, choices=Thinking.choices, default=Thinking.OFF)
    # The leaf of the branch that is shown; messages form a tree through their parents.
    head = models.ForeignKey("chat.Message", on_delete=models.SET_NULL, null=True, related_name="+")
    active_at = models.DateTimeField()

    objects = ConversationQuerySet.as_manager()

    class Meta:
        db_table = "chat_conversation"
        default_permissions = ()
        indexes = [
            models.Index(fields=["owner", "workspace", "-active_at", "-id"], name="chat_newest_of_owner"),
            models.Index(fields=["workspace", "active_at"], name="chat_oldest_of_workspace"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Message(BaseModel):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    author = models.CharField(max_length=16, choices=Author.choices)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    # The run that answers (of a person's message none): its journal holds the text until the run is final.
    run = models.OneToOneField(Run, on_delete=models.PROTECT, null=True, related_name="message")
    # What the client called its question, so that sending it twice asks once.
    idempotency_key = models.CharField(max_length=80, null=True)

    class Meta:
        db_table = "chat_message"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["conversation", "idempotency_key"], name="chat_ask_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
