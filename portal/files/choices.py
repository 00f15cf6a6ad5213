from django.db import models
from django.utils.translation import gettext_lazy as _


class FileState(models.TextChoices):
    QUEUED = "queued", _("waiting to be read")
    READING = "reading", _("being read")
    READY = "ready", _("ready")
    FAILED = "failed", _("could not be read")


FINAL_STATES = (FileState.READY, FileState.FAILED)
