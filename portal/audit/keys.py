"""Signatures by keys that the database never sees: derived from the secret key, another one for each purpose.

A signature is ``<key id>.<HMAC-SHA-256>``. The newest key signs; those of ``SECRET_KEY_FALLBACKS`` still check.
"""

import hashlib
import hmac
from functools import cache
from typing import Literal

from django.conf import settings

Purpose = Literal["seal", "checkpoint"]


def sign(purpose: Purpose, text: str) -> str:
    key_id, key = next(iter(_keys(purpose).items()))
    return f"{key_id}.{_mac(key, text)}"


def flaw(purpose: Purpose, text: str, signature: str) -> str:
    """What is wrong with a signature of ``text``; empty where nothing is."""
    key_id, _, mac = signature.partition(".")
    key = _keys(purpose).get(key_id)
    if key is None:
        return f"is signed with an unknown key ({key_id[:8]})"
    return "" if hmac.compare_digest(_mac(key, text).encode(), mac.encode()) else "does not match its signature"


def _mac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


def _keys(purpose: Purpose) -> dict[str, bytes]:
    return _derived(purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _derived(purpose: Purpose, secrets: tuple[str, ...]) -> dict[str, bytes]:
    keys = [hmac.digest(secret.encode(), f"portal.audit {purpose}".encode(), "sha256") for secret in secrets]
    return {hashlib.sha256(b"key id " + key).hexdigest()[:8]: key for key in keys}
