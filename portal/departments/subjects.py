"""Whom rights are given to or taken from: a person, the holders of a role, or the people of a department.

django-guardian knows people and groups; a group of its own stands for each role and department that has a grant.
"""

from typing import Any, Literal, TypeAlias

from django.contrib.auth.models import Group

from portal.accounts.models import User
from portal.departments.models import Department, Role

Subject: TypeAlias = User | Role | Department


def kind_of_subject(subject: Subject) -> Literal["person", "role", "department"]:
    if isinstance(subject, User):
        return "person"
    return "role" if isinstance(subject, Role) else "department"


def as_details(subject: Subject) -> dict[str, str]:
    """For the audit journal."""
    return {kind_of_subject(subject): str(subject.pk)}


def group_of(subject: Role | Department) -> Group:
    """The group that stands for it, made where there is none. The caller is in a transaction."""
    model: Any = type(subject)
    # Its own row lock: two first grants at once must not make two groups.
    current = model._default_manager.select_for_update().get(pk=subject.pk)
    group: Group | None = current.group
    if group is None:
        group = Group.objects.create(name=f"{kind_of_subject(subject)} {subject.pk}")
        model._default_manager.filter(pk=subject.pk).update(group=group)
    subject.group = group
    return group


def forget_group(instance: Role | Department, **kwargs: Any) -> None:
    """With the role or department its group goes, and with that its grants."""
    if instance.group_id is not None:
        Group.objects.filter(pk=instance.group_id).delete()
