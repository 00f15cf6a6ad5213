from django.db import models
from django.utils.translation import gettext_lazy as _


class Author(models.TextChoices):
    PERSON = "user", _("person")
    MODEL = "assistant", _("model")


class Thinking(models.TextChoices):
    OFF = "off", _("off")
    ON = "on", _("on")
