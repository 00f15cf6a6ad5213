"""Grants on single objects. The only module of the house that talks to django-guardian."""

from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.departments.models import Workspace

USE_WORKSPACE = "use_workspace"


@transaction.atomic
def grant_workspace(actor: Actor, person: User, workspace: Workspace) -> None:
    """Let ``person`` use ``workspace`` without being of its department. Granting twice changes nothing."""
    assign_perm(USE_WORKSPACE, person, workspace)
    record(actor, "grant.give", Target("workspace", workspace.pk), details={"person": str(person.pk)})


@transaction.atomic
def withdraw_workspace(actor: Actor, person: User, workspace: Workspace) -> None:
    remove_perm(USE_WORKSPACE, person, workspace)
    record(actor, "grant.withdraw", Target("workspace", workspace.pk), details={"person": str(person.pk)})
