import datetime
import uuid
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from portal.audit.scene import because
from portal.chat.imports.models import Import, ImportProblem, ImportQuerySet
from portal.core.actor import Actor
from portal.core.errors import NotFound
from portal.departments.models import Workspace, WorkspaceQuerySet


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
    because("owner")
    return found


def problems_of(found: Sequence[Import], most: int) -> dict[uuid.UUID, list[ImportProblem]]:
    """Of each import that has some, the first ones."""
    kept: dict[uuid.UUID, list[ImportProblem]] = {}
    rows = ImportProblem.objects.filter(of__in=[item.pk for item in found if item.failed]).order_by("of", "number")
    for row in rows.iterator():
        listed = kept.setdefault(row.of_id, [])
        if len(listed) < most:
            listed.append(row)
    return kept


def workspaces_to_import_into(actor: Actor) -> WorkspaceQuerySet:
    startable = Workspace.objects.visible_to(actor).allowed(actor, "conversation.create")
    return startable.select_related("department").order_by("department__path", "name")


def problems(found: Import, after: int = 0) -> QuerySet[ImportProblem]:
    """In the order of the file."""
    return found.problems.filter(number__gt=after).order_by("number")
