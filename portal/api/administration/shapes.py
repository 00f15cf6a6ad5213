"""What the administration of departments, workspaces, roles and rights takes and gives on `/api`."""

import datetime
import uuid
from typing import Annotated, Literal, TypeAlias

from ninja import Schema
from pydantic import Field

from portal.api.shapes import Strict

MOST_RIGHTS = 50
LONGEST_KIND, LONGEST_PERSON = 40, 150

Rights: TypeAlias = Annotated[list[str], Field(max_length=MOST_RIGHTS)]
PersonName: TypeAlias = Annotated[str, Field(min_length=1, max_length=LONGEST_PERSON)]
"""A person's id or exact user name."""
SubjectKind: TypeAlias = Literal["person", "role", "department"]


class DepartmentOut(Schema):
    id: uuid.UUID
    name: str
    depth: int
    # None at the top, and where the one above is not visible.
    parent: uuid.UUID | None
    rights: list[str]


class DepartmentIn(Strict):
    name: str
    # Without one: at the top.
    parent: uuid.UUID | None = None


class DepartmentPatch(Strict):
    name: str | None = None
    # Left out: it stays where it is. Null: to the top.
    parent: uuid.UUID | None = None


class PersonOut(Schema):
    id: uuid.UUID
    username: str
    name: str
    active: bool


class RoleRef(Schema):
    id: uuid.UUID
    name: str


class MembershipOut(Schema):
    id: uuid.UUID
    person: PersonOut
    department: uuid.UUID
    role: RoleRef
    since: datetime.datetime


class MembershipIn(Strict):
    person: PersonName
    role: uuid.UUID


class MoveIn(Strict):
    person: PersonName
    to: uuid.UUID


class InvitationIn(Strict):
    username: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    role: uuid.UUID


class InvitationOut(Schema):
    person: PersonOut
    # Opens once; whoever has it becomes the person.
    link: str


class WorkspaceFrame(Schema):
    id: uuid.UUID
    name: str
    purpose: str
    department: uuid.UUID
    archived: bool


class WorkspaceIn(Strict):
    department: uuid.UUID
    name: str
    purpose: str = ""


class WorkspacePatch(Strict):
    name: str | None = None
    purpose: str | None = None
    department: uuid.UUID | None = None
    archived: bool | None = None


class RoleOut(Schema):
    id: uuid.UUID
    name: str
    description: str
    rights: list[str]
    # Every company has it; it cannot be changed.
    builtin: bool


class RoleIn(Strict):
    name: str
    description: str = ""
    rights: Rights


class RolePatch(Strict):
    name: str | None = None
    description: str | None = None
    rights: list[str] | None = Field(None, max_length=MOST_RIGHTS)


class RightOut(Schema):
    name: str
    description: str
    # The kinds of objects on which it is given and denied.
    kinds: list[str]
    administrative: bool


class SubjectIn(Strict):
    """Exactly one of the three."""

    person: str | None = Field(None, min_length=1, max_length=LONGEST_PERSON)
    role: uuid.UUID | None = None
    department: uuid.UUID | None = None


class SubjectOut(Schema):
    kind: SubjectKind
    id: uuid.UUID
    name: str


class GrantOut(Schema):
    subject: SubjectOut
    rights: list[str]


class ObjectIn(Strict):
    kind: Annotated[str, Field(max_length=LONGEST_KIND)]
    object: uuid.UUID
    subject: SubjectIn


class GrantIn(ObjectIn):
    rights: Rights


class DenialIn(ObjectIn):
    rights: Rights = []
    # Every right that there is, and that there will be; without `rights`.
    every: bool = False
    reason: str = ""


class DenialOut(Schema):
    id: uuid.UUID
    subject: SubjectOut
    # None: every right.
    right: str | None
    reason: str


class ImportIn(Strict):
    # CSV; its first line names the columns.
    table: str


class ImportOut(Schema):
    people: int
    roles: int
    unchanged: int
    dry_run: bool
