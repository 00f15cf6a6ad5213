"""A company of 2,000 departments in 20 levels."""

from typing import Any

from portal.departments.models import Department

DEPARTMENTS, LEVELS = 2_000, 20


def deep_tree() -> None:
    """Chains below the company, each ``Unit 007 02`` to ``Unit 007 20``."""
    tree: Any = Department
    root: Any = Department.objects.get(depth=1)
    first = Department.objects.filter(depth=2).count() + 1
    made = []
    for chain in range(DEPARTMENTS // (LEVELS - 1) + 1):
        path = tree._get_path(root.path, 2, first + chain)
        for level in range(2, LEVELS + 1):
            below = int(level < LEVELS)
            made.append(Department(path=path, depth=level, numchild=below, name=f"Unit {chain:03} {level:02}"))
            path = tree._get_path(path, level + 1, 1)
    Department.objects.bulk_create(made)
