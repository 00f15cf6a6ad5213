from django.db import models
from django.utils.translation import gettext_lazy as _


class Decision(models.TextChoices):
    OPEN = "", _("waiting for a decision")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("lapsed")


BY_ANOTHER = (Decision.APPROVED, Decision.REFUSED)
LONGEST_HOURS = 8
SHORTEST_REASON, LONGEST_REASON = 10, 1000
LAPSES_AFTER_HOURS = 24
