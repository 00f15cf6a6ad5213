import uuid
from collections import defaultdict
from collections.abc import Sequence

from portal.files.models import File, Page


def pages(file: File, *, after: int = 0, limit: int = 10) -> list[Page]:
    """Pages of a file that the caller has been let to, in order; the first has number 1."""
    return list(file.pages.filter(number__gt=after).order_by("number")[:limit])


def texts(file_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Page]]:
    """All pages of the files, for the worker that lays them before a model."""
    found: dict[uuid.UUID, list[Page]] = defaultdict(list)
    for page in Page.objects.filter(file_id__in=file_ids).order_by("file_id", "number"):
        found[page.file_id].append(page)
    return found
