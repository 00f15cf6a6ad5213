import uuid
from collections.abc import Callable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.core.reasons import Reason
from portal.departments.models import Whom, Workspace, reason_value
from portal.files.choices import FINAL_STATES, FileState

Reach = Callable[[Whom, str], Q]
"""Of files: those that are attached to something which gives the person the right."""

Unsealed = Callable[[uuid.UUID], Q]
"""Of files: those that the person may read at this moment under break-glass."""

Way = Callable[[Whom], Combinable]
"""Of attached files: by which way what has them is open to the person, as a ``Reason``; null where it is not."""

_reaches: list[tuple[Reach, Unsealed, Way]] = []


def register_reach(reach: Reach, unsealed: Unsealed, way: Way) -> None:
    """Called once by each room that attaches files to what it has."""
    _reaches.append((reach, unsealed, way))


class FileQuerySet(ScopedQuerySet["File"]):
    def allowed(self, actor: Actor, action: str) -> Self:
        return self.allowed_to(Whom.of(actor), action) if actor.is_person else self.none()

    def allowed_to(self, whom: Whom, action: str) -> Self:
        """One's own before they are attached, for as long as one may ask in their workspace; then as what has them."""
        return self.filter(_held(whom, action))

    def unsealed_for(self, asker: uuid.UUID) -> Self:
        return self.filter(_unsealed(asker))

    def with_reason(self, actor: Actor) -> Self:
        """Of those that the actor sees by right, ``allowed_by`` says by which way."""
        ways = [way(Whom.of(actor)) for *_, way in _reaches]
        return self.annotate(
            allowed_by=Case(
                When(attached_at=None, then=reason_value("owner")), default=Coalesce(*ways, reason_value("grant"))
            )
        )

    def unattached(self) -> Self:
        return self.filter(attached_at=None)

    def _visible_to_person(self, actor: Actor) -> Self:
        if not actor.has_platform_role:
            return self.allowed(actor, "conversation.view")
        return self.filter(_held(Whom.of(actor), "conversation.view") | _unsealed(actor.person_id))


def _held(whom: Whom, action: str) -> Q:
    outer = models.OuterRef("workspace_id")
    asking = models.Exists(Workspace.objects.filter(pk=outer).allowed_to(whom.inside, "message.ask"))
    opening = models.Exists(Workspace.objects.filter(pk=outer).allowed_to(whom.inside, "workspace.view"))
    found = Q(asking, opening, attached_at=None, owner_id=whom.value)
    for reach, *_others in _reaches:
        found |= Q(attached_at__isnull=False) & reach(whom, action)
    return found


def _unsealed(asker: uuid.UUID) -> Q:
    found = Q(pk__in=[])
    for _reach, unsealed, _way in _reaches:
        found |= Q(attached_at__isnull=False) & unsealed(asker)
    return found


class File(BaseModel):
    """A file that somebody has uploaded. What is on the disk has a random name, ``stored_as``, and no ending."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="files")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(_("name"), max_length=255)
    stored_as = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    # By its content; empty until it is read.
    kind = models.CharField(_("kind"), max_length=16, blank=True)
    # Whether there is a small picture of it.
    has_view = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=16, choices=FileState.choices, default=FileState.QUEUED)
    error_code = models.CharField(max_length=32, blank=True)
    page_count = models.PositiveIntegerField(default=0)
    characters = models.PositiveIntegerField(default=0)
    # An estimate, for the meter before an engine's own tokenizer has counted.
    tokens = models.PositiveIntegerField(default=0)
    # From then on it belongs to what it is attached to.
    attached_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rung_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True)

    objects = FileQuerySet.as_manager()

    # Set where a door fetched it: the way by which the right is held.
    allowed_by: Reason

    class Meta:
        db_table = "files_file"
        default_permissions = ()
        indexes = [
            models.Index(fields=["state"], name="files_open", condition=~Q(state__in=FINAL_STATES)),
            models.Index(fields=["created_at"], name="files_unattached", condition=Q(attached_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Page(models.Model):
    """A page of a file's text, as a model gets to see it."""

    pk = models.CompositePrimaryKey("file", "number")
    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="pages", db_index=False)
    number = models.PositiveIntegerField()
    # Where in the file it stands: a sheet, an entry of an archive. Empty for plain pages.
    title = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    characters = models.PositiveIntegerField()
    tokens = models.PositiveIntegerField()

    class Meta:
        db_table = "files_page"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.file_id} page {self.number}"
