from django.db.models import QuerySet

from portal.audit.models import Entry
from portal.core.actor import Actor


def entries(actor: Actor) -> QuerySet[Entry]:
    """Newest first; auditors read the journal, nobody else."""
    if not actor.is_auditor:
        return Entry.objects.none()
    return Entry.objects.order_by("-seq")
