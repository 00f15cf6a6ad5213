from django.db import models
from django.utils.translation import gettext_lazy as _


class EngineState(models.TextChoices):
    STARTING = "starting", _("starting")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    STOPPED = "stopped", _("stopped")
