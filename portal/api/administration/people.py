"""`/api/people`: new links for invited people, and invitations of many at once."""

import uuid

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.administration.present import invitation_out
from portal.api.administration.shapes import ImportIn, ImportOut, InvitationOut
from portal.api.refusals import REFUSALS
from portal.core.declare import declares
from portal.departments.services.invitations import renew_invitation
from portal.departments.services.people_import import import_people

router = Router()


@router.post("/{uuid:person_id}/invitation", response={201: InvitationOut, **REFUSALS})
@declares("invitation.issue")
def renew(request: HttpRequest, person_id: uuid.UUID) -> Status[InvitationOut]:
    """A new link for somebody who has no password yet; older links end."""
    return Status(201, invitation_out(request, renew_invitation(actor_of(request), str(person_id))))


@router.post("/imports", response={200: ImportOut, 201: ImportOut, **REFUSALS})
@declares("person.import")
def import_table(request: HttpRequest, body: ImportIn, dry_run: bool = False) -> Status[ImportOut]:
    """People from CSV: username, first_name, last_name, email, department, role. All of them, or none.

    A refusal names the lines (`details.problems`), up to 50 of them.
    """
    done = import_people(actor_of(request), body.table, dry_run=dry_run)
    shown = ImportOut(people=done.people, roles=done.roles, unchanged=done.unchanged, dry_run=dry_run)
    return Status(200 if dry_run else 201, shown)
