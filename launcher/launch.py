"""One run of the appliance on one machine, from the first check to the last child's end."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType

from launcher import data_folder, given, readiness
from launcher.errors import LauncherError, disk_full_in, is_disk_full
from launcher.given_engine import check_engine
from launcher.ledger import Ledger
from launcher.options import Options
from launcher.process import Child, Command
from launcher.programs import Programs, appliance_programs, process_environment, settings_for
from launcher.services import RunningService, start_postgres, start_redis
from launcher.supervisor import Supervisor
from launcher.waiting import Waiting

ROUND = 0.25
"""Seconds between two looks at the children."""

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

MakePrograms = Callable[[Options, Mapping[str, str]], Programs]


class Stopped(BaseException):
    """Somebody asked the launcher to stop."""


class Launch:
    """`make_programs` says which processes make up the appliance; tests put their own there."""

    def __init__(
        self,
        options: Options,
        environment: Mapping[str, str],
        make_programs: MakePrograms = appliance_programs,
    ) -> None:
        self._options = options
        self._environment = environment
        self._make_programs = make_programs
        self._began = time.monotonic()
        self._supervisor = Supervisor(self.say)
        self._stopping = self._hurried = False

    def say(self, text: str) -> None:
        # The terminal may be gone; what is running has to be looked after, or stopped, all the same.
        with suppress(OSError):
            print(f"[{time.monotonic() - self._began:5.1f} s] {text}", flush=True)

    def run(self) -> None:
        """Run until asked to stop. Raises LauncherError; whatever happens, no child is left behind."""
        handlers = {number: signal.signal(number, self._asked_to_stop) for number in STOPPING}
        try:
            with data_folder.hold(self._options.data):
                self._run_held()
        except Stopped:
            pass
        except OSError as error:
            if is_disk_full(error):
                raise LauncherError(f"The disk is full: {error.filename or self._options.data}.") from error
            raise
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _run_held(self) -> None:
        try:
            self._clear_leftovers()
            self._check_port()
            programs = self._start_services()
            self._prepare(programs.prepare)
            self._start(programs)
            self._await_ready()
            self._greet()
            while True:
                self._supervisor.look()
                time.sleep(ROUND)
        finally:
            self._stop()

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """The first time, leave whatever is going on; again while stopping, end the children at once."""
        if self._stopping:
            self._hurried = True
            self._supervisor.kill()
            return
        self._stopping = True
        raise Stopped

    def _clear_leftovers(self) -> None:
        ledger = Ledger(self._options.data)
        found = [name for name in ledger.names() if ledger.stop_leftover(name)]
        strays = ledger.stop_strays()
        if found or strays:
            names = ", ".join(found) or f"{strays} processes"
            self.say(f"The last run was killed; stopped what it left behind ({names}).")

    def _check_port(self) -> None:
        options = self._options
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((options.host, options.port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    other = options.port + 1 if options.port < 65535 else 8000
                    line = f"Port {options.port} is taken by another program: choose another, PORT={other} make run"
                    raise LauncherError(line) from error
                where = f"{options.host}:{options.port}"
                raise LauncherError(
                    f"{where} (APPLIANCE_HOST, PORT) cannot be listened on: {error.strerror}."
                ) from error

    def _start_services(self) -> Programs:
        addresses: dict[str, str] = {}
        if self._options.engine_url is not None:
            check_engine(self._options.engine_url, self._options.engine_model, self._options.engine_key)
        if self._options.redis_url is not None:
            given.check_redis(self._options.redis_url)
        if self._options.database_url is None:
            addresses["APPLIANCE_DATABASE_URL"] = self._service("PostgreSQL", start_postgres)
        elif warning := given.check_database(self._options.database_url):
            self.say(f"Warning: {warning}")
        if self._options.redis_url is None:
            addresses["APPLIANCE_REDIS_URL"] = self._service("Redis", start_redis)
        settings = settings_for(self._options, self._environment, addresses)
        data_folder.write_environment(self._options.data, settings)
        return self._make_programs(self._options, process_environment(self._environment, settings))

    def _service(self, title: str, start: Callable[..., RunningService]) -> str:
        self.say(f"Starting {title} …")
        service = start(self._options.data)
        self._supervisor.watch(service.child)
        return service.url

    def _prepare(self, command: Command) -> None:
        """Migrations, sample company, static files: their own progress lines are passed on."""
        self.say("Preparing the database …")
        process = subprocess.Popen(
            list(command.argv),
            env={**command.environment, **Ledger(self._options.data).mark()},
            cwd=command.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
        try:
            output = self._pass_on(process)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode != 0:
            cause = "The disk is full: the" if disk_full_in(output) else "The"
            raise LauncherError(f"{cause} database could not be prepared (exit code {process.returncode}).")

    def _pass_on(self, process: subprocess.Popen[str]) -> str:
        lines = []
        for line in process.stdout or ():
            self.say(line.rstrip())
            lines.append(line)
        process.wait()
        return "".join(lines[-40:])

    def _start(self, programs: Programs) -> None:
        self.say(f"Starting {', '.join(command.name for command in programs.serving)} …")
        (self._options.data / "timetable").mkdir(mode=0o700, exist_ok=True)
        # Stopping goes backwards, so the first named is the last added; the order of starting matters to nobody.
        for command in reversed(programs.serving):
            child = Child(command, self._options.data)
            self._supervisor.watch(child)
            child.start()

    def _await_ready(self) -> None:
        hosts = [name.strip() for name in self._environment.get("APPLIANCE_HOSTS", "").split(",")]
        header = next((name for name in hosts if name and "*" not in name and not name.startswith(".")), None)
        waiting = Waiting(self._options, self.say)
        while True:
            self._supervisor.look()
            answer = readiness.ask(self._options, header)
            if answer.ready:
                return
            waiting.tell(answer.waiting_for)
            time.sleep(ROUND)

    def _greet(self) -> None:
        data = self._options.data
        accounts = data / "sample-accounts"
        self.say("The appliance is ready.")
        print(f"\n  {self._options.address}\n")
        if self._options.sample and accounts.exists():
            print("\n".join(f"  {line}" for line in accounts.read_text().splitlines()), end="\n\n")
        print(f"  Data and logs: {data}. Stop with Ctrl-C.\n", flush=True)

    def _stop(self) -> None:
        self._stopping = True
        names = [child.name for child in self._supervisor.children]
        if names:
            self.say("Stopping …")
        try:
            self._supervisor.stop()
        finally:
            # Whatever became of a worker: its engine is in a session of its own, and known by its mark only.
            Ledger(self._options.data).stop_strays(grace=0.0 if self._hurried else 5.0)
        (self._options.data / "run" / "environment").unlink(missing_ok=True)
        if names:
            self.say(f"Stopped: {', '.join(reversed(names))}.")
