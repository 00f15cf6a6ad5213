import ipaddress

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg_pool import PoolTimeout

from portal.core.declare import declares
from portal.core.errors import NotFound
from portal.core.readiness import Component, components


@declares("system.health")
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@declares("system.health")
def readyz(request: HttpRequest) -> HttpResponse:
    found = {"database": _database(), "redis": _redis()}
    if found["database"].ready:
        found |= components()
    ready = all(component.ready for component in found.values())
    body = {
        "status": "ready" if ready else "not ready",
        "components": {
            name: {"ready": component.ready, "detail": component.detail} for name, component in found.items()
        },
    }
    return JsonResponse(body, status=200 if ready else 503)


@declares("system.metrics")
def metrics(request: HttpRequest) -> HttpResponse:
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        # What a proxy in front of us took over from a client's header need not be an address.
        raise NotFound from None
    if not any(address in network for network in settings.METRICS_NETWORKS):
        raise NotFound
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database() -> Component:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        return Component(False, type(error).__name__)
    return Component(True, "")


def _redis() -> Component:
    try:
        with redis.Redis.from_url(settings.APPLIANCE_REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError as error:
        return Component(False, type(error).__name__)
    return Component(True, "")
