"""Redis publications from synchronous code. They may be lost: the journal and the heartbeat carry the same news."""

import uuid
from collections.abc import Sequence
from functools import cache

import redis
import structlog
from django.conf import settings
from django.db import transaction

from portal.runs.events import JournalEvent
from portal.runs.wire import CANCEL_CHANNEL, EVENTS_CHANNEL, encode

log = structlog.get_logger(__name__)


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.APPLIANCE_REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None, health_check_interval=30
    )


def publish_on_commit(events: Sequence[JournalEvent]) -> None:
    transaction.on_commit(lambda: _publish(EVENTS_CHANNEL, encode(events)))


def ring_cancel_on_commit(run_id: uuid.UUID) -> None:
    transaction.on_commit(lambda: _publish(CANCEL_CHANNEL, run_id.hex.encode()))


def _publish(channel: str, message: bytes) -> None:
    try:
        _client().publish(channel, message)
    except redis.RedisError as error:
        log.warning("doorbell.not_rung", channel=channel, error=type(error).__name__)
