from django.db import models
from django.utils.translation import gettext_lazy as _


class DataKind(models.TextChoices):
    """What a rule is about. For each there is a keeper; see ``keepers``."""

    CONVERSATIONS = "conversations", _("conversations")
