"""Celery's entrances. Each fetches, calls one thing, and is done."""

from workers.tasks import housekeeping, lifecycle, runs

__all__ = ["housekeeping", "lifecycle", "runs"]
