"""The whole appliance on a database of its own, for as long as something is measured on it."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from launcher.process import Child
from launcher.services import start_postgres
from tests.stack import Stack, start_stack


@contextmanager
def stack_of_its_own() -> Iterator[tuple[Stack, int]]:
    """The stack, and the process of its PostgreSQL."""
    with ExitStack() as cleanup:
        data = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="appliance-bench-")))
        data.chmod(0o755)
        os.environ.setdefault("APPLIANCE_SECRET_KEY", "a key for the benchmark only")
        postgres = start_postgres(data)
        cleanup.callback(postgres.stop)
        os.environ["APPLIANCE_DATABASE_URL"] = postgres.url
        started = time.monotonic()
        (data / "stack").mkdir()
        stack = cleanup.enter_context(start_stack(data / "stack"))
        print(f"stack ready after {time.monotonic() - started:.1f} s")
        yield stack, process_id(postgres.child)


def process_id(child: Child) -> int:
    if child.process is None:
        raise RuntimeError(f"{child.name} does not run")
    return child.process.pid
