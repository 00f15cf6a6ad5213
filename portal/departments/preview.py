"""What a change would do to who sees what, before it is made.

The change is made for real inside a transaction, looked at, and rolled back, so that a preview cannot differ from it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, QuerySet

from portal.accounts.models import User
from portal.audit.scene import taken_back
from portal.departments.models import Department, Membership, Role, Whom, Workspace

VIEW = "workspace.view"
MOST_LOOKED_AT = 200
"""Workspaces, and people, that are looked at one by one; a preview of more says that it is not complete."""

Pair = tuple[User, Workspace]


@dataclass(frozen=True, slots=True)
class Reach:
    """Of whom and of what a change may alter the answer: these people anywhere, and anyone in these workspaces."""

    people: QuerySet[User]
    workspaces: QuerySet[Workspace]


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would come to see which workspaces, and who would no longer; ``complete`` is False beyond the limit."""

    gains: tuple[Pair, ...]
    losses: tuple[Pair, ...]
    complete: bool

    @property
    def sentences(self) -> list[str]:
        return [
            *_sentences(self.losses, "loses access to", "lose access to"),
            *_sentences(self.gains, "gains access to", "gain access to"),
        ]


class _Undo(Exception):
    pass


def preview(reach: Reach, change: Callable[[], object]) -> Preview:
    """Raises whatever ``change`` raises."""
    people, workspaces = list(reach.people[: MOST_LOOKED_AT + 1]), list(reach.workspaces[: MOST_LOOKED_AT + 1])
    complete = len(people) <= MOST_LOOKED_AT and len(workspaces) <= MOST_LOOKED_AT
    looked_at = people[:MOST_LOOKED_AT], workspaces[:MOST_LOOKED_AT]
    before = after = frozenset[Pair]()
    try:
        with transaction.atomic():
            before = _seen(*looked_at)
            change()
            after = _seen(*looked_at)
            raise _Undo
    except _Undo:
        taken_back("dry run")
    return Preview(_ordered(after - before), _ordered(before - after), complete)


def reach_of_person(person: User) -> Reach:
    return Reach(User.objects.filter(pk=person.pk), Workspace.objects.none())


def reach_of_workspace(workspace: Workspace) -> Reach:
    return Reach(User.objects.none(), Workspace.objects.filter(pk=workspace.pk))


def reach_of_department(department: Department) -> Reach:
    """Its people, since grants to departments above follow them, and its workspaces, since roles above reach them."""
    inside = Membership.objects.filter(department__path__startswith=department.path)
    return Reach(
        User.objects.filter(pk__in=inside.values("person")).order_by("username"),
        Workspace.objects.filter(department__path__startswith=department.path),
    )


def reach_of_role(role: Role) -> Reach:
    holders = Membership.objects.filter(role=role).values("person")
    return Reach(User.objects.filter(pk__in=holders).order_by("username"), Workspace.objects.none())


def who_may(right: str, workspace: Workspace) -> QuerySet[User]:
    """People who hold a right in a workspace, by name; platform roles apart."""
    here = Workspace.objects.filter(pk=workspace.pk).allowed_to(Whom(column="pk", depth=1), right)
    return User.objects.filter(Exists(here), is_active=True).order_by("username")


def _seen(people: Iterable[User], workspaces: Iterable[Workspace]) -> frozenset[Pair]:
    found = {
        (person, workspace)
        for person in people
        if person.is_active
        for workspace in Workspace.objects.allowed_to(Whom(person.pk), VIEW)
    }
    found |= {(person, workspace) for workspace in workspaces for person in who_may(VIEW, workspace)}
    return frozenset(found)


def _ordered(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    return tuple(sorted(pairs, key=lambda pair: (pair[1].name, str(pair[1].pk), pair[0].username)))


def _sentences(pairs: Iterable[Pair], one: str, several: str) -> list[str]:
    """One for each workspace, such as “7 people lose access to Export planning”."""
    counted: dict[Workspace, int] = {}
    for _, workspace in pairs:
        counted[workspace] = counted.get(workspace, 0) + 1
    return [
        f"1 person {one} {workspace.name}" if count == 1 else f"{count} people {several} {workspace.name}"
        for workspace, count in counted.items()
    ]
