"""A database connection of its own for work that stays on an event loop."""

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


async def own_connection() -> psycopg.AsyncConnection:
    """To the same database as Django's, outside its pool; each statement commits by itself.

    Raises:
        psycopg.Error: the database cannot be reached.
    """
    known = connection.settings_dict
    address = make_conninfo(**{key: str(known[name]) for key, name in _KEYS.items() if known.get(name)})
    return await psycopg.AsyncConnection.connect(address, autocommit=True, prepare_threshold=3)
