"""Asks one question as a person's program would, through the proxy: `question.py HTTPS_ADDRESS HTTP_ADDRESS`.

Signs in as alice (password in APPLIANCE_SAMPLE_PASSWORD), asks over `/api`, follows the run as server-sent events and
again over the socket, and compares both with the message as stored. Also checks what the proxy keeps to itself.
SSL_CERT_FILE names the authority that is trusted.
"""

import http.client
import json
import os
import re
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from websockets.sync.client import connect

READY_SECONDS = 60.0
ANSWER_SECONDS = 180.0
QUESTION = "What does a logistics department do? Answer in one short sentence."
TOO_MUCH = 17 * 1024 * 1024
"""Bytes; one MiB above what the proxy takes."""


class Failed(Exception):
    """What was found is not what must be."""


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise Failed(f"{what}: found {found!r}, must be {wanted!r}")


@dataclass
class Browser:
    """Cookies and headers of one browser; every request checks the certificate."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        parts = urlsplit(self.address)
        secure = ssl.create_default_context()
        connection = http.client.HTTPSConnection(parts.netloc, context=secure, timeout=ANSWER_SECONDS)
        csrf = {"X-CSRFToken": self.cookies["__Host-csrf"]} if "__Host-csrf" in self.cookies else {}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        common = {"Cookie": self.cookie_header(), "Origin": self.address, "Referer": f"{self.address}/"}
        connection.request(method, path, body or None, {**common, **csrf, **more})
        response = connection.getresponse()
        for value in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
        return response

    def json(self, method: str, path: str, wanted: int, body: dict[str, Any] | None = None) -> dict[str, Any]:
        content = json.dumps(body).encode() if body is not None else b""
        response = self.send(method, path, content, Content_Type="application/json")
        text = response.read().decode()
        if response.status != wanted:
            raise Failed(f"{method} {path}: {response.status} instead of {wanted}: {text[:500]}")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def await_ready(browser: Browser) -> None:
    end = time.monotonic() + READY_SECONDS
    while True:
        response = browser.send("GET", "/readyz")
        body = response.read().decode()
        if response.status == http.HTTPStatus.OK:
            return
        if time.monotonic() > end:
            raise Failed(f"not ready after {READY_SECONDS:.0f} s: {body}")
        time.sleep(1)


def sign_in(browser: Browser, password: str) -> None:
    page = browser.send("GET", "/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    if token is None:
        raise Failed("the sign-in page holds no form")
    if "max-age" not in (page.headers["Strict-Transport-Security"] or ""):
        raise Failed("the sign-in page does not ask for HTTPS to stay")
    form = urlencode({"login": "alice", "password": password, "csrfmiddlewaretoken": token[1]}).encode()
    response = browser.send("POST", "/sign-in/", form, Content_Type="application/x-www-form-urlencoded")
    response.read()
    expect(response.status, 302, "signing in")
    expect(browser.json("GET", "/api/me", 200)["username"], "alice", "who is signed in")


def ask(browser: Browser) -> tuple[str, str]:
    """Returns the ids of the conversation and the run."""
    workspace = browser.json("GET", "/api/workspaces", 200)["items"][0]["id"]
    conversation = browser.json("POST", "/api/conversations", 201, {"workspace": workspace})["id"]
    asked = browser.json("POST", f"/api/conversations/{conversation}/messages", 202, {"text": QUESTION})
    return conversation, asked["run"]["id"]


def server_sent(browser: Browser, run: str) -> Iterator[dict[str, Any]]:
    response = browser.send("GET", f"/api/runs/{run}/events?after=0")
    expect(response.status, 200, "following the run")
    for line in response:
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def over_socket(browser: Browser, run: str) -> Iterator[dict[str, Any]]:
    address = browser.address.replace("https:", "wss:") + "/ws/"
    headers = {"Cookie": browser.cookie_header()}
    origin: Any = browser.address
    with connect(address, origin=origin, additional_headers=headers, ssl=ssl.create_default_context()) as socket:
        socket.send(json.dumps({"type": "follow", "run": run, "after": 0}))
        while True:
            yield json.loads(socket.recv(timeout=ANSWER_SECONDS))


def answer_of(events: Iterator[dict[str, Any]]) -> str:
    """The answer's text; checks that the numbers have no gap and that the run finishes."""
    text = ""
    for number, event in enumerate(events, start=1):
        expect(event["seq"], number, "the number of an event")
        if event["type"] == "state" and event.get("reset"):
            text = ""
        if event["type"] == "delta" and event["channel"] == "answer":
            text += event["text"]
        if event["type"] == "error":
            raise Failed(f"the run failed: {event}")
        if event["type"] == "state" and event["state"] in {"finished", "failed", "cancelled"}:
            expect(event["state"], "finished", "the end of the run")
            return text
    raise Failed("the events ended before the run did")


def check_the_edge(browser: Browser, plain_address: str) -> None:
    for path in ("/metrics", "//metrics", "/%6detrics", "/x/../metrics"):
        response = browser.send("GET", path)
        response.read()
        expect(response.status, 404, path)
    too_much = browser.send("POST", "/api/conversations", b"x" * TOO_MUCH, Content_Type="application/json")
    expect(too_much.status, 413, "a body that is too large")
    expect(json.loads(too_much.read())["error"]["code"], "too_large", "the error of a body that is too large")
    plain = http.client.HTTPConnection(urlsplit(plain_address).netloc, timeout=10)
    plain.request("GET", "/sign-in/")
    expect(plain.getresponse().status, 308, "plain HTTP")


def main(arguments: list[str]) -> int:
    address, plain_address = arguments
    browser = Browser(address)
    try:
        await_ready(browser)
        sign_in(browser, os.environ["APPLIANCE_SAMPLE_PASSWORD"])
        conversation, run = ask(browser)
        text = answer_of(server_sent(browser, run))
        if not text.strip():
            raise Failed("the answer is empty")
        expect(answer_of(over_socket(browser, run)), text, "the answer over the socket")
        messages = browser.json("GET", f"/api/conversations/{conversation}/messages", 200)["items"]
        expect(messages[-1]["text"], text, "the answer as stored")
        check_the_edge(browser, plain_address)
    except Failed as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(f"  {QUESTION}\n  {' '.join(text.split())}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
