"""Where each person keeps a conversation: on top, in a folder, or out of the way. Others who share it do so too."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.models import Workspace


class FolderQuerySet(ScopedQuerySet["Folder"]):
    def _visible_to_person(self, actor: Actor) -> Self:
        return self.filter(owner_id=actor.person_id)


class Folder(BaseModel):
    """One person's folder for the conversations of one workspace."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="folders")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)

    objects = FolderQuerySet.as_manager()

    class Meta:
        db_table = "chat_folder"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["owner", "workspace", "name"], name="chat_folder_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Placing(BaseModel):
    """Without a row a conversation lies among the others, newest first."""

    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="placings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    folder = models.ForeignKey(Folder, on_delete=models.SET_NULL, null=True, related_name="placings")
    pinned_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "chat_placing"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["conversation", "person"], name="chat_placed_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
