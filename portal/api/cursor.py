"""Keyset cursors: opaque to callers, the place after the last item of a page."""

import base64
import binascii
import datetime
import uuid

import orjson
from django.utils.translation import gettext as _

from portal.core.errors import Invalid


def encode_place(*parts: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_place(cursor: str, count: int) -> list[str]:
    """The parts of a place in a list that goes by ``count`` columns. Raises Invalid."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Invalid(_("The cursor is not valid."), code="bad_cursor") from error
    # PostgreSQL takes no NUL in a text.
    if not isinstance(parts, list) or len(parts) != count or not all(_is_text(part) for part in parts):
        raise Invalid(_("The cursor is not valid."), code="bad_cursor")
    return parts


def _is_text(part: object) -> bool:
    return isinstance(part, str) and "\x00" not in part


def encode_cursor(at: datetime.datetime, pk: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {pk}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime.datetime, uuid.UUID]:
    """Raises Invalid."""
    try:
        at, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
        moment = datetime.datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise Invalid(_("The cursor is not valid."), code="bad_cursor")
        return moment, uuid.UUID(pk)
    except (ValueError, binascii.Error) as error:
        raise Invalid(_("The cursor is not valid."), code="bad_cursor") from error
