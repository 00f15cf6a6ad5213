"""The figures of the console's first page: counts and states, never content."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.departments.models import Department, Workspace
from portal.engines.models import Engine
from portal.runs.choices import RunState
from portal.runs.models import Run


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    number: int
    note: str
    url_name: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    figures: tuple[Figure, ...]
    engines: Iterable[Engine]
    runs: tuple[Figure, ...]


def overview() -> Overview:
    return Overview(
        figures=(_people(), _departments(), _workspaces()),
        engines=Engine.objects.order_by("-is_default", "name"),
        runs=_runs_by_state(),
    )


def _people() -> Figure:
    active = User.objects.filter(is_active=True).count()
    return Figure(
        _("People"),
        active,
        _("%(count)s suspended") % {"count": User.objects.filter(is_active=False).count()},
        "admin:people",
    )


def _departments() -> Figure:
    roots = Department.objects.filter(depth=1).count()
    return Figure(
        _("Departments"), Department.objects.count(), _("%(roots)s at the top") % {"roots": roots}, "admin:departments"
    )


def _workspaces() -> Figure:
    archived = Workspace.objects.filter(archived=True).count()
    open_now = Workspace.objects.filter(archived=False).count()
    return Figure(_("Workspaces"), open_now, _("%(count)s archived") % {"count": archived}, "admin:workspaces")


def _runs_by_state() -> tuple[Figure, ...]:
    counted = dict(Run.objects.order_by().values_list("state").annotate(Count("pk")))
    return tuple(
        Figure(
            str(state.label).capitalize(),
            counted.get(state.value, 0),
            "",
            "admin:runs_run_changelist",
            f"state__exact={state.value}",
        )
        for state in RunState
    )
