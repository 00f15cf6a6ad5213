"""Changing the tree, its people and its workspaces. Rights to do so are the console's to check, until delegation."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from treebeard.exceptions import InvalidMoveToDescendant, PathOverflow

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.errors import Invalid, NotFound
from portal.departments.choices import Role
from portal.departments.models import Department, Membership, Workspace


@contextmanager
def _changing_the_tree() -> Iterator[None]:
    """One change of the tree at a time, until its commit.

    A path is computed from the paths of other rows, so two changes at once would tear a subtree off, or put a new
    department where another one's roles reach. Nodes have to be read again under this lock: see ``_current``.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('tree of departments', 0))")
        try:
            yield
        except InvalidMoveToDescendant as error:
            raise Invalid("A department cannot be moved below itself.", code="below_itself") from error
        except PathOverflow as error:
            raise Invalid("The tree of departments has no room there.", code="tree_full") from error


def _current(department: Department) -> Department:
    """The row as it is now; the caller's copy may be older than the lock. Raises NotFound."""
    found: Department | None = Department.objects.filter(pk=department.pk).first()
    if found is None:
        raise NotFound
    return found


@_changing_the_tree()
def create_department(actor: Actor, name: str, parent: Department | None = None) -> Department:
    """Raises NotFound: ``parent`` is gone. Invalid: the tree is too deep or too wide there."""
    tree, values = Department.objects, {"name": name}
    department: Department = tree.add_child(_current(parent), values) if parent else tree.add_root(values)
    record(actor, "department.manage", Target("department", department.pk), details={"change": "created"})
    return department


@_changing_the_tree()
def rename_department(actor: Actor, department: Department, name: str) -> None:
    """Renaming keeps the order of the siblings, which is by name. Raises NotFound."""
    current = _current(department)
    if current.name == name:
        return
    current.name = name
    current.save(update_fields=["name"])
    Department.objects.move(current, current, pos="sorted-sibling")
    record(actor, "department.manage", Target("department", department.pk), details={"change": "renamed"})


@_changing_the_tree()
def move_department(actor: Actor, department: Department, parent: Department | None) -> None:
    """Put the department and its subtree under ``parent``, or at the top.

    Raises:
        Invalid: ``parent`` is the department itself or lies below it.
        NotFound: one of the two is gone.
    """
    current = _current(department)
    if parent is None:
        Department.objects.move(current, Department.objects.get_first_root_node(), pos="sorted-sibling")
    else:
        target = _current(parent)
        if target.path.startswith(current.path):
            raise InvalidMoveToDescendant
        Department.objects.move(current, target, pos="sorted-child")
    details = {"change": "moved", "parent": str(parent.pk) if parent else ""}
    record(actor, "department.manage", Target("department", department.pk), details=details)


@transaction.atomic
def set_membership(actor: Actor, person: User, department: Department, role: Role) -> Membership:
    membership, created = Membership.objects.update_or_create(
        person=person, department=department, defaults={"role": role}
    )
    record(
        actor,
        "department.manage",
        Target("department", department.pk),
        details={"change": "joined" if created else "role", "person": str(person.pk), "role": role},
    )
    return membership


@transaction.atomic
def end_membership(actor: Actor, person: User, department: Department) -> None:
    deleted, _ = Membership.objects.filter(person=person, department=department).delete()
    if deleted:
        record(
            actor,
            "department.manage",
            Target("department", department.pk),
            details={"change": "left", "person": str(person.pk)},
        )


@transaction.atomic
def create_workspace(actor: Actor, department: Department, name: str, purpose: str = "") -> Workspace:
    """Raises Invalid: the department already has a workspace of this name."""
    if Workspace.objects.filter(department=department, name=name).exists():
        raise Invalid("The department already has a workspace of this name.", code="name_taken")
    workspace = Workspace.objects.create(department=department, name=name, purpose=purpose)
    record(actor, "workspace.manage", Target("workspace", workspace.pk), details={"change": "created"})
    return workspace


@transaction.atomic
def change_workspace(actor: Actor, workspace: Workspace, name: str, purpose: str) -> None:
    """Raises Invalid: the department already has a workspace of this name."""
    current = Workspace.objects.select_for_update().get(pk=workspace.pk)
    if (current.name, current.purpose) == (name, purpose):
        return
    if Workspace.objects.filter(department=current.department_id, name=name).exclude(pk=current.pk).exists():
        raise Invalid("The department already has a workspace of this name.", code="name_taken")
    current.name, current.purpose = name, purpose
    current.save(update_fields=["name", "purpose"])
    record(actor, "workspace.manage", Target("workspace", workspace.pk), details={"change": "fields"})


@transaction.atomic
def archive_workspace(actor: Actor, workspace: Workspace, archived: bool = True) -> None:
    """Close the workspace for everyone, or open it again; its conversations stay. Doing it twice changes nothing."""
    if Workspace.objects.filter(pk=workspace.pk, archived=not archived).update(archived=archived):
        change = "archived" if archived else "restored"
        record(actor, "workspace.manage", Target("workspace", workspace.pk), details={"change": change})
