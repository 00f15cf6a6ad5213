"""What the launcher makes of a given engine's address, by real servers there."""

import asyncio
import http.server
import threading
from collections.abc import Iterator

import pytest

from launcher.errors import LauncherError
from launcher.given_engine import check_engine
from workers.engine.scripted import ScriptedEngine


class Answers(http.server.BaseHTTPRequestHandler):
    """An HTTP server that is no engine, but for what the test has it answer."""

    status, body = 200, b"<html>welcome</html>"

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def answers() -> Iterator[type[Answers]]:
    class Own(Answers):
        url = ""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Own) as server:
        Own.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Own
        server.shutdown()


def url_of(server: type[Answers]) -> str:
    return str(vars(server)["url"])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>welcome</html>"),
        (404, b""),
        (500, b""),
        (200, b"[]"),
        (200, b'{"data": 3}'),
        (200, b'{"data": [1]}'),
    ],
)
def test_a_server_that_is_no_engine(answers: type[Answers], status: int, body: bytes) -> None:
    answers.status, answers.body = status, body
    with pytest.raises(LauncherError, match=rf"^APPLIANCE_ENGINE_URL: .* is no engine: .* \(HTTP {status}\)\.$"):
        check_engine(url_of(answers))


def test_an_engine_that_still_loads_is_waited_for(answers: type[Answers]) -> None:
    answers.status = 503
    check_engine(url_of(answers), "anything")


async def test_the_model_has_to_be_served() -> None:
    engine = ScriptedEngine(api_key="secret")
    address = await engine.start()

    def check(model: str, key: str | None) -> str:
        try:
            check_engine(f"{address}/v1", model, key)
        except LauncherError as error:
            return str(error)
        return ""

    ask = asyncio.to_thread
    assert await ask(check, "scripted", "secret") == ""
    assert await ask(check, "", "secret") == ""
    missing = await ask(check, "gpt", "secret")
    assert missing.startswith("APPLIANCE_ENGINE_MODEL: 127.0.0.1:")
    assert "does not serve gpt; it serves scripted, default" in missing
    assert "asks for a key: set APPLIANCE_ENGINE_API_KEY" in await ask(check, "scripted", None)
    assert "refuses the key: set APPLIANCE_ENGINE_API_KEY" in await ask(check, "scripted", "wrong")
    await engine.stop()
