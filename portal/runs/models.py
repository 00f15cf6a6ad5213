import uuid
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.core.reasons import Reason
from portal.departments.models import Whom, Workspace
from portal.engines.models import Engine
from portal.runs.choices import FINAL_STATES, ContextChoice, EventType, RunKind, RunState

Reach = Callable[[Whom, str], Q]
"""Of runs: those whose subject (a conversation, say) gives the person the right."""

Unsealed = Callable[[uuid.UUID], Q]
"""Of runs: those that the person may follow at this moment under break-glass."""

Way = Callable[[Whom], Combinable]
"""Of runs whose subject gives the person a right: by which way it does, as a ``Reason``."""

_reaches: dict[str, tuple[Reach, Unsealed, Way]] = {}


def register_reach(kind: RunKind, reach: Reach, unsealed: Unsealed, way: Way) -> None:
    """Called once by the room that starts runs of this kind. Runs of a kind that nobody registered are nobody's."""
    _reaches[kind] = reach, unsealed, way


class RunQuerySet(ScopedQuerySet["Run"]):
    def allowed(self, actor: Actor, action: str) -> Self:
        return self.allowed_to(Whom.of(actor), action) if actor.is_person else self.none()

    def allowed_to(self, whom: Whom, action: str) -> Self:
        """Those whose subject gives the person the right: a run is seen and stopped with what it works on."""
        return self.filter(_held(whom, action))

    def with_reason(self, actor: Actor) -> Self:
        """Of those that the actor sees by right, ``allowed_by`` says by which way."""
        whom = Whom.of(actor)
        return self.annotate(
            allowed_by=Case(*(When(kind=kind, then=way(whom)) for kind, (*_, way) in _reaches.items()))
        )

    def unsealed_for(self, asker: uuid.UUID) -> Self:
        """Those that he may follow at this moment under break-glass."""
        return self.filter(_unsealed(asker))

    def _visible_to_person(self, actor: Actor) -> Self:
        if not actor.has_platform_role:
            return self.allowed(actor, "conversation.view")
        return self.filter(_held(Whom.of(actor), "conversation.view") | _unsealed(actor.person_id))

    def unfinished(self) -> Self:
        return self.exclude(state__in=FINAL_STATES)


def _held(whom: Whom, action: str) -> Q:
    return _any(Q(kind=kind) & reach(whom, action) for kind, (reach, *_) in _reaches.items())


def _unsealed(asker: uuid.UUID) -> Q:
    return _any(Q(kind=kind) & unsealed(asker) for kind, (_, unsealed, _) in _reaches.items())


def _any(conditions: Iterable[Q]) -> Q:
    """None of them is nothing, not everything."""
    return reduce(or_, conditions, Q(pk__in=[]))


class Run(BaseModel):
    """One execution of the model. One worker owns it at a time: the one that holds the lease with the newest fence."""

    kind = models.CharField(_("kind"), max_length=16, choices=RunKind.choices, default=RunKind.CHAT)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="runs")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="runs")
    engine = models.ForeignKey(Engine, on_delete=models.PROTECT, related_name="runs")
    thinking = models.CharField(_("thinking"), max_length=16, default="off")
    # In tokens; none where thinking is off or has no end.
    thinking_budget = models.PositiveIntegerField(_("thinking budget, tokens"), null=True, blank=True)
    # What to do where the context is too long.
    context = models.CharField(max_length=16, choices=ContextChoice.choices, blank=True, default="")
    state = models.CharField(_("state"), max_length=16, choices=RunState.choices, default=RunState.QUEUED)

    # The fencing token: raised by each claim; a write that carries an older one is refused.
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    answer_now_at = models.DateTimeField(null=True, blank=True)

    # Its turn comes when that one has ended; none, or one that has ended, and it may begin.
    waits_for = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="next", db_index=False)
    # When the job was last sent to the workers.
    rung_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    # Why the engine ended a finished answer: `stop`, `length` or its own word.
    finish_reason = models.CharField(max_length=16, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    # What the model was given: counts and ids, never content; see workers.adapters.context.
    sent = models.JSONField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    # Set where a door fetched it: the way by which the right is held.
    allowed_by: Reason

    class Meta:
        db_table = "runs_run"
        ordering = ["-created_at"]
        indexes = [
            # Not by the lease: a heartbeat must not touch an index, or each of a run's would grow with its length.
            models.Index(fields=["state"], name="runs_open", condition=~Q(state__in=FINAL_STATES)),
            models.Index(fields=["-created_at"], name="runs_newest"),
            models.Index(fields=["waits_for"], name="runs_waits_for", condition=Q(waits_for__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES


class Event(models.Model):
    """One numbered entry of a run's journal: ``seq`` starts at 1 and has no gaps."""

    pk = models.CompositePrimaryKey("run", "seq")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=16, choices=EventType.choices)
    # What the wire carries besides run, seq and type; see portal.runs.events.
    payload = models.JSONField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "runs_event"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.run_id} #{self.seq} {self.type}"
