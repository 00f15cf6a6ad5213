"""Text from outside, before it is stored or sent."""

import re

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
            f"The {name} is too long: {len(text):,} characters, at most {limit:,}.",
            details={"field": name, "limit": limit, "length": len(text)},
        )
    if _UNSTORABLE.search(text):
        raise Invalid(
            f"The {name} holds characters that are not text (NUL or half of a surrogate pair).",
            code="bad_characters",
            details={"field": name},
        )
    stripped = text.strip()
    if not stripped:
        raise Invalid(f"The {name} is empty.", code="empty", details={"field": name})
    return stripped


def storable(text: str) -> str:
    """Text of an engine, with what cannot be stored replaced by U+FFFD, so that nothing else of it is lost."""
    return _UNSTORABLE.sub("\ufffd", text)
