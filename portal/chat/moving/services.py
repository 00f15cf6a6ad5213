"""Moving a conversation to another workspace, and what that does to whoever it is shared with and to what it holds."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal.audit.journal import Target, record
from portal.audit.scene import taken_back
from portal.chat.access import refuse_unseen
from portal.chat.break_glass.models import BreakGlass
from portal.chat.choices import OpenTo
from portal.chat.held import refuse_held
from portal.chat.models import Conversation, ConversationGrant, ConversationSubjectGrant, Placing
from portal.chat.services.turns import refuse_while_answering
from portal.chat.sharing.services import open_to_workspace
from portal.chat.watch import tell_at_commit, tell_news
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Conflict, Forbidden, Invalid
from portal.departments.access import workspace_for_conversation
from portal.departments.authority import one_change_at_a_time
from portal.departments.models import Workspace
from portal.departments.on_object import grants_on
from portal.departments.preview import who_may
from portal.departments.targets import name_of_subject
from portal.engines.selectors import engines
from portal.files.models import File
from portal.retention.choices import DataKind
from portal.retention.rulebook import RuleBook

NAMED = 20
GIVEN = ("conversation.view", "message.ask")


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long a workspace keeps conversations, in days; None: for ever."""

    before: int | None
    after: int | None
    # Where it is past the new time already, it goes at the next sweep.
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move does, or would do. Names are the first few; the counts are of all."""

    conversation: uuid.UUID
    source: Workspace
    target: Workspace
    loses: tuple[str, ...]
    losing: int
    gains: tuple[str, ...]
    gaining: int
    # Subjects from whom rights are taken, since the owner could not give them there.
    withdrawn: tuple[str, ...]
    # What everyone in the old workspace could do in it, which ends.
    closed: str
    files: int
    kept: Kept
    # The engine of the last answer, where the owner may not use it.
    engine: str = ""


class _Undo(Exception):
    pass


def move_targets(actor: Actor, conversation_id: uuid.UUID) -> list[Workspace]:
    """Other workspaces in which the actor may begin a conversation. Raises NotFound, Sealed, Forbidden."""
    conversation = _own(actor, conversation_id)
    found = Workspace.objects.visible_to(actor).allowed(actor, "conversation.create")
    found = found.exclude(pk=conversation.workspace_id).select_related("department")
    return list(found.order_by("department__path", "name"))


def preview_move(actor: Actor, conversation_id: uuid.UUID, target_id: uuid.UUID) -> Moved:
    """The move is made for real and rolled back, so that the preview cannot differ from it. Raises as it does."""
    moved: Moved | None = None
    with transaction.atomic():
        try:
            with transaction.atomic():
                moved = move_conversation(actor, conversation_id, target_id)
                raise _Undo
        except _Undo:
            taken_back("dry run")
    assert moved is not None  # noqa: S101  # else it raised
    return moved


@transaction.atomic
def move_conversation(
    actor: Actor, conversation_id: uuid.UUID, target_id: uuid.UUID, everyone: str = OpenTo.NOBODY
) -> Moved:
    """To a workspace in which its owner may begin conversations; ``everyone`` is what everyone there may do in it.

    Raises:
        NotFound, Sealed: the actor does not see the conversation or the workspace.
        Forbidden: it is another one's, or he may not begin, read or share conversations there.
        Invalid: it is there already.
        Conflict: an answer is being written, a legal hold keeps it where it is, or it is open under break-glass.
    """
    one_change_at_a_time()
    conversation = _own(actor, conversation_id)
    target = workspace_for_conversation(actor, target_id, asking=False)
    if target.pk == conversation.workspace_id:
        raise Invalid(_("It is in this workspace already."), code="same_workspace", details={"field": "workspace"})
    _refuse_kept(conversation)
    source, closed = conversation.workspace, conversation.open_to
    before = _readers(conversation)
    files = _go(conversation, target)
    withdrawn = _withdraw_beyond(actor, conversation)
    _open(actor, conversation, everyone)
    after = _readers(conversation)
    moved = _told(actor, conversation, source, before, after, withdrawn, closed, files)
    details = {
        "from": str(source.pk),
        "to": str(target.pk),
        "lost": moved.losing,
        "gained": moved.gaining,
        "withdrawn": len(withdrawn),
        "files": files,
    }
    record(actor, "conversation.move", Target("conversation", conversation.pk), details=details)
    for person in {conversation.owner_id, *before, *after}:
        tell_at_commit(person, conversation.pk)
    tell_news(conversation.pk, "shared")
    return moved


def _own(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Raises NotFound, Sealed, Forbidden."""
    refuse_unseen(actor, conversation_id)
    found = Conversation.objects.select_related("workspace", "head__run__engine").select_for_update(of=("self",))
    with transaction.atomic():
        conversation = found.get(pk=conversation_id)
    if conversation.owner_id != actor.id:
        raise Forbidden(_("Only whoever began a conversation moves it."), code="not_the_owner")
    return conversation


def _refuse_kept(conversation: Conversation) -> None:
    """Raises Conflict."""
    refuse_while_answering(conversation)
    refuse_held(conversation, _("This conversation has to be kept where it is."))
    place = conversation.pk, conversation.workspace_id, conversation.owner_id
    # Whoever was told of a reading must not be able to end it.
    if BreakGlass.objects.active().over(*place).exists():
        raise Conflict(_("This conversation is open under break-glass. Move it when that is over."), code="being_read")


def _readers(conversation: Conversation) -> dict[uuid.UUID, str]:
    """Others who read it; nobody is looked for where it is given to nobody."""
    if conversation.open_to == OpenTo.NOBODY and not grants_on(conversation):
        return {}
    found = who_may("conversation.view", conversation).exclude(pk=conversation.owner_id)
    return {person.pk: person.display_name() for person in found}


def _go(conversation: Conversation, target: Workspace) -> int:
    """With its files. What was asked in it so far counts for the workspace in which it was asked."""
    attached = File.objects.filter(attachments__message__conversation=conversation).order_by()
    files = File.objects.filter(pk__in=attached.values("pk")).update(workspace=target)
    conversation.workspace, conversation.open_to, conversation.moved_at = target, OpenTo.NOBODY, now()
    conversation.save(update_fields=["workspace", "open_to", "moved_at"])
    placed = Placing.objects.filter(conversation=conversation)
    placed.update(folder=None)
    placed.filter(Q(pinned_at=None, archived_at=None)).delete()
    return files


def _withdraw_beyond(actor: Actor, conversation: Conversation) -> list[str]:
    """Take what the owner could not give there. Raises Forbidden: he could not read it himself."""
    here = Conversation.objects.filter(pk=conversation.pk)
    held = {right for right in GIVEN if here.allowed(actor, right).exists()}
    if "conversation.view" not in held:
        raise Forbidden(_("You may not read conversations in this workspace."), code="not_readable_there")
    if not Workspace.objects.allowed(actor, "conversation.share").filter(pk=conversation.workspace_id).exists():
        held = set()
    beyond = [grant for grant in grants_on(conversation) if set(grant.rights) - held]
    for table in (ConversationGrant, ConversationSubjectGrant) if beyond else ():
        table.objects.filter(content_object=conversation).exclude(permission__codename__in=held).delete()
    return [name_of_subject(grant.subject) for grant in beyond]


def _open(actor: Actor, conversation: Conversation, everyone: str) -> None:
    """As ``open_to_workspace`` does, in the workspace where it is now. Raises Forbidden."""
    if everyone == OpenTo.NOBODY:
        return
    open_to_workspace(actor, conversation.pk, everyone)
    conversation.open_to = everyone


def _told(
    actor: Actor,
    conversation: Conversation,
    source: Workspace,
    before: dict[uuid.UUID, str],
    after: dict[uuid.UUID, str],
    withdrawn: Collection[str],
    closed: str,
    files: int,
) -> Moved:
    losing = sorted(name for pk, name in before.items() if pk not in after)
    gaining = sorted(name for pk, name in after.items() if pk not in before)
    return Moved(
        conversation.pk,
        source,
        conversation.workspace,
        tuple(losing[:NAMED]),
        len(losing),
        tuple(gaining[:NAMED]),
        len(gaining),
        tuple(withdrawn),
        closed,
        files,
        _kept(conversation, source),
        _engine_lost(actor, conversation),
    )


def _kept(conversation: Conversation, source: Workspace) -> Kept:
    book = RuleBook.read(DataKind.CONVERSATIONS)
    before, after = (book.for_workspace(pk).days for pk in (source.pk, conversation.workspace_id))
    age = now() - conversation.active_at
    return Kept(before, after, is_past=after is not None and age > datetime.timedelta(days=after))


def _engine_lost(actor: Actor, conversation: Conversation) -> str:
    run = conversation.head.run if conversation.head else None
    if run is None or engines(actor).filter(pk=run.engine_id).exists():
        return ""
    return run.engine.name
