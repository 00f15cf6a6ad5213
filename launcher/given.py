"""Services that the environment names instead of the embedded ones: looked at before anything is started."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import psycopg
import redis

from launcher.errors import LauncherError

TIMEOUT = 5
"""Seconds to wait for a given service's first answer."""

OLDEST_POSTGRES = 150000
"""The oldest server that Django 5.2 supports, as PostgreSQL counts versions."""

OLDEST_REDIS = (6, 2)


def check_database(url: str) -> str | None:
    """Returns a warning, or nothing. Raises LauncherError where there is no usable PostgreSQL at the address."""
    name = "APPLIANCE_DATABASE_URL"
    try:
        with psycopg.connect(url, connect_timeout=TIMEOUT) as connection:
            version = connection.info.server_version
            vector = connection.execute("SELECT FROM pg_available_extensions WHERE name = 'vector'").rowcount
    except psycopg.ProgrammingError as error:
        raise LauncherError(f"{name} is not an address that PostgreSQL's client understands.") from error
    except psycopg.Error as error:
        reason = _reason(str(error), url)
        raise LauncherError(f"{name}: no connection to PostgreSQL at {shown(url)}: {reason}") from error
    if version < OLDEST_POSTGRES:
        raise LauncherError(f"{name}: PostgreSQL 15 or newer is needed, {shown(url)} is {version // 10000}.")
    if not vector:
        return f"{name}: {shown(url)} lacks the extension pgvector; searching documents by meaning will not work."
    return None


def check_redis(url: str) -> None:
    """Raises LauncherError where there is no usable Redis at the address."""
    name = "APPLIANCE_REDIS_URL"
    try:
        with redis.Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=None) as client:
            version = str(client.info("server")["redis_version"])
    except (redis.RedisError, OSError, ValueError) as error:
        reason = _reason(str(error), url)
        raise LauncherError(f"{name}: no connection to Redis at {shown(url)}: {reason}") from error
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers < OLDEST_REDIS:
        raise LauncherError(f"{name}: Redis 6.2 or newer is needed, {shown(url)} is {version}.")


def shown(url: str) -> str:
    """The address without user, password and options: what may be printed."""
    address = urlsplit(url)
    host = dict(parse_qsl(address.query)).get("host") or address.netloc.rpartition("@")[2] or "the default socket"
    return f"{host}{address.path}"


def _reason(message: str, url: str) -> str:
    """The first line of a client's message, with the password struck out should it be there."""
    password = urlsplit(url).password
    line = message.strip().splitlines()[0] if message.strip() else "no answer"
    return line.replace(password, "…") if password else line
