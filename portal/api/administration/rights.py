"""`/api/grants`, `/api/denials` and `/api/rights/explanation`: rights on single objects, and why somebody has one.

A conversation's owner shares it by the same operations.
"""

import uuid
from typing import Annotated, TypeAlias

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from portal.accounts.door import actor_of
from portal.accounts.selectors import person_called
from portal.api.administration.explanations import ExplanationOut, explanation_out
from portal.api.administration.present import denial_out, grant_out
from portal.api.administration.previews import PreviewOut, foreseen
from portal.api.administration.shapes import (
    LONGEST_KIND,
    LONGEST_PERSON,
    MOST_RIGHTS,
    DenialIn,
    DenialOut,
    GrantIn,
    GrantOut,
    SubjectIn,
    SubjectKind,
)
from portal.api.refusals import REFUSALS
from portal.api.shapes import Page
from portal.core.actor import Actor
from portal.core.declare import declares
from portal.core.errors import Invalid
from portal.departments.denials import deny, lift
from portal.departments.explain import explain
from portal.departments.grants import give, withdraw
from portal.departments.models.tree import EVERY_RIGHT
from portal.departments.on_object import denials_on, denied_object, grant_of, grants_on, reach_of_object
from portal.departments.subjects import Subject
from portal.departments.targets import object_for_explanation, object_for_rights, subject_called

router = Router()

KindName: TypeAlias = Annotated[str, Field(max_length=LONGEST_KIND)]
ONE_SUBJECT = gettext_lazy("Name one subject: a person, a role or a department.")


def subject_named(subject: SubjectIn) -> tuple[SubjectKind, str]:
    """Raises Invalid: not exactly one is named."""
    named: list[tuple[SubjectKind, str]] = []
    if subject.person is not None:
        named.append(("person", subject.person))
    if subject.role is not None:
        named.append(("role", str(subject.role)))
    if subject.department is not None:
        named.append(("department", str(subject.department)))
    if len(named) != 1:
        raise Invalid(ONE_SUBJECT, code="one_subject", details={"field": "subject"})
    return named[0]


def find_subject(actor: Actor, subject: SubjectIn) -> Subject:
    return subject_called(actor, *subject_named(subject))


@router.get("/grants", response={200: Page[GrantOut], **REFUSALS})
@declares("grant.manage")
def list_grants(request: HttpRequest, kind: KindName, object: uuid.UUID) -> Page[GrantOut]:
    """All that stands on the object itself."""
    target = object_for_rights(actor_of(request), kind, object, departments=False)
    return Page(items=[grant_out(grant) for grant in grants_on(target)])


@router.post("/grants", response={200: PreviewOut, 201: GrantOut, **REFUSALS})
@declares("grant.give")
def add_grant(request: HttpRequest, body: GrantIn, dry_run: bool = False) -> Status[PreviewOut] | Status[GrantOut]:
    """Rights given again stay as they are; the answer is all that the subject was given on this object."""
    actor = actor_of(request)
    target = object_for_rights(actor, body.kind, body.object, departments=False)
    subject = find_subject(actor, body.subject)
    if dry_run:
        return Status(200, foreseen(actor, reach_of_object(target), lambda: give(actor, subject, target, body.rights)))
    give(actor, subject, target, body.rights)
    return Status(201, grant_out(grant_of(target, subject.pk)))


@router.delete("/grants", response={200: PreviewOut, 204: None, **REFUSALS})
@declares("grant.withdraw")
def delete_grant(
    request: HttpRequest,
    kind: KindName,
    object: uuid.UUID,
    subject: uuid.UUID,
    right: Annotated[list[str], Query(max_length=MOST_RIGHTS)] = [],  # noqa: B006  # ninja copies it
    dry_run: bool = False,
) -> Status[PreviewOut] | Status[None]:
    """The rights of one subject (by its id) on one object: those that are named, or all without any."""
    actor = actor_of(request)
    target = object_for_rights(actor, kind, object, departments=False)
    grant = grant_of(target, subject)
    rights = right or list(grant.rights)
    if dry_run:
        reach = reach_of_object(target)
        return Status(200, foreseen(actor, reach, lambda: withdraw(actor, grant.subject, target, rights)))
    withdraw(actor, grant.subject, target, rights)
    return Status(204, None)


@router.get("/denials", response={200: Page[DenialOut], **REFUSALS})
@declares("grant.manage")
def list_denials(request: HttpRequest, kind: KindName, object: uuid.UUID) -> Page[DenialOut]:
    """All that stand on the object or department itself."""
    target = object_for_rights(actor_of(request), kind, object)
    return Page(items=[denial_out(denial) for denial in denials_on(target)])


@router.post("/denials", response={200: PreviewOut, 201: Page[DenialOut], **REFUSALS})
@declares("denial.set")
def add_denial(
    request: HttpRequest, body: DenialIn, dry_run: bool = False
) -> Status[PreviewOut] | Status[Page[DenialOut]]:
    """The answer is all that is denied to the subject there."""
    actor = actor_of(request)
    target = object_for_rights(actor, body.kind, body.object)
    subject = find_subject(actor, body.subject)
    if body.every and body.rights:
        raise Invalid(_("Deny every right, or name some."), code="every_and_some", details={"field": "rights"})
    rights = [EVERY_RIGHT] if body.every else [right for right in body.rights if right != EVERY_RIGHT]
    if dry_run:
        reach = reach_of_object(target)
        return Status(200, foreseen(actor, reach, lambda: deny(actor, subject, target, rights, body.reason)))
    deny(actor, subject, target, rights, body.reason)
    standing = [denial for denial in denials_on(target) if denial.subject.pk == subject.pk]
    return Status(201, Page(items=[denial_out(denial) for denial in standing]))


@router.delete("/denials/{kind}/{uuid:denial_id}", response={200: PreviewOut, 204: None, **REFUSALS})
@declares("denial.lift")
def delete_denial(
    request: HttpRequest, kind: str, denial_id: uuid.UUID, dry_run: bool = False
) -> Status[PreviewOut] | Status[None]:
    actor = actor_of(request)
    target = denied_object(actor, kind, denial_id)
    if dry_run:
        return Status(200, foreseen(actor, reach_of_object(target), lambda: lift(actor, kind, denial_id)))
    lift(actor, kind, denial_id)
    return Status(204, None)


@router.get("/rights/explanation", response={200: ExplanationOut, **REFUSALS})
@declares("rights.explain")
def explain_right(
    request: HttpRequest,
    person: Annotated[str, Field(min_length=1, max_length=LONGEST_PERSON)],
    right: Annotated[str, Field(max_length=64)],
    kind: KindName,
    object: uuid.UUID,
) -> ExplanationOut:
    """Whether a person holds a right on an object or at a department, and everything that speaks for and against."""
    actor = actor_of(request)
    target = object_for_explanation(actor, kind, object)
    return explanation_out(explain(actor, person_called(person), right, target))
