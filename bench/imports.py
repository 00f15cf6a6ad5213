"""How long the import of a large export takes: 10,000 conversations of 10 messages. ``python -m bench.imports``."""

import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import django
import orjson

from bench.table import Row, print_table
from launcher.services import start_postgres

CONVERSATIONS = 10_000
TURNS = 5
WORDS = "The container stands in bay seven and leaves with the evening train, if customs have no questions. " * 6


def import_rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="appliance-bench-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        postgres = start_postgres(data)
        try:
            os.environ.setdefault("APPLIANCE_SECRET_KEY", "a key for the benchmark only")
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appliance.settings")
            os.environ["APPLIANCE_DATABASE_URL"] = postgres.url
            os.environ["APPLIANCE_DATA"] = folder
            os.environ["APPLIANCE_REDIS_URL"] = "redis://127.0.0.1:9/0"
            django.setup()
            return measured()
        finally:
            postgres.stop()


def measured() -> list[Row]:
    # Django's rooms are there only now.
    from django.core.management import call_command  # noqa: PLC0415

    from portal.chat.imports.models import Import  # noqa: PLC0415
    from portal.chat.imports.receiving import piece_size, receive, start_import  # noqa: PLC0415
    from tests.people import found_company  # noqa: PLC0415
    from workers.adapters.imports import execute  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    company = found_company()
    content, rows = export(), list[Row]()
    for name in ("first time", "again, where all of it is there"):
        actor = company.actor("alice")
        begun = start_import(actor, company.workspace().pk, "chats.json", len(content))
        started = time.perf_counter()
        for offset in range(0, len(content), piece_size()):
            receive(actor, begun.pk, offset, content[offset : offset + piece_size()])
        execute(begun.pk)
        seconds = time.perf_counter() - started
        done = Import.objects.get(pk=begun.pk)
        assert done.imported + done.unchanged == CONVERSATIONS, (done.state, done.error_code, done.imported)
        rows.append(
            Row(f"import of {CONVERSATIONS:,} conversations ({len(content) >> 20} MB), {name}", seconds, "s", 300)
        )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [*rows, Row("import: memory of the largest child process", peak, "MB", 512)]


def export() -> bytes:
    """As Open WebUI writes it."""
    return orjson.dumps([conversation(number) for number in range(CONVERSATIONS)])


def conversation(number: int) -> dict[str, Any]:
    names = [f"{number}-{place}" for place in range(2 * TURNS)]
    messages = {
        name: {
            "id": name,
            "parentId": names[place - 1] if place else None,
            "childrenIds": names[place + 1 : place + 2],
            "role": "assistant" if place % 2 else "user",
            "content": f"{number}: {WORDS}",
            "model": "qwen3:8b",
            "timestamp": 1_700_000_000 + 60 * number + place,
        }
        for place, name in enumerate(names)
    }
    chat: dict[str, Any] = {"title": f"Chat {number}", "history": {"messages": messages, "currentId": names[-1]}}
    times = {"created_at": 1_700_000_000 + 60 * number, "updated_at": 1_700_000_050 + 60 * number}
    return {"id": f"chat-{number}", "title": f"Chat {number}", "chat": chat, **times}


if __name__ == "__main__":
    print_table(import_rows())
