import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.choices import PlatformRole


class User(AbstractUser):
    """A person. ``is_active`` off means suspended: every way in is closed, and the row and its history stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    platform_role = models.CharField(
        _("platform role"), max_length=16, choices=PlatformRole.choices, default=PlatformRole.NONE, blank=True
    )
    language = models.CharField(
        _("language"),
        max_length=16,
        blank=True,
        db_default="",
        default="",
        help_text=_("Of the interface. Without one, the browser's."),
    )

    class Meta(AbstractUser.Meta):
        db_table = "accounts_user"

    def display_name(self) -> str:
        return self.get_full_name() or self.username
