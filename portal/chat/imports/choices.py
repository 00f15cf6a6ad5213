from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    RECEIVING = "receiving", _("being uploaded")
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("being imported")
    FINISHED = "finished", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


UNFINISHED = (ImportState.RECEIVING, ImportState.QUEUED, ImportState.RUNNING)
