"""How many statements an answer takes."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

MOST = 15


def taken(client: Client, path: str) -> int:
    """By a page that is opened for the second time, when what the process keeps is there."""
    client.get(path)
    return counted(lambda: client.get(path))


def counted(ask: Callable[[], HttpResponseBase]) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert ask().status_code == 200
    return len([query for query in queries if "SAVEPOINT" not in query["sql"]])
