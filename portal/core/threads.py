"""Database work from asynchronous code, off the event loop, in a pool of its own.

Channels' ``database_sync_to_async`` puts all of a process's work on one thread; starting fifty streams at once then
queues for most of a second.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import connection
from django.utils import translation

P = ParamSpec("P")
R = TypeVar("R")

_pool = ThreadPoolExecutor(max_workers=6, thread_name_prefix="database")


async def in_database_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``work`` in a pool thread, in the caller's language. Each thread keeps its connection, until an error
    spoils it.
    """
    language = translation.get_language()

    def run() -> R:
        try:
            with translation.override(language):
                return work(*args, **kwargs)
        finally:
            if connection.errors_occurred:
                connection.close()

    return await asyncio.get_running_loop().run_in_executor(_pool, run)
