"""Every request leaves a row in the audit journal: what its service recorded, or else what is recorded here.

Changes are recorded by services, in their transactions. Here come the reads, before they are answered (a read that
cannot be recorded is not answered), and the refusals.
"""

import ipaddress
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout

from portal.accounts.door import actor_of
from portal.audit.journal import Act, Outcome, Target
from portal.audit.refusals import refusals
from portal.audit.scene import Scene, current_scene, opened
from portal.audit.witness import witness
from portal.core.actor import ANONYMOUS, Actor
from portal.core.catalogue import Action
from portal.core.declare import action_of_request
from portal.core.error_views import error_response
from portal.core.errors import MethodNotAllowed, Unavailable

log = structlog.get_logger(__name__)

NOT_WRITTEN = (DatabaseError, InterfaceError, PoolTimeout)

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
REASONS = {401: "not signed in", 403: "role", 404: "missing or not visible", 429: "rate"}

UNRECORDED = {
    "GET /healthz": "asked every few seconds by monitors, tells nothing of anybody",
    "GET /readyz": "asked every few seconds by monitors and the launcher, states of components only",
    "GET /metrics": "asked every few seconds by the company's monitoring, sums only; who is refused is recorded",
    "GET /api/openapi.json": "the description of the API, the same for everybody; who is refused is recorded",
    "GET /sign-in/": "the empty form, open to everybody; each attempt is recorded",
    "GET /manifest.webmanifest": "name and icons of the app, the same for everybody",
    "GET /service-worker.js": "a script, the same for everybody; browsers look for a newer one on their own",
    "GET /offline/": "a page without content, the same for everybody, fetched by the service worker",
    "GET /drawing/": "an empty frame, the same for everybody",
}
"""Reads that leave no row, each with its reason. Static files have no route and do not come here."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How a request was answered."""

    outcome: Outcome
    reason: str


class RequestAuditMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with opened(Scene(address=client_address(request))) as scene:
            response = self._get_response(request)
            try:
                refusals.flush()
            except NOT_WRITTEN as error:
                log.warning("audit.not_summarised", error=type(error).__name__)
            return self._recorded(request, response, scene)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]) -> None:
        current_scene().place = place_of(request)

    def _recorded(self, request: HttpRequest, response: HttpResponse, scene: Scene) -> HttpResponse:
        action = action_of_request(request) if request.resolver_match else None
        if action is None or response.status_code in (MethodNotAllowed.status, Unavailable.status):
            return response
        actor = actor_of(request) if hasattr(request, "user") else ANONYMOUS
        seen = seen_as(response, actor, action, scene)
        if scene.refused or (seen.outcome == "allowed" and (scene.recorded or scene.place in UNRECORDED)):
            return response
        act = Act(action.name, target_of(request, action), seen.outcome, seen.reason)
        try:
            if seen.outcome == "allowed" and actor.is_person:
                witness(actor, act)
            else:
                refusals.note(actor, act)
        except NOT_WRITTEN as error:
            log.error("audit.not_recorded", action=action.name, error=type(error).__name__)
            if seen.outcome == "allowed":
                response.close()
                return error_response(request, Unavailable())
        return response


def seen_as(response: HttpResponse, actor: Actor, action: Action, scene: Scene) -> Seen:
    status = response.status_code
    reason = getattr(response, "refused_for", "")
    if status in REASONS:
        return Seen("denied", reason or REASONS[status])
    if not actor.is_person and not action.public and response.headers.get("Location", "").startswith(_sign_in()):
        return Seen("denied", REASONS[401])
    if status >= 400 or scene.failed:
        # A door may have let it in; what failed has no reason of its own then.
        return Seen("failed", reason or (scene.reason if scene.failed else "") or f"status {status}")
    return Seen("allowed", "")


def _sign_in() -> str:
    return str(settings.LOGIN_URL)


def place_of(request: HttpRequest) -> str:
    """Method and route's pattern, which holds no value of this request. ``HEAD`` reads what ``GET`` reads."""
    method = request.method if request.method in METHODS else "OTHER"
    route = request.resolver_match.route.replace("<uuidstr:", "<uuid:") if request.resolver_match else ""
    return f"{'GET' if method == 'HEAD' else method} /{route}"


def target_of(request: HttpRequest, action: Action) -> Target:
    """The object that the address names: of ids, that of the action's own resource; nothing that is no id."""
    match = request.resolver_match
    if match is None:
        return Target()
    ids = {name.removesuffix("_id"): found for name, value in match.kwargs.items() if (found := _id(value))}
    if not ids:
        return Target()
    kind = action.resource if action.resource in ids else next(iter(ids))
    return Target(_kind_of_page(match.func) if kind == "object" else kind, ids[kind])


def _kind_of_page(view: object) -> str:
    options = getattr(getattr(view, "model_admin", None), "opts", None)
    name = str(getattr(options, "model_name", "object"))
    return {"user": "person", "workspacegrant": "grant"}.get(name, name)


def _id(value: object) -> str:
    text = str(value)
    if text.isascii() and text.isdigit() and len(text) < 20:
        return text
    with suppress(ValueError):
        return str(uuid.UUID(text))
    return ""


def client_address(request: HttpRequest) -> str:
    """As the rule of trusted proxies leaves it; empty where it is no address, as over a unix socket."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    return ""
