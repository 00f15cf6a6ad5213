from django.db import models
from django.utils.translation import gettext_lazy as _


class RunState(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    WAITING = "waiting", _("waiting for approval")
    FINISHED = "finished", _("finished")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("stopped")


FINAL_STATES = (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED)


class ContextChoice(models.TextChoices):
    COMPACT = "compact", _("compact the history")
    PARTS = "parts", _("read in parts and merge")


class RunKind(models.TextChoices):
    CHAT = "chat", _("chat")
    AGENT = "agent", _("agent")


class EventType(models.TextChoices):
    STATE = "state"
    DELTA = "delta"
    STEP = "step"
    APPROVAL = "approval"
    USAGE = "usage"
    ERROR = "error"
