"""One person's requests to `/api`, as JSON."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


@dataclass(frozen=True)
class Caller:
    client: Client

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, body: Any = None) -> Answer:  # noqa: ANN401
        return self._send("POST", path, body)

    def patch(self, path: str, body: Any) -> Answer:  # noqa: ANN401
        return self._send("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        return self._send("DELETE", path, None)

    def _send(self, method: str, path: str, body: Any) -> Answer:  # noqa: ANN401
        content = b"" if body is None else json.dumps(body, default=str).encode()
        answer = self.client.generic(method, f"/api{path}", content, "application/json")
        return Answer(answer.status_code, answer.json() if answer.content else None)
