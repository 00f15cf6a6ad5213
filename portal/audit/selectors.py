import uuid

from django.db.models import QuerySet

from portal.audit.models import Entry, Head
from portal.core.actor import Actor


def entries(actor: Actor) -> QuerySet[Entry]:
    """Newest first; auditors read the journal, nobody else."""
    if not actor.is_auditor:
        return Entry.objects.none()
    return Entry.objects.order_by("-seq")


def acts_of(person_id: uuid.UUID, after: int, limit: int) -> QuerySet[Entry, tuple[int, str]]:
    """(number, body) of what a person did, above a number; for the person's own export."""
    done = Entry.objects.filter(actor_id=person_id, seq__gt=after).order_by("seq")
    return done.values_list("seq", "body")[:limit]  # type: ignore[return-value]  # chained rows have a number


def all_entries() -> QuerySet[Entry]:
    """For who sits at the machine, and for the worker that forwards rows; people read through ``entries``."""
    return Entry.objects.all()


def last_verification() -> Entry | None:
    return Entry.objects.filter(action="audit.verify").order_by("-seq").first()


def current_head() -> Head | None:
    return Head.objects.filter(id=1).first()


def checkpoints_begun() -> bool:
    """Whether a file of checkpoints was ever begun."""
    # By the object first: that is what the index has.
    begun = Entry.objects.filter(object_type="journal", object_id="checkpoints", action="audit.begin")
    return begun.exists()
