from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.actor import Actor
from portal.core.catalogue import ENGINE, rights_on
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.models import (
    DenialBase,
    Kind,
    PersonGrantBase,
    SubjectGrantBase,
    Whom,
    denied,
    held,
    register_kind,
)
from portal.engines.choices import EngineState


class EngineQuerySet(ScopedQuerySet["Engine"]):
    def allowed(self, actor: Actor, action: str) -> Self:
        return self.allowed_to(Whom.of(actor), action) if actor.is_person else self.none()

    def allowed_to(self, whom: Whom, action: str) -> Self:
        """An engine is everybody's until an administrator reserves it; then grants open it. Denials win over both."""
        return self.filter(models.Q(reserved=False) | held(whom, action, ENGINES), ~denied(whom, action, ENGINES))

    def _visible_to_person(self, actor: Actor) -> Self:
        return self.allowed(actor, "engine.use")


class Engine(BaseModel):
    """One model behind one OpenAI-compatible address, as the workers last saw it."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    model = models.CharField(_("model"), max_length=200, help_text=_("The name that requests carry."))
    address = models.CharField(_("address"), max_length=300)
    profile = models.CharField(_("profile"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=EngineState.choices, default=EngineState.STOPPED)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    checked_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    supports_thinking = models.BooleanField(_("can think"), default=True)
    supports_budget = models.BooleanField(_("keeps to a thinking budget"), default=False)
    context_tokens = models.PositiveIntegerField(_("context, tokens"), default=0)
    # The longest answer that is asked for; 0: the engine's own limit.
    answer_tokens = models.PositiveIntegerField(_("answer at most, tokens"), default=0)
    is_default = models.BooleanField(_("default"), default=False)
    reserved = models.BooleanField(
        _("reserved"), default=False, help_text=_("Only those with a grant may use it. Otherwise everyone may.")
    )

    objects = EngineQuerySet.as_manager()

    class Meta:
        db_table = "engines_engine"
        ordering = ["name"]
        permissions = [(action.name, action.description) for action in rights_on(ENGINE)]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_engine"
            )
        ]

    def __str__(self) -> str:
        return self.name


class EngineGrant(PersonGrantBase):
    content_object = models.ForeignKey(Engine, on_delete=models.CASCADE, related_name="person_grants")

    class Meta(PersonGrantBase.Meta):
        db_table = "engines_engine_grant"


class EngineSubjectGrant(SubjectGrantBase):
    content_object = models.ForeignKey(Engine, on_delete=models.CASCADE, related_name="subject_grants")

    class Meta(SubjectGrantBase.Meta):
        db_table = "engines_engine_subject_grant"


class EngineDenial(DenialBase):
    content_object = models.ForeignKey(Engine, on_delete=models.CASCADE, related_name="denials")

    class Meta(DenialBase.Meta):
        db_table = "engines_engine_denial"

    def __str__(self) -> str:
        return f"{self.action or 'everything'} of {self.content_object}"


ENGINES = register_kind(Kind(ENGINE, Engine, EngineGrant, EngineSubjectGrant, EngineDenial, reserved="reserved"))
