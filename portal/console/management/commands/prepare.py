import hashlib
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from portal.audit.commands import RecordedCommand
from portal.console.sample import accounts_text, load_sample_company
from portal.console.sample_conversations import Documents, lay_out
from portal.core.languages import compile_catalogues

# Two starts at once must not migrate at once.
MIGRATION_LOCK = 7_205_391

DOCUMENTS = settings.APPLIANCE_DATA / "sample-documents"


class Command(RecordedCommand):
    action = "system.prepare"
    help = "Bring database and static files up to date, and load the sample company the first time. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                self._step("database", self._migrate)
                if settings.SAMPLE_COMPANY:
                    self._step("sample company", self._sample)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
        self._step("translations", self._translations)
        self._step("static files", self._static)

    def _step(self, name: str, work: Any) -> None:
        started = time.monotonic()
        did = work()
        self.stdout.write(f"{name}: {did} ({time.monotonic() - started:.1f} s)")

    def _migrate(self) -> str:
        executor = MigrationExecutor(connections["default"])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        return f"{len(plan)} migrations applied" if plan else "up to date"

    def _sample(self) -> str:
        password = load_sample_company(settings.SAMPLE_PASSWORD, _documents)
        if password is None:
            return "not needed, there are people already"
        accounts = settings.APPLIANCE_DATA / "sample-accounts"
        accounts.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(accounts, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(accounts_text(password, str(DOCUMENTS)))
        return "loaded"

    def _translations(self) -> str:
        compiled = compile_catalogues(settings.CATALOGUES, settings.LOCALE_PATHS[0])
        return f"{compiled} catalogues compiled" if compiled else "up to date"

    def _static(self) -> str:
        stamp, now = settings.STATIC_ROOT / ".collected", _fingerprint()
        if stamp.exists() and stamp.read_text() == now:
            return "up to date"
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(now)
        return "collected"


def _documents() -> Documents:
    # The libraries that write them are needed at the first start alone.
    from portal.console.sample_documents.shelf import made_documents  # noqa: PLC0415

    made = made_documents()
    lay_out(made, DOCUMENTS)
    return made


def _fingerprint() -> str:
    """Changes when any static file does: paths, sizes and times of all that would be collected."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
