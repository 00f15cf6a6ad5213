"""A database connection of its own, outside Django's pool; each statement commits by itself."""

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


async def own_connection() -> psycopg.AsyncConnection:
    """For work that stays on an event loop. Raises psycopg.Error: the database cannot be reached."""
    return await psycopg.AsyncConnection.connect(_address(), autocommit=True, prepare_threshold=3)


def own_blocking_connection(name: str) -> psycopg.Connection:
    """For a thread of its own; ``name`` tells it in PostgreSQL's list. Raises psycopg.Error: no database in reach."""
    return psycopg.Connection.connect(_address(), autocommit=True, prepare_threshold=3, application_name=name)


def _address() -> str:
    """Of the database that Django uses."""
    known = connection.settings_dict
    return make_conninfo(**{key: str(known[name]) for key, name in _KEYS.items() if known.get(name)})
