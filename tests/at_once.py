"""Changes in threads of their own, each on a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def at_once(*changes: Callable[[], object]) -> list[BaseException]:
    """Run each change in a thread of its own, all starting together; what they raised."""
    start, raised = threading.Barrier(len(changes)), list[BaseException]()

    def run(change: Callable[[], object]) -> None:
        start.wait()
        try:
            change()
        except Exception as error:  # noqa: BLE001
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(change,)) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
