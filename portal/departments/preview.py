"""What a change would do to who sees what, before it is made.

The change is made for real inside a transaction, looked at, and rolled back, so that a preview cannot differ from it.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, Model, QuerySet
from django.utils.translation import ngettext

from portal.accounts.models import User
from portal.audit.scene import taken_back
from portal.departments.grants import kind_of
from portal.departments.models import Department, Membership, Role, Whom, Workspace, WorkspaceQuerySet

VIEW = "workspace.view"
MOST_LOOKED_AT = 200
"""Workspaces, and people, that are looked at one by one; a preview of more says that it is not complete."""

Pair = tuple[User, Any]
"""A person, and a workspace or another object with a name."""
Ids = frozenset[tuple[uuid.UUID, uuid.UUID]]


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
            *_sentences(self.losses, lost),
            *_sentences(self.gains, gained),
        ]


class _Undo(Exception):
    pass


def preview(reach: Reach, change: Callable[[], object]) -> Preview:
    """Raises whatever ``change`` raises."""
    people, workspaces = list(reach.people[: MOST_LOOKED_AT + 1]), list(reach.workspaces[: MOST_LOOKED_AT + 1])
    complete = len(people) <= MOST_LOOKED_AT and len(workspaces) <= MOST_LOOKED_AT
    looked_at = people[:MOST_LOOKED_AT], workspaces[:MOST_LOOKED_AT]
    gained, lost = _compared(lambda: _seen(*looked_at), change)
    places = Workspace.objects.in_bulk({place for _, place in gained | lost})
    return Preview(_named(gained, places), _named(lost, places), complete)


def preview_on(target: Model, right: str, change: Callable[[], object]) -> Preview:
    """Who would come to hold a right on one object, and who would no longer. Raises whatever ``change`` raises."""
    gained, lost = _compared(
        lambda: frozenset((person, target.pk) for person in who_may(right, target).values_list("pk", flat=True)), change
    )
    here = {target.pk: target}
    return Preview(_named(gained, here), _named(lost, here), complete=True)


def _compared(look: Callable[[], Ids], change: Callable[[], object]) -> tuple[Ids, Ids]:
    """What is there after the change and was not before, and the other way round; the change is rolled back.

    The change comes first: whoever may not make it is refused before anything is looked at, which takes long.
    """
    before = after = frozenset[tuple[uuid.UUID, uuid.UUID]]()
    with transaction.atomic():
        try:
            with transaction.atomic():
                change()
                after = look()
                raise _Undo
        except _Undo:
            taken_back("dry run")
        before = look()
    return after - before, before - after


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


def who_may(right: str, target: Model) -> QuerySet[User]:
    """People who hold a right on an object, by name; platform roles apart."""
    objects: Any = kind_of(target).model._default_manager
    here = objects.filter(pk=target.pk).allowed_to(Whom(column="pk", depth=1), right)
    return User.objects.filter(Exists(here), is_active=True).order_by("username")


def _seen(people: Sequence[User], workspaces: Sequence[Workspace]) -> Ids:
    """In two queries at most, however many are looked at."""
    pairs = set[tuple[uuid.UUID, uuid.UUID]]()
    if people:
        pairs.update(_ids(User.objects.filter(pk__in=[person.pk for person in people]), Workspace.objects.all()))
    if workspaces:
        pairs.update(_ids(User.objects.all(), Workspace.objects.filter(pk__in=[place.pk for place in workspaces])))
    return frozenset(pairs)


def _ids(people: QuerySet[User], workspaces: WorkspaceQuerySet) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
    """Who of the people sees which of the workspaces."""
    seen = workspaces.allowed_to(Whom(column="pk", depth=1), VIEW).order_by().values("pk")
    rows = people.filter(is_active=True).order_by().annotate(seen=ArraySubquery(seen)).values_list("pk", "seen")
    for person, places in rows:
        for place in places:
            yield person, place


def _named(pairs: Ids, places: Mapping[uuid.UUID, Any]) -> tuple[Pair, ...]:
    people = User.objects.in_bulk({person for person, _ in pairs})
    found = [(people[person], places[place]) for person, place in pairs]
    return tuple(sorted(found, key=lambda pair: (pair[1].name, str(pair[1].pk), pair[0].username)))


def lost(count: int) -> str:
    return ngettext("1 person loses access to %(place)s", "%(count)s people lose access to %(place)s", count)


def gained(count: int) -> str:
    return ngettext("1 person gains access to %(place)s", "%(count)s people gain access to %(place)s", count)


def _sentences(pairs: Iterable[Pair], wording: Callable[[int], str]) -> list[str]:
    """One for each workspace, such as “7 people lose access to Export planning”."""
    counted: dict[Any, int] = {}
    for _, workspace in pairs:
        counted[workspace] = counted.get(workspace, 0) + 1
    return [wording(count) % {"count": count, "place": workspace.name} for workspace, count in counted.items()]
