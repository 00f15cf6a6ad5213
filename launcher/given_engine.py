"""The engine that the environment names: asked what it is, and which models it serves, before anything is started."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from launcher.errors import LauncherError
from launcher.given import TIMEOUT, shown

NAME = "APPLIANCE_ENGINE_URL"

MOST_BYTES = 4 * 2**20
"""Of an answer so much is read; a list of models is far smaller."""

MOST_NAMES = 12
"""So many models are named in a line."""


def check_engine(url: str, model: str = "", key: str | None = None) -> None:
    """Raises LauncherError where no engine answers at the address, or where it lists its models without ``model``.

    One that is still loading its weights answers 503, and is waited for like one of our own.
    """
    if "@" in urlsplit(url).netloc:
        line = "an engine's address carries no user or password; its key goes into APPLIANCE_ENGINE_API_KEY"
        raise LauncherError(f"{NAME}: {shown(url)}: {line}.")
    base = url.rstrip("/").removesuffix("/v1")
    status, body = _get(f"{base}/v1/models", key, url)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        line = "refuses the key" if key else "asks for a key"
        raise LauncherError(f"{NAME}: the engine at {shown(url)} {line}: set APPLIANCE_ENGINE_API_KEY.")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return
    served = _names(body) if status == HTTPStatus.OK else None
    if served is None:
        raise LauncherError(
            f"{NAME}: what answers at {shown(url)} is no engine: it lists no models at /v1/models (HTTP {status})."
        )
    if model and model not in served:
        known = ", ".join(served[:MOST_NAMES]) + (", …" if len(served) > MOST_NAMES else "")
        raise LauncherError(
            f"APPLIANCE_ENGINE_MODEL: {shown(url)} does not serve {model}; it serves {known or 'none'}."
        )


def _get(address: str, key: str | None, url: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    # No proxy: an engine is a neighbour, and what the environment names is for the way out.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(address, headers=headers), timeout=TIMEOUT) as answer:  # noqa: S310
            return answer.status, answer.read(MOST_BYTES)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b""
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise LauncherError(f"{NAME}: no engine answers at {shown(url)}: {said}") from error


def _names(body: bytes) -> list[str] | None:
    """The ids of a list of models; None where it is something else."""
    try:
        return [str(model["id"]) for model in json.loads(body)["data"]]
    except (ValueError, KeyError, TypeError):
        return None
