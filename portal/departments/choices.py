from django.db import models
from django.utils.translation import gettext_lazy as _


class RoleKey(models.TextChoices):
    """The roles that every company has."""

    MEMBER = "member", _("member")
    MANAGER = "manager", _("manager")
