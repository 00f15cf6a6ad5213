"""For one person who is known: the sets of ids that roles, grants and denials reach, each found once for a query.

The conditions in ``rights`` and ``tree`` say the same for a person whom a column names. Asked of thousands of objects
they make the planner compare each with each; here the tree is entered by its index on paths, and what a person belongs
to is looked up once. ``tests/portal/rights`` holds both to one evaluator.
"""

import uuid

from django.db.models.expressions import RawSQL

# Names of tables are the models' own and no input.

# The roles of a person, and the departments that he is of: those where he has a role and all above them.
_HIS_ROLES = "SELECT mine.role_id FROM departments_membership mine WHERE mine.person_id = %s"
_HIS_DEPARTMENTS = """
    SELECT above.id FROM departments_membership mine
    JOIN departments_department here ON here.id = mine.department_id
    JOIN departments_department above ON above.path = ANY (ARRAY(
        SELECT left(here.path, step) FROM generate_series(4, length(here.path), 4) step))
    WHERE mine.person_id = %s
"""


def his_roles(person: uuid.UUID) -> RawSQL:
    return RawSQL(_HIS_ROLES, (person,))


def his_departments(person: uuid.UUID) -> RawSQL:
    """Those that he is of."""
    return RawSQL(_HIS_DEPARTMENTS, (person,))


# Bytewise, as the pattern index on paths is kept: a path and all that begin with it.
_INSIDE = "JOIN departments_department inside ON inside.path ~>=~ place.path AND inside.path ~<~ (place.path || '~')"

_BY_ROLES = f"""
    SELECT inside.id FROM departments_membership mine
    JOIN departments_role_action action ON action.role_id = mine.role_id AND action.action = %s
    JOIN departments_department place ON place.id = mine.department_id
    {_INSIDE}
    WHERE mine.person_id = %s
"""

_CONCERNING = f"""
    denial.action IN ('', %s) AND (denial.for_person_id = %s OR denial.for_role_id IN ({_HIS_ROLES})
        OR denial.for_department_id IN ({_HIS_DEPARTMENTS}))
"""

_UNDER_DENIALS = f"""
    SELECT inside.id FROM departments_department_denial denial
    JOIN departments_department place ON place.id = denial.content_object_id
    {_INSIDE}
    WHERE {_CONCERNING}
"""


def departments_by_roles(person: uuid.UUID, action: str) -> RawSQL:
    """Where a role gives him the right."""
    return RawSQL(_BY_ROLES, (action, person))


def departments_under_denials(person: uuid.UUID, action: str) -> RawSQL:
    """Where a denial at the department or above it takes it from him."""
    return RawSQL(_UNDER_DENIALS, (action, person, person, person))


def objects_denied(person: uuid.UUID, action: str, denials: str) -> RawSQL:
    """On which it is denied to him; ``denials`` is the table of the kind."""
    found = f"SELECT denial.content_object_id FROM {denials} denial WHERE {_CONCERNING}"
    return RawSQL(found, (action, person, person, person))


def objects_given_to_person(person: uuid.UUID, action: str, grants: str) -> RawSQL:
    found = f"""
        SELECT given.content_object_id FROM {grants} given
        JOIN auth_permission permission ON permission.id = given.permission_id AND permission.codename = %s
        WHERE given.user_id = %s
    """
    return RawSQL(found, (action, person))


def objects_given_to_subject(person: uuid.UUID, action: str, grants: str) -> RawSQL:
    """By grants to a role that he holds, or to a department that he is of."""
    found = f"""
        SELECT given.content_object_id FROM {grants} given
        JOIN auth_permission permission ON permission.id = given.permission_id AND permission.codename = %s
        WHERE given.group_id IN (SELECT role.group_id FROM departments_role role WHERE role.id IN ({_HIS_ROLES}))
            OR given.group_id IN (
                SELECT department.group_id FROM departments_department department
                WHERE department.group_id IS NOT NULL AND department.id IN ({_HIS_DEPARTMENTS}))
    """
    return RawSQL(found, (action, person, person))
