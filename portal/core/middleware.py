import time
import uuid
from collections.abc import Callable

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout

from portal.core.error_views import error_response, wants_json
from portal.core.errors import AppError, Invalid, MethodNotAllowed, TooLarge, Unavailable
from portal.core.metrics import HTTP_REQUESTS, HTTP_SECONDS

log = structlog.get_logger("portal.http")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """One log line and one metric a request: method, route, status, time. Never the query, headers or body."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex[:12])
        try:
            response = self._get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        elapsed = time.perf_counter() - started
        match = request.resolver_match
        route = match.route if match else "unmatched"
        HTTP_REQUESTS.labels(request.method, route, str(response.status_code)).inc()
        HTTP_SECONDS.labels(route).observe(elapsed)
        log.info(
            "request", method=request.method, route=route, status=response.status_code, ms=round(elapsed * 1000, 1)
        )
        return response


class NoStoreMiddleware:
    """What says nothing of caching is not kept: it is somebody's own, or an error. Static files do not come here."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class ErrorShapeMiddleware:
    """Turns expected errors of the views into answers, and the refusal of a method into the one shape."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code == MethodNotAllowed.status and wants_json(request):
            shaped = error_response(request, MethodNotAllowed())
            shaped["Allow"] = response["Allow"]
            return shaped
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, AppError):
            return error_response(request, exception)
        if isinstance(exception, RequestDataTooBig):
            return error_response(request, TooLarge())
        if isinstance(exception, DataError):
            # A value that PostgreSQL cannot hold or read, such as NUL in a text or a broken regular expression.
            log.warning("request.unreadable", error=type(exception).__name__)
            return error_response(request, Invalid())
        if isinstance(exception, (OperationalError, InterfaceError, PoolTimeout)):
            log.warning("database.unavailable", error=type(exception).__name__)
            return error_response(request, Unavailable())
        if isinstance(exception, DatabaseError):
            log.exception("database.error")
        return None
