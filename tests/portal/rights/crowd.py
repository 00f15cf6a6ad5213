"""A large company: what rights cost there is measured, not guessed."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection, transaction

from portal.accounts.models import User
from portal.chat.models import Conversation, ConversationGrant
from portal.core.clock import now
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.models import (
    Department,
    DepartmentDenial,
    Membership,
    Role,
    RoleAction,
    Workspace,
    WorkspaceDenial,
    WorkspaceGrant,
    WorkspaceSubjectGrant,
)
from portal.departments.subjects import group_of
from tests.portal.rights.reference import MEMBER_RIGHTS

MEMBERSHIPS, GRANTS, DENIALS, CHILDREN = 20, 50, 200, 7
"""``CHILDREN``: how many departments lie below each one; the tree is about four deep."""


@dataclass(frozen=True)
class Crowd:
    """``person`` has 20 roles and 50 grants, and 200 denials concern him or might."""

    person: User
    departments: list[Any]
    workspaces: list[Workspace]
    conversations: list[Conversation]


@transaction.atomic
def found_crowd(*, departments: int = 2_000, people: int = 1_000, objects: int = 10_000) -> Crowd:
    tree = _tree(departments)
    crowd = User.objects.bulk_create([User(username=f"person-{number}") for number in range(people)])
    member, manager = builtin_role(RoleKey.MEMBER), builtin_role(RoleKey.MANAGER)
    person = crowd[0]
    # His places are leaves and small branches, spread over the company.
    places = tree[len(tree) // 2 :: max(1, len(tree) // 2 // MEMBERSHIPS)][:MEMBERSHIPS]
    Membership.objects.bulk_create(
        [Membership(person=person, department=place, role=member) for place in places]
        + [
            Membership(
                person=other, department=tree[(number * 31) % len(tree)], role=manager if number % 9 == 0 else member
            )
            for number, other in enumerate(crowd[1:])
        ]
    )
    workspaces = Workspace.objects.bulk_create(
        [Workspace(department=tree[number % len(tree)], name=f"workspace {number}") for number in range(objects)]
    )
    conversations = Conversation.objects.bulk_create(
        [
            Conversation(
                workspace=workspaces[(number * 17) % objects],
                owner=crowd[number % 40 % people],
                title=f"conversation {number}",
                active_at=now(),
            )
            for number in range(objects)
        ]
    )
    _give(person, workspaces, conversations, places)
    _deny(crowd, tree, workspaces, places)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Crowd(person, tree, workspaces, conversations)


def _tree(count: int) -> list[Any]:
    """Breadth first, in one insert: the paths are computed here as treebeard would."""
    rows: list[Any] = []
    tree: Any = Department
    for number in range(count):
        parent = rows[(number - 1) // CHILDREN] if number else None
        step = (number - 1) % CHILDREN + 1 if number else 1
        depth = parent.depth + 1 if parent else 1
        path = tree._get_path(parent.path if parent else "", depth, step)
        children = max(0, min(CHILDREN, count - 1 - number * CHILDREN))
        rows.append(Department(name=f"department {number}", path=path, depth=depth, numchild=children))
    return list(Department.objects.bulk_create(rows))


def _give(person: User, workspaces: list[Workspace], conversations: list[Conversation], places: list[Any]) -> None:
    """Half to him, a quarter to a role of his, a quarter to a department that he is of; and as many to others."""
    role = Role.objects.create(name="guests")
    RoleAction.objects.create(role=role, action="department.view")
    Membership.objects.create(person=person, department=places[0], role=role)
    groups = [group_of(role), group_of(Department.objects.get(pk=places[1].pk))]
    rights = list(Permission.objects.filter(content_type__app_label="departments", codename__in=MEMBER_RIGHTS))
    read = Permission.objects.get(content_type__app_label="chat", codename="conversation.view")
    spread = workspaces[:: max(1, len(workspaces) // GRANTS)][:GRANTS]
    WorkspaceGrant.objects.bulk_create(
        [WorkspaceGrant(user=person, content_object=room, permission=right) for room in spread[::2] for right in rights]
    )
    WorkspaceSubjectGrant.objects.bulk_create(
        [
            WorkspaceSubjectGrant(group=groups[number % 2], content_object=room, permission=right)
            for number, room in enumerate(spread[1::2])
            for right in rights
        ]
    )
    ConversationGrant.objects.bulk_create(
        [
            ConversationGrant(user=person, content_object=item, permission=read)
            for item in conversations[1 :: max(1, len(conversations) // GRANTS)][:GRANTS]
        ]
    )


def _deny(crowd: list[User], tree: list[Any], workspaces: list[Workspace], places: list[Any]) -> None:
    subjects: list[dict[str, Any]] = [
        {"for_person": crowd[0]},
        {"for_role": builtin_role(RoleKey.MEMBER)},
        {"for_department": places[2]},
        {"for_person": crowd[-1]},
    ]
    half = DENIALS // 2
    DepartmentDenial.objects.bulk_create(
        [
            DepartmentDenial(content_object=tree[-1 - number * 3], action="workspace.view", **subjects[number % 4])
            for number in range(min(half, len(tree) // 4))
        ]
    )
    WorkspaceDenial.objects.bulk_create(
        [
            WorkspaceDenial(content_object=workspaces[number * 5 % len(workspaces)], action="", **subjects[number % 4])
            for number in range(min(half, len(workspaces) // 10))
        ]
    )
