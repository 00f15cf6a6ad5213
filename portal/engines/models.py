from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.models import BaseModel
from portal.engines.choices import EngineState


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
    context_tokens = models.PositiveIntegerField(_("context, tokens"), default=0)
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        db_table = "engines_engine"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_engine"
            )
        ]

    def __str__(self) -> str:
        return self.name
