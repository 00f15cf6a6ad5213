"""Changing the tree, its people and its workspaces. Rights to do so are the console's to check until delegation stands."""

from django.db import transaction

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.errors import Invalid
from portal.departments.choices import Role
from portal.departments.models import Department, Membership, Workspace


@transaction.atomic
def create_department(actor: Actor, name: str, parent: Department | None = None) -> Department:
    department: Department = parent.add_child(name=name) if parent else Department.add_root(name=name)
    record(actor, "department.manage", Target("department", department.pk), details={"change": "created"})
    return department


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
