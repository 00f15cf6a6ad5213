"""Keyset cursors: opaque to callers, the place after the last item of a page."""

import base64
import binascii
import datetime
import uuid

from portal.core.errors import Invalid


def encode_cursor(at: datetime.datetime, pk: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {pk}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime.datetime, uuid.UUID]:
    """Raises Invalid."""
    try:
        at, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
        moment = datetime.datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise Invalid("The cursor is not valid.", code="bad_cursor")
        return moment, uuid.UUID(pk)
    except (ValueError, binascii.Error) as error:
        raise Invalid("The cursor is not valid.", code="bad_cursor") from error
