from django.db import models
from django.utils.translation import gettext_lazy as _


class PlatformRole(models.TextChoices):
    NONE = "", _("none")
    ADMINISTRATOR = "administrator", _("platform administrator")
    AUDITOR = "auditor", _("auditor")
