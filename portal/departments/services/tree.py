"""Changing the tree of departments."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from treebeard.exceptions import InvalidMoveToDescendant, PathOverflow

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.core.text import clean_text
from portal.departments.authority import (
    is_unbound,
    one_change_at_a_time,
    refuse_own,
    require_at,
    require_held_at,
)
from portal.departments.ceiling import no_denial_ends, nobody_gains, people_under_denials_above, require_throughout
from portal.departments.models import Department, Membership, Workspace
from portal.departments.services.roles import role_rights

NAME_LENGTH = 120


@contextmanager
def _changing_the_tree() -> Iterator[None]:
    """One change of the tree at a time, until its commit. Nodes have to be read again under this lock: see
    ``_current``."""
    with transaction.atomic():
        one_change_at_a_time()
        try:
            yield
        except InvalidMoveToDescendant as error:
            raise Invalid(_("A department cannot be moved below itself."), code="below_itself") from error
        except PathOverflow as error:
            raise Invalid(_("The tree of departments has no room there."), code="tree_full") from error
        except ProtectedError as error:
            raise Conflict(
                _("Something keeps the department, such as a legal hold. Nothing was changed."), code="kept"
            ) from error


def _current(department: Department) -> Department:
    """The row as it is now; the caller's copy may be older than the lock. Raises NotFound."""
    found: Department | None = Department.objects.filter(pk=department.pk).first()
    if found is None:
        raise NotFound
    return found


@_changing_the_tree()
def create_department(actor: Actor, name: str, parent: Department | None = None) -> Department:
    """Raises NotFound: ``parent`` is gone or not seen. Forbidden. Invalid: the tree is too deep or too wide there."""
    tree, values = Department.objects, {"name": clean_text(name, limit=NAME_LENGTH, name="name")}
    require_at(actor, "department.manage", parent)
    department: Department = tree.add_child(_current(parent), values) if parent else tree.add_root(values)
    record(actor, "department.manage", Target("department", department.pk), details={"change": "created"})
    return department


@_changing_the_tree()
def rename_department(actor: Actor, department: Department, name: str) -> None:
    """Renaming keeps the order of the siblings, which is by name. Raises NotFound, Forbidden, Invalid."""
    current = _current(department)
    require_at(actor, "department.manage", current)
    cleaned = clean_text(name, limit=NAME_LENGTH, name="name")
    if current.name == cleaned:
        return
    current.name = cleaned
    current.save(update_fields=["name"])
    Department.objects.move(current, current, pos="sorted-sibling")
    record(actor, "department.manage", Target("department", department.pk), details={"change": "renamed"})


@_changing_the_tree()
def move_department(actor: Actor, department: Department, parent: Department | None) -> None:
    """Put the department and its subtree under ``parent``, or at the top.

    It takes the right to manage departments where it lies now and where it goes: whoever manages a department alone
    moves what is below it, not itself, and draws nothing in from elsewhere. Its people become people of what lies
    above it, which takes the right to manage those too.

    Raises:
        Invalid: ``parent`` is the department itself or lies below it.
        NotFound: one of the two is gone or not seen.
        Forbidden: the actor does not manage both places, or somebody would gain a right that he does not hold.
    """
    current = _current(department)
    require_at(actor, "department.view", current)
    _require_above(actor, current)
    require_at(actor, "department.manage", parent)
    if parent is not None and Membership.objects.filter(department__path__startswith=current.path).exists():
        require_at(actor, "membership.manage", parent)
    with nobody_gains(actor, department=current), no_denial_ends(actor, people_under_denials_above(current)):
        _put(current, parent)
    details = {"change": "moved", "parent": str(parent.pk) if parent else ""}
    record(actor, "department.manage", Target("department", department.pk), details=details)


def _put(department: Department, parent: Department | None) -> None:
    if parent is None:
        Department.objects.move(department, Department.objects.get_first_root_node(), pos="sorted-sibling")
        return
    target = _current(parent)
    if target.path.startswith(department.path):
        raise InvalidMoveToDescendant
    Department.objects.move(department, target, pos="sorted-child")


@_changing_the_tree()
def remove_department(actor: Actor, department: Department, *, into: Department | None = None) -> None:
    """Remove a department. What it holds (departments, workspaces, roles of people) goes into another one.

    Raises:
        NotFound: one of the two is gone or not seen.
        Forbidden: the actor does not manage the places, has a role there himself, or somebody would gain a right that
            he does not hold.
        Invalid: the department holds something and ``into`` does not say where that goes, or lies inside it.
        Conflict: something keeps the department, such as a legal hold on it.
    """
    current = _current(department)
    require_at(actor, "department.view", current)
    _require_above(actor, current)
    held = department_content(current)
    if any(held.values()):
        if into is None:
            raise Invalid(_("Say where what the department holds is to go."), code="not_empty", details=held)
        _pour(actor, current, _current(into))
    else:
        _current(department).delete()
    details = {"change": "removed", "into": str(into.pk) if into else "", **held}
    record(actor, "department.manage", Target("department", department.pk), details=details)


def department_content(department: Department) -> dict[str, int]:
    """What the department itself holds, counted."""
    return {
        "departments": department.numchild,
        "workspaces": Workspace.objects.filter(department=department).count(),
        "memberships": Membership.objects.filter(department=department).count(),
    }


def _pour(actor: Actor, source: Department, target: Department) -> None:
    """Under the tree's lock: children, workspaces and memberships of ``source`` become those of ``target``; it goes."""
    if target.path.startswith(source.path):
        raise Invalid(_("What a department holds cannot go into itself or below it."), code="below_itself")
    for right in ("department.manage", "workspace.manage", "membership.manage"):
        require_at(actor, right, source)
        require_at(actor, right, target)
    with nobody_gains(actor, department=source), no_denial_ends(actor, people_under_denials_above(source)):
        _move_memberships(actor, source, target)
        _move_workspaces(source, target)
        _move_children(source, target)
        _current(source).delete()


def _move_memberships(actor: Actor, source: Department, target: Department) -> None:
    """A role at another department is a role that is given there."""
    known = set(Membership.objects.filter(department=target).values_list("person_id", "role_id"))
    for membership in Membership.objects.filter(department=source).select_related("person", "role"):
        if (membership.person_id, membership.role_id) in known:
            continue
        if not is_unbound(actor):
            refuse_own(actor, membership.person)
            rights = role_rights(membership.role)
            require_held_at(actor, rights, target)
            require_throughout(actor, rights, target)
        membership.department = target
        membership.save(update_fields=["department"])


def _move_children(source: Department, target: Department) -> None:
    for child in Department.objects.filter(depth=source.depth + 1, path__startswith=source.path):
        # Each move changes paths; the rows have to be read again.
        Department.objects.move(_current(child), _current(target), pos="sorted-child")


def _move_workspaces(source: Department, target: Department) -> None:
    taken = set(Workspace.objects.filter(department=target).values_list("name", flat=True))
    for workspace in Workspace.objects.filter(department=source):
        workspace.department = target
        if workspace.name in taken:
            workspace.name = _name_beside(taken, workspace.name, source.name)
        taken.add(workspace.name)
        workspace.save(update_fields=["department", "name"])


def _name_beside(taken: set[str], name: str, origin: str) -> str:
    """The name with where it came from, and a number where that is taken too; never longer than a name may be."""
    endings = (f" ({origin[:40]})" if number == 1 else f" ({origin[:40]} {number})" for number in count(1))
    names = (name[: NAME_LENGTH - len(ending)] + ending for ending in endings)
    return next(found for found in names if found not in taken)


def _require_above(actor: Actor, department: Department) -> None:
    """The right to manage departments where this one lies. Raises Forbidden."""
    parent = Department.objects.get_parent(department)
    try:
        require_at(actor, "department.manage", parent)
    except NotFound:
        # The department itself was seen; what is above it need not be.
        raise Forbidden from None
