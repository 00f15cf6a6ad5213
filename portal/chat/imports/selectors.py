import datetime
import uuid

from django.db.models import Q, QuerySet

from portal.chat.imports.models import Import, ImportProblem, ImportQuerySet
from portal.core.actor import Actor
from portal.core.errors import NotFound


def imports(actor: Actor) -> ImportQuerySet:
    """One's own, newest first."""
    return Import.objects.visible_to(actor).select_related("workspace").order_by("-created_at", "-id")


def imports_before(found: ImportQuerySet, created_at: datetime.datetime, pk: uuid.UUID) -> ImportQuerySet:
    return found.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))


def import_for_view(actor: Actor, import_id: uuid.UUID) -> Import:
    """Raises NotFound: it is missing, or another one's."""
    found = imports(actor).filter(pk=import_id).first()
    if found is None:
        raise NotFound
    return found


def problems(found: Import, after: int = 0) -> QuerySet[ImportProblem]:
    """In the order of the file."""
    return found.problems.filter(number__gt=after).order_by("number")
