"""What the database holds, in a form in which two runs of the same acts are alike."""

import datetime
import re
import uuid
from collections.abc import Collection
from typing import Any

from django.apps import apps

# What depends on the moment or the session, or is derived from the other columns.
DERIVED = {"body", "seal", "hash", "previous_hash", "seq", "password", "last_login"}
# Numbers from sequences, which no rollback takes back.
NUMBERED = {"id", "group_id"}
LEFT_OUT = {"sessions", "contenttypes"}
IDS = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def stored(known: Collection[uuid.UUID] = ()) -> dict[str, list[str]]:
    """By table: its rows. Ids that are not known beforehand, and moments, are left out of them."""
    return {
        model._meta.db_table: sorted(_row(values, known) for values in model._base_manager.values())
        for model in apps.get_models()
        if model._meta.app_label not in LEFT_OUT and not model._meta.proxy
    }


def ids_stored() -> set[uuid.UUID]:
    found = (model._base_manager.values_list("pk", flat=True) for model in apps.get_models() if not model._meta.proxy)
    return {pk for keys in found for pk in keys if isinstance(pk, uuid.UUID)}


def _row(values: dict[str, Any], known: Collection[uuid.UUID]) -> str:
    kept = {
        name: value
        for name, value in values.items()
        if name not in DERIVED | NUMBERED and not isinstance(value, datetime.datetime)
    }
    plain = {name: value for name, value in values.items() if name == "id" and isinstance(value, uuid.UUID)}
    return IDS.sub(
        lambda found: found[0] if uuid.UUID(found[0]) in known else "new", str(sorted({**kept, **plain}.items()))
    )
