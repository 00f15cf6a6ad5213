"""Renaming, placing, deleting and bringing back conversations; folders."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.journal import Target, record
from portal.chat.access import conversation_by_right, conversation_for_view, refuse_unseen
from portal.chat.choices import TitledBy
from portal.chat.models import Conversation, Folder, Placing
from portal.chat.placing.selectors import folder_of, restorable_from
from portal.chat.watch import tell_at_commit, tell_news
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Conflict, Forbidden, Invalid
from portal.core.text import clean_text
from portal.departments.access import workspace_for_view

TITLE_LENGTH = 120
FOLDER_LENGTH = 60
MOST_FOLDERS = 100


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be changed; None leaves it. ``folder`` counts where ``moves`` is set: None takes it out."""

    title: str | None = None
    pinned: bool | None = None
    archived: bool | None = None
    moves: bool = False
    folder: uuid.UUID | None = None


@transaction.atomic
def change_conversation(actor: Actor, conversation_id: uuid.UUID, changes: Changes) -> Conversation:
    """Give it another title, which its owner does, and another place, which everyone does for himself.

    Raises:
        NotFound, Sealed: the actor does not see it, or has no such folder.
        Forbidden: the title is another one's to change.
        Invalid, TooLarge: the title is none, or the folder is another workspace's.
    """
    conversation_by_right(actor, conversation_id)
    conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
    changed = [name for name in ("title", "pinned", "archived") if getattr(changes, name) is not None]
    if changes.title is not None:
        _rename(actor, conversation, changes.title)
    if changes.moves or changes.pinned is not None or changes.archived is not None:
        _place(actor, conversation, changes)
    if changes.moves:
        changed.append("folder")
    record(actor, "conversation.change", Target("conversation", conversation.pk), details={"changed": changed})
    tell_at_commit(actor.person_id, conversation.pk)
    if changes.title is not None:
        tell_news(conversation.pk, "title")
    return conversation


@transaction.atomic
def delete_conversation(actor: Actor, conversation_id: uuid.UUID) -> None:
    """Take it out of every view, for all who read it. What is being answered in it is stopped within seconds.

    Raises:
        NotFound, Sealed: the actor does not see it.
        Forbidden: it is another one's.
    """
    refuse_unseen(actor, conversation_id)
    conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
    _require_own(actor, conversation, _("Only whoever began a conversation deletes it."))
    conversation.deleted_at = now()
    conversation.save(update_fields=["deleted_at"])
    record(actor, "conversation.delete", Target("conversation", conversation.pk))
    tell_at_commit(conversation.owner_id, conversation.pk)
    tell_news(conversation.pk, "deleted")


@transaction.atomic
def restore_conversation(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Bring it back as it was. What is not deleted stays as it is.

    Raises:
        NotFound, Sealed: it is not there, not the actor's to see, or its time is up.
    """
    deleted = Conversation.objects.deleted_by(actor).filter(deleted_at__gt=restorable_from(), pk=conversation_id)
    found = Conversation.objects.select_for_update().filter(pk__in=deleted.values("pk")).first()
    if found is None:
        refuse_unseen(actor, conversation_id)
        return conversation_for_view(actor, conversation_id)
    found.deleted_at = None
    found.save(update_fields=["deleted_at"])
    record(actor, "conversation.restore", Target("conversation", found.pk))
    tell_at_commit(found.owner_id, found.pk)
    return found


@transaction.atomic
def create_folder(actor: Actor, workspace_id: uuid.UUID, name: str) -> Folder:
    """Raises NotFound, Sealed: not a workspace of his. Invalid, TooLarge, Conflict: not a name for a new one."""
    workspace = workspace_for_view(actor, workspace_id)
    if Folder.objects.visible_to(actor).filter(workspace=workspace).count() >= MOST_FOLDERS:
        raise Invalid(
            ngettext(
                "There is %(most_folders)s folder here already.",
                "There are %(most_folders)s folders here already.",
                MOST_FOLDERS,
            )
            % {"most_folders": MOST_FOLDERS},
            code="too_many_folders",
        )
    folder = Folder(owner_id=actor.person_id, workspace=workspace)
    _name(folder, name)
    record(actor, "folder.change", Target("folder", folder.pk), details={"change": "created"})
    return folder


@transaction.atomic
def rename_folder(actor: Actor, folder_id: uuid.UUID, name: str) -> Folder:
    """Raises NotFound; Invalid, TooLarge, Conflict: not a name for it."""
    folder = folder_of(actor, folder_id)
    _name(folder, name)
    record(actor, "folder.change", Target("folder", folder.pk), details={"change": "renamed"})
    return folder


@transaction.atomic
def delete_folder(actor: Actor, folder_id: uuid.UUID) -> None:
    """What lies in it goes back among the others. Raises NotFound."""
    folder = folder_of(actor, folder_id)
    record(actor, "folder.change", Target("folder", folder.pk), details={"change": "deleted"})
    folder.delete()


def _rename(actor: Actor, conversation: Conversation, title: str) -> None:
    _require_own(actor, conversation, _("Only whoever began a conversation gives it a title."))
    conversation.title = _one_line(title, TITLE_LENGTH, "title")
    conversation.titled_by = TitledBy.PERSON
    conversation.save(update_fields=["title", "titled_by"])


def _place(actor: Actor, conversation: Conversation, changes: Changes) -> None:
    new: dict[str, Any] = {}
    if changes.pinned is not None:
        new["pinned_at"] = now() if changes.pinned else None
    if changes.archived is not None:
        new["archived_at"] = now() if changes.archived else None
    if changes.moves:
        new["folder"] = _folder_for(actor, conversation, changes.folder)
    _store(actor, conversation, new)


def _store(actor: Actor, conversation: Conversation, new: Mapping[str, Any]) -> None:
    """A row that says nothing any more goes, so that the list has few to look at."""
    row = Placing.objects.update_or_create(conversation=conversation, person_id=actor.person_id, defaults=dict(new))[0]
    if row.folder_id is None and row.pinned_at is None and row.archived_at is None:
        row.delete()


def _folder_for(actor: Actor, conversation: Conversation, folder_id: uuid.UUID | None) -> Folder | None:
    if folder_id is None:
        return None
    folder = folder_of(actor, folder_id)
    if folder.workspace_id != conversation.workspace_id:
        raise Invalid(
            _("This folder belongs to another workspace."), code="other_workspace", details={"field": "folder"}
        )
    return folder


def _require_own(actor: Actor, conversation: Conversation, refusal: str) -> None:
    if conversation.owner_id != actor.id:
        raise Forbidden(refusal, code="not_the_owner")


def _name(folder: Folder, name: str) -> None:
    folder.name = _one_line(name, FOLDER_LENGTH, "name")
    try:
        with transaction.atomic():
            folder.save()
    except IntegrityError:
        raise Conflict(_("There is a folder of this name already."), code="name_taken") from None


def _one_line(text: str, limit: int, name: str) -> str:
    """White space of any kind becomes one space. Raises Invalid, TooLarge."""
    return clean_text(" ".join(text.split()), limit=limit, name=name)
