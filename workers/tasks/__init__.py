"""Celery's entrances. Each fetches, calls one thing, and is done."""

from workers.tasks import audit, conversations, files, housekeeping, imports, lifecycle, recording, retention, runs

__all__ = [
    "audit",
    "conversations",
    "files",
    "housekeeping",
    "imports",
    "lifecycle",
    "recording",
    "retention",
    "runs",
]
