"""A small appliance in place of the real one: `python -m tests.launcher.stand_in ROLE` plays one process of it."""

import http.server
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from workers.engine.process import child_environment
from workers.engine.profiles import EngineCommand


class Readiness(http.server.BaseHTTPRequestHandler):
    """Ready when the worker has left its sign; says otherwise what it waits for."""

    def do_GET(self) -> None:
        ready = (data() / "worker-is-up").exists()
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(b'{"components": {"worker": {"ready": false, "detail": "starting"}}}')

    def log_message(self, format: str, *args: object) -> None:
        return


def data() -> Path:
    return Path(os.environ["APPLIANCE_DATA"])


def portal() -> None:
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Readiness).serve_forever()


def worker() -> None:
    """Has an engine of its own in another session, as the real one may."""
    if os.environ.get("STAND_IN_WORKER") == "fails":
        print("the worker cannot find its engine", flush=True)
        sys.exit(3)
    if os.environ.get("STAND_IN_WORKER") == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # In the environment that the real worker gives to its engine.
    environment = child_environment(EngineCommand((), {}), os.environ)
    asleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    engine = subprocess.Popen(asleep, start_new_session=True, env=environment)
    (data() / "engine-pid").write_text(str(engine.pid))
    (data() / "worker-is-up").touch()
    time.sleep(600)


def timetable() -> None:
    time.sleep(600)


def prepare() -> None:
    print("1 of 1 migrations", flush=True)
    (data() / "worker-is-up").unlink(missing_ok=True)
    (data() / "sample-accounts").write_text("alice  a-password\n")


if __name__ == "__main__":
    {"portal": portal, "worker": worker, "timetable": timetable, "prepare": prepare}[sys.argv[1]]()
