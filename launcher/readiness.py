"""Asks the portal whether every component is ready."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

from launcher.options import Options

TIMEOUT = 3.0


@dataclass(frozen=True)
class Readiness:
    """`waiting_for` names what is not ready yet, with its detail where it has one."""

    ready: bool
    waiting_for: tuple[str, ...] = ()


def ask(options: Options, host_header: str | None = None) -> Readiness:
    """One `GET /readyz`. A portal that does not answer yet is itself what is waited for."""
    host = "127.0.0.1" if options.host in {"0.0.0.0", ""} else options.host
    connection = http.client.HTTPConnection(host, options.port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/readyz", headers={"Host": host_header} if host_header else {})
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return Readiness(ready=False, waiting_for=("portal",))
    finally:
        connection.close()
    if response.status == http.client.OK:
        return Readiness(ready=True)
    return Readiness(ready=False, waiting_for=_not_ready(body) or ("portal",))


def _not_ready(body: bytes) -> tuple[str, ...]:
    """The components of a 503's JSON that are not ready: `{"components": {name: {"ready": bool, "detail": str}}}`."""
    try:
        components = json.loads(body)["components"]
        pairs = [(name, part) for name, part in components.items() if not part.get("ready", False)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(f"{name} ({part['detail']})" if part.get("detail") else name for name, part in pairs)
