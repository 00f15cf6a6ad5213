"""Text from outside, before it is stored or sent."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.core.errors import Invalid, TooLarge

# PostgreSQL's text type cannot hold NUL, and a lone surrogate cannot be written as UTF-8 at all.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str, *, limit: int, name: str) -> str:
    """``text`` without white space at its ends.

    Bidirectional overrides are kept, since languages need them; pages isolate them where they show text.

    Raises:
        Invalid: empty, or it holds NUL or a lone surrogate.
        TooLarge: more than ``limit`` characters.
    """
    if len(text) > limit:
        raise TooLarge(
            # Translators: %(name)s is a field, such as “question” or “title”.
            _("The %(name)s is too long: %(length)s characters, at most %(limit)s.")
            % {"name": _named(name), "length": f"{len(text):,}", "limit": f"{limit:,}"},
            details={"field": name, "limit": limit, "length": len(text)},
        )
    if _UNSTORABLE.search(text):
        raise Invalid(
            _("The %(name)s holds characters that are not text (NUL or half of a surrogate pair).")
            % {"name": _named(name)},
            code="bad_characters",
            details={"field": name},
        )
    stripped = text.strip()
    if not stripped:
        raise Invalid(_("The %(name)s is empty.") % {"name": _named(name)}, code="empty", details={"field": name})
    return stripped


def _named(field: str) -> str:
    known = {
        "question": pgettext("field", "question"),
        "title": pgettext("field", "title"),
        "name": pgettext("field", "name"),
        "note": pgettext("field", "note"),
        "reason": pgettext("field", "reason"),
        "purpose": pgettext("field", "purpose"),
        "description": pgettext("field", "description"),
        "text": pgettext("field", "text"),
        "comment": pgettext("field", "comment"),
        "instructions": pgettext("field", "instructions"),
    }
    return known.get(field, field)


def storable(text: str) -> str:
    """Text of an engine, with what cannot be stored replaced by U+FFFD, so that nothing else of it is lost."""
    return _UNSTORABLE.sub("\ufffd", text)
