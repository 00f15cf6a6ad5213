import uuid

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.shapes import Error, Page, PlannedOut, PlanOut, RuleIn, RuleOut
from portal.core.declare import declares
from portal.retention.access import rule_place
from portal.retention.models import Rule
from portal.retention.selectors import Place, plan, rules
from portal.retention.services.rules import remove_rule, set_rule

router = Router()

REFUSALS = {400: Error, 401: Error, 403: Error, 404: Error, 409: Error, 415: Error, 503: Error}


@router.get("/rules", response={200: Page[RuleOut], **REFUSALS})
@declares("retention.view")
def list_rules(request: HttpRequest) -> Page[RuleOut]:
    """Those of the departments that one manages; administrators and auditors see all."""
    return Page(items=[_rule_out(rule) for rule in rules(actor_of(request))])


@router.put("/rules", response={200: RuleOut, **REFUSALS})
@declares("retention.manage")
def put_rule(request: HttpRequest, body: RuleIn) -> RuleOut:
    """Set the one rule of a place. What is past its time goes at the next sweep: look at the plan first."""
    actor = actor_of(request)
    department, workspace = rule_place(actor, body.department, body.workspace)
    return _rule_out(set_rule(actor, body.days, department=department, workspace=workspace, kind=body.kind))


@router.delete("/rules/{uuid:rule_id}", response={204: None, **REFUSALS})
@declares("retention.manage")
def delete_rule(request: HttpRequest, rule_id: uuid.UUID) -> Status[None]:
    """What is above holds there from now on."""
    remove_rule(actor_of(request), rule_id)
    return Status(204, None)


@router.get("/plan", response={200: PlanOut, **REFUSALS})
@declares("retention.view")
def read_plan(request: HttpRequest) -> PlanOut:
    """The dry run: what a sweep would delete at this moment."""
    found = plan(actor_of(request))
    return PlanOut(
        kind=found.kind,
        delete=found.goes.items if found.goes else 0,
        held=found.held,
        unfinished=found.unfinished,
        workspaces=[_planned_out(place) for place in found.places],
    )


def _rule_out(rule: Rule) -> RuleOut:
    return RuleOut(
        id=rule.pk, department=rule.department_id, workspace=rule.workspace_id, kind=rule.kind, days=rule.days
    )


def _planned_out(place: Place) -> PlannedOut:
    goes = place.goes
    return PlannedOut(
        workspace=place.workspace.pk if place.workspace else place.department.pk,
        name=place.name,
        days=place.in_force.days,
        delete=goes.items if goes else 0,
        people=goes.people if goes else 0,
        bytes=goes.bytes if goes else 0,
        oldest=goes.oldest if goes else None,
        newest=goes.newest if goes else None,
        held=place.held,
        unfinished=place.unfinished,
    )
