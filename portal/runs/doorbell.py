"""Telling workers and portals of news, at the commit.

All of it may be lost: rows, journal and heartbeat carry the same, and the reaper rings again for what nobody began.
"""

import threading
import uuid
from collections.abc import Callable, Sequence
from functools import cache

import redis
import structlog
from django.conf import settings
from django.db import transaction

from portal.core.jobs import send_now
from portal.runs.events import JournalEvent
from portal.runs.wire import ANSWER_NOW_CHANNEL, CANCEL_CHANNEL, EVENTS_CHANNEL, encode

log = structlog.get_logger(__name__)

EXECUTE_JOB = "runs.execute"
# One worker takes all runs of a job, so that several workers still share a burst.
MOST_IN_A_JOB = 16


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.APPLIANCE_REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None, health_check_interval=30
    )


class Ringer:
    """Sends the jobs of new runs. Runs that are queued while a job is being sent go together with the next one."""

    def __init__(self, send: Callable[[list[str]], object]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._sending = False

    def ring(self, run_id: uuid.UUID) -> None:
        with self._lock:
            self._waiting.append(str(run_id))
            if self._sending:
                return
            self._sending = True
        try:
            while batch := self._take():
                self._send(batch)
        except BaseException:
            with self._lock:
                self._sending = False
            raise

    def _take(self) -> list[str]:
        with self._lock:
            batch, self._waiting = self._waiting[:MOST_IN_A_JOB], self._waiting[MOST_IN_A_JOB:]
            self._sending = bool(batch)
            return batch


_ringer = Ringer(lambda run_ids: send_now(EXECUTE_JOB, {"run_ids": run_ids}, "interactive"))


def ring_on_commit(run_id: uuid.UUID) -> None:
    transaction.on_commit(lambda: _ringer.ring(run_id))


def publish_on_commit(events: Sequence[JournalEvent]) -> None:
    transaction.on_commit(lambda: _publish(EVENTS_CHANNEL, encode(events)))


def ring_cancel_on_commit(run_id: uuid.UUID) -> None:
    transaction.on_commit(lambda: _publish(CANCEL_CHANNEL, run_id.hex.encode()))


def ring_answer_now_on_commit(run_id: uuid.UUID) -> None:
    transaction.on_commit(lambda: _publish(ANSWER_NOW_CHANNEL, run_id.hex.encode()))


def _publish(channel: str, message: bytes) -> None:
    try:
        _client().publish(channel, message)
    except redis.RedisError as error:
        log.warning("doorbell.not_rung", channel=channel, error=type(error).__name__)
