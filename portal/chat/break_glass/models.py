"""Requests to read sealed conversations, and what was read under them.

Times are the database's. What a request asks for never changes, it is decided once and ended once (a trigger of the
migration refuses everything else), and it outlives what it was about: its scope is kept by ids.
"""

import datetime
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Now
from django.utils.translation import gettext_lazy as _

from portal.chat.break_glass.choices import (
    BY_ANOTHER,
    LONGEST_HOURS,
    LONGEST_REASON,
    SHORTEST_REASON,
    Decision,
)
from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.models import Workspace

models.TextField.register_lookup(Length)


class BreakGlassQuerySet(ScopedQuerySet["BreakGlass"]):
    def _visible_to_person(self, actor: Actor) -> Self:
        return self if actor.has_platform_role else self.none()

    def active(self) -> Self:
        """Those under which their askers read at this moment; whoever is suspended or has no platform role does not."""
        return self.filter(
            decision=Decision.APPROVED, expires_at__gt=Now(), ended_at=None, asker__is_active=True
        ).exclude(asker__platform_role="")

    def over(self, conversation: Any, workspace: Any, owner: Any) -> Self:  # noqa: ANN401  # ids, or an outer row's
        """Those whose scope holds the conversation of these three."""
        return self.filter(
            Q(conversation_id=conversation)
            | Q(workspace_id=workspace, owner_id=None)
            | Q(workspace_id=workspace, owner_id=owner)
        )


class BreakGlass(BaseModel):
    """One request. Its scope is a workspace, one person's conversations in a workspace, or one conversation."""

    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    hours = models.PositiveSmallIntegerField(_("hours"))
    workspace = models.ForeignKey(
        Workspace, on_delete=models.DO_NOTHING, null=True, blank=True, db_constraint=False, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("person"),
    )
    # No relation at all: a deletion proves that nothing is left which refers to the conversation.
    conversation_id = models.UUIDField(null=True, blank=True)
    asked_at = models.DateTimeField(db_default=Now())
    decision = models.CharField(max_length=16, choices=Decision.choices, default=Decision.OPEN, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # Of an approved one: when it was ended, by someone or, where that is nobody, by its time.
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        db_table = "chat_break_glass"
        verbose_name = _("break-glass request")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(workspace__isnull=False, conversation_id=None)
                | Q(workspace=None, owner=None, conversation_id__isnull=False),
                name="break_glass_has_one_scope",
            ),
            models.CheckConstraint(
                condition=Q(reason__length__gte=SHORTEST_REASON, reason__length__lte=LONGEST_REASON),
                name="break_glass_has_a_reason",
            ),
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=LONGEST_HOURS), name="break_glass_hours"),
            # Unknown compares as true in a check, so that each of these names its columns as present.
            models.CheckConstraint(
                condition=~Q(decision__in=BY_ANOTHER) | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asker"))),
                name="break_glass_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.OPEN, decided_at=None)
                | (~Q(decision=Decision.OPEN) & Q(decided_at__isnull=False)),
                name="break_glass_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(
                    decision=Decision.APPROVED,
                    expires_at__isnull=False,
                    expires_at__lte=F("decided_at") + datetime.timedelta(hours=LONGEST_HOURS),
                )
                | (~Q(decision=Decision.APPROVED) & Q(expires_at=None, ended_at=None)),
                name="break_glass_ends",
            ),
            models.UniqueConstraint(
                fields=["asker", "workspace", "owner", "conversation_id"],
                condition=Q(decision=Decision.OPEN),
                nulls_distinct=False,
                name="break_glass_asked_once",
            ),
        ]
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="break_glass_newest"),
            models.Index(
                fields=["asker"], name="break_glass_standing", condition=Q(decision=Decision.APPROVED, ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"request {str(self.pk)[:8]}"

    @property
    def scope(self) -> dict[str, uuid.UUID]:
        """The ids that say what it is about, for the journal and for addresses."""
        named = {"workspace": self.workspace_id, "person": self.owner_id, "conversation": self.conversation_id}
        return {name: value for name, value in named.items() if value is not None}


class BreakGlassRead(models.Model):
    """That a conversation was read under a request. The audit journal has each read; its owner sees these."""

    break_glass = models.ForeignKey(BreakGlass, on_delete=models.CASCADE, related_name="reads")
    # The database deletes it with the conversation (a constraint of the migration).
    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.DO_NOTHING, db_constraint=False, related_name="break_glass_reads"
    )
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    times = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "chat_break_glass_read"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["conversation", "break_glass"], name="break_glass_read_once")]

    def __str__(self) -> str:
        return f"{self.break_glass_id} {self.conversation_id}"
