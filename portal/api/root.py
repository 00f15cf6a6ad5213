"""`/api`: the one NinjaAPI, its sign-in, its error shape and its routers."""

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import PathView
from psycopg_pool import PoolTimeout

from portal.accounts.door import actor_of
from portal.api import (
    branches,
    break_glass,
    comments,
    conversations,
    exports,
    files,
    folders,
    imports,
    journal,
    live_settings,
    notices,
    people,
    prompts,
    retention,
    runs,
    search,
    sharing,
    usage,
)
from portal.api.administration.routers import ADMINISTRATION
from portal.api.bodies import FewValuesParser
from portal.api.session import SAFE, BrowserSession
from portal.core.declare import declared_action, declares, declares_by_method
from portal.core.error_views import error_response
from portal.core.error_views import refused as note_refusal
from portal.core.errors import (
    AppError,
    Conflict,
    Invalid,
    NotFound,
    NotSignedIn,
    TooLarge,
    Unavailable,
)

log = structlog.get_logger(__name__)

# Of what is wrong with a request so much is listed: names of fields come from outside, in any number and length.
MOST_PROBLEMS = 10
LONGEST_FIELD = 100


def for_people(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The description of the API is for those who may use it."""

    @declares("api.describe")
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not actor_of(request).is_person:
            raise NotSignedIn
        return view(request, *args, **kwargs)

    return checked


api = NinjaAPI(
    title="Private AI appliance",
    version="1",
    auth=BrowserSession(),
    parser=FewValuesParser(),
    docs_url=None,
    docs_decorator=for_people,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
api.add_router("", people.router)
api.add_router("conversations", conversations.router)
api.add_router("conversations", exports.router)
api.add_router("imports", imports.router)
api.add_router("conversations", branches.router)
api.add_router("conversations", sharing.router)
api.add_router("conversations", comments.router)
api.add_router("folders", folders.router)
api.add_router("files", files.router)
api.add_router("prompts", prompts.router)
api.add_router("runs", runs.router)
api.add_router("audit", journal.router)
api.add_router("break-glass", break_glass.router)
api.add_router("notices", notices.router)
api.add_router("settings", live_settings.router)
api.add_router("retention", retention.router)
api.add_router("search", search.router)
api.add_router("usage", usage.router)
for prefix, router in ADMINISTRATION:
    api.add_router(prefix, router)


@api.exception_handler(AppError)
def expected(request: HttpRequest, error: AppError) -> HttpResponse:
    return error_response(request, error)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Names the fields and what is wrong with them, never the values."""
    if any(item["loc"][:1] == ("path",) for item in error.errors):
        return error_response(request, NotFound())
    problems = [
        {"field": ".".join(str(part) for part in item["loc"])[:LONGEST_FIELD], "problem": item["msg"]}
        for item in error.errors[:MOST_PROBLEMS]
    ]
    details = {"problems": problems, "more": len(error.errors) - len(problems)}
    return error_response(request, Invalid(_("The request is not valid."), details=details))


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = {400: "invalid", 403: "csrf", 404: "not_found", 413: "too_large"}.get(error.status_code, "refused")
    shaped = {"error": {"code": code, "message": error.message, "details": {}}}
    return note_refusal(JsonResponse(shaped, status=error.status_code), code if code == "csrf" else "")


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return error_response(request, NotSignedIn())


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return error_response(
        request,
        TooLarge(_("The request is larger than %(limit)s bytes.") % {"limit": f"{limit:,}"}, details={"limit": limit}),
    )


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(DataError)
def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    """Too many fields, say, or a value that PostgreSQL cannot hold."""
    log.warning("request.unreadable", error=type(error).__name__)
    return error_response(request, Invalid())


@api.exception_handler(IntegrityError)
def crossed(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    """Two changes at once: the database refused the later one. Reads and the journal never cross."""
    table = getattr(getattr(error.__cause__, "diag", None), "table_name", "")
    if request.method in SAFE or table == "audit_entry":
        return unexpected(request, error)
    log.warning("request.crossed", error=type(error).__name__)
    return error_response(request, Conflict())


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
@api.exception_handler(PoolTimeout)
def database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("database.unavailable", error=type(error).__name__)
    return error_response(request, Unavailable())


@api.exception_handler(Exception)
def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("api.failed", error=type(error).__name__, exc_info=error)
    return error_response(request, AppError())


def _declare_operations() -> tuple[list[URLPattern | URLResolver], str, str]:
    """The API's URL patterns, each marked with the actions of its operations."""
    patterns, application, namespace = api.urls
    for pattern in patterns:
        cells = getattr(pattern.callback, "__closure__", None) or ()
        for view in (cell.cell_contents for cell in cells if isinstance(cell.cell_contents, PathView)):
            pairs = [(method, declared_action(item.view_func)) for item in view.operations for method in item.methods]
            declares_by_method(pattern.callback, {method: action for method, action in pairs if action})
    return patterns, application, namespace


api_urls = _declare_operations()
