from portal.departments.models.rights import (
    KINDS,
    Kind,
    PersonGrantBase,
    SubjectGrantBase,
    denied,
    given,
    given_ids,
    held,
    register_kind,
)
from portal.departments.models.tree import (
    DenialBase,
    Department,
    DepartmentDenial,
    DepartmentQuerySet,
    Membership,
    Role,
    RoleAction,
)
from portal.departments.models.whom import Whom
from portal.departments.models.workspaces import (
    Workspace,
    WorkspaceDenial,
    WorkspaceGrant,
    WorkspaceQuerySet,
    WorkspaceSubjectGrant,
)

__all__ = [
    "KINDS",
    "DenialBase",
    "Department",
    "DepartmentDenial",
    "DepartmentQuerySet",
    "Kind",
    "Membership",
    "PersonGrantBase",
    "Role",
    "RoleAction",
    "SubjectGrantBase",
    "Whom",
    "Workspace",
    "WorkspaceDenial",
    "WorkspaceGrant",
    "WorkspaceQuerySet",
    "WorkspaceSubjectGrant",
    "denied",
    "given",
    "given_ids",
    "held",
    "register_kind",
]
