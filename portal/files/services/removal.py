"""Deleting files: rows first, and at the commit the bytes, so that nothing is lost where the transaction is."""

import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction

from portal.files import storage
from portal.files.models import File, Page


def remove_rows(file_ids: Sequence[uuid.UUID]) -> None:
    """The files with their pages; their bytes go at the commit."""
    remove_bytes_on_commit(file_ids)
    Page.objects.filter(file_id__in=file_ids).delete()
    File.objects.filter(pk__in=file_ids).delete()


def remove_bytes_on_commit(file_ids: Sequence[uuid.UUID]) -> None:
    """For whoever deletes the rows in the same transaction."""
    names = list(File.objects.filter(pk__in=file_ids).values_list("stored_as", flat=True))
    transaction.on_commit(lambda: remove_bytes(names))


def remove_bytes(names: Iterable[uuid.UUID]) -> None:
    for name in names:
        storage.remove(name)
