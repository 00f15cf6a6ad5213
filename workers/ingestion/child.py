"""The child process: builds its walls, reads the file at its standard input, and writes what it finds as JSON lines.

``python -m workers.ingestion.child '{"name": …, "limits": {…}, "readable": […], "contained": false}' < file``

Nothing of the file is looked at before the walls stand.
"""

import base64
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from workers.ingestion.documents import PARSERS
from workers.ingestion.errors import CRASHED, EMPTY, MEMORY, Unreadable
from workers.ingestion.kinds import Kind, kind_of
from workers.ingestion.limits import Limits
from workers.ingestion.page import PAGE_CHARACTERS
from workers.ingestion.parsers.image import view_of
from workers.ingestion.sandbox import walls
from workers.ingestion.source import Budget, Source

LONGEST_PAGE: Final = 20 * PAGE_CHARACTERS


def main() -> None:
    asked = json.loads(sys.argv[1])
    limits = Limits(**asked["limits"])
    readable = [Path(path) for path in asked["readable"]]
    standing = walls.build(limits, readable, contained=asked["contained"])
    tell({"missing": list(standing.missing)})
    try:
        read(asked["name"], limits)
    except Unreadable as problem:
        tell({"error": problem.code})
    except (MemoryError, RecursionError):
        tell({"error": MEMORY})
    except Exception as problem:  # noqa: BLE001 - whatever a parser stumbles over, the file is at fault
        tell({"error": CRASHED, "problem": type(problem).__name__})


def read(name: str, limits: Limits) -> None:
    """Raises Unreadable, and whatever the libraries raise."""
    file = os.fdopen(0, "rb")
    source = Source(name, file, os.fstat(0).st_size, Budget(limits))
    kind = kind_of(source)
    tell({"kind": kind.value})
    found = False
    for page in source.budget.counted(PARSERS[kind](source)):
        found = found or bool(page.text.strip())
        tell({"page": [page.title, page.text[:LONGEST_PAGE]]})
    if not found:
        raise Unreadable(EMPTY)
    if kind is Kind.IMAGE:
        tell({"view": base64.b64encode(view_of(source)).decode()})
    tell({"done": True})


def tell(line: dict[str, Any]) -> None:
    """What cannot be written as UTF-8, half a surrogate pair, becomes a question mark."""
    text = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace")
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(text + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
