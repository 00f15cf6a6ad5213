"""Error answers: JSON in the one shape for programs, a page for browsers."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.core.errors import AppError, Forbidden, Invalid, NotFound

FOR_PROGRAMS = {"api", "v1", "healthz", "readyz"}


def wants_json(request: HttpRequest) -> bool:
    """By the first part of the path, also where a program wrote a slash too many."""
    return request.path.lstrip("/").partition("/")[0] in FOR_PROGRAMS


def error_response(request: HttpRequest, error: AppError) -> HttpResponse:
    if wants_json(request):
        return refused(JsonResponse(error.body(), status=error.status), error.reason)
    template = {403: "403.html", 404: "404.html", 429: "429.html"}.get(error.status, "error.html")
    return refused(render(request, template, {"error": error}, status=error.status), error.reason)


def refused(response: HttpResponse, reason: str) -> HttpResponse:
    """Note why, for the audit journal; the answer itself does not say more than its page."""
    response.refused_for = reason  # type: ignore[attr-defined]
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, Invalid())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, Forbidden())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    error = AppError()
    if wants_json(request):
        return JsonResponse(error.body(), status=error.status)
    return render(request, "500.html", status=error.status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    error = Forbidden(_("This page is out of date. Reload it and try again."), code="csrf")
    if wants_json(request):
        return refused(JsonResponse(error.body(), status=error.status), "csrf")
    return refused(render(request, "403_csrf.html", {"error": error}, status=error.status), "csrf")
