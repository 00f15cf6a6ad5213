"""Keeps one engine running: starts it, watches its health, starts it again, stops it."""

import asyncio
import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from workers.engine.address import EngineAddress
from workers.engine.backoff import Backoff
from workers.engine.client import EngineClient, EngineTimeouts
from workers.engine.lint import Finding, Subject, error_codes, installed_vllm_version, lint, required_version
from workers.engine.process import (
    EngineLock,
    EngineOwned,
    EngineProcess,
    ProcessRecord,
    child_environment,
    fingerprint,
    spawn,
    start_time_of,
)
from workers.engine.profiles import EngineKind, ModelProfile, command
from workers.engine.states import EngineState, EngineStatus, OnChange, StatusBoard


@dataclass(frozen=True, slots=True)
class SupervisorTimings:
    """Time limits in seconds.

    Attributes:
        health_failures: failed checks in a row after which a running engine is replaced; many,
            since a loaded engine answers late and loading its weights again costs far more.
        startup: from the start until healthy; hundreds of gigabytes of weights take their time.
        grace: between SIGTERM and SIGKILL.
        stable: ready for so long, and the back-off starts anew.
        poll: how often a starting engine's health and a running one's process are looked at.
    """

    startup: float = 1800.0
    health_interval: float = 5.0
    health_failures: int = 12
    grace: float = 30.0
    backoff_first: float = 1.0
    backoff_limit: float = 60.0
    stable: float = 120.0
    poll: float = 0.2
    probe: float = 10.0


@dataclass(slots=True)
class Supervisor:
    """Supervises the engine of one profile at one address; `run` in an event loop, read `status` anywhere.

    The engine survives a supervisor that is killed, and the next one on the same `state_dir` adopts it.

    Args:
        state_dir: private to this engine; holds its lock, its process record and its log.
        keep_running: leave the engine to the next supervisor when `run` ends.
        sends_cache_salt: whether the caller's requests carry salts; judged by the lint.
    """

    profile: ModelProfile
    address: EngineAddress
    weights_dir: Path
    state_dir: Path
    api_key: str | None = field(default=None, repr=False)
    timings: SupervisorTimings = field(default_factory=SupervisorTimings)
    on_change: OnChange | None = None
    keep_running: bool = False
    sends_cache_salt: bool = True
    _board: StatusBoard = field(init=False, repr=False)
    _client: EngineClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._board = StatusBoard(self.profile.key, self.on_change)
        timeouts = EngineTimeouts(connect=self.timings.probe, probe=self.timings.probe)
        self._client = EngineClient(str(self.address), self.api_key, timeouts)

    @property
    def status(self) -> EngineStatus:
        return self._board.status

    def findings(self) -> list[Finding]:
        """What the lint says of this engine; `run` serves nothing while it holds an error."""
        engine = command(self.profile, self.address, self.weights_dir, api_key=self.api_key)
        subject = Subject(
            kind=self.profile.kind,
            address=self.address,
            argv=engine.argv,
            env=child_environment(engine, os.environ),
            engine_version=installed_vllm_version() if self.profile.kind is EngineKind.VLLM else None,
            min_vllm_version=required_version(self.profile),
            sends_cache_salt=self.sends_cache_salt,
        )
        return lint(subject)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the engine running until `stop` is set; returns early when the lint forbids to serve.

        While another supervisor holds the engine, waits for its turn.
        """
        lock = EngineLock(self._path("lock"))
        try:
            self.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not await self._acquire(lock, stop):
                return
            errors = error_codes(self.findings())
            if errors:
                self._board.report(EngineState.FAILED, f"refused to serve: {', '.join(errors)}")
                return
            await self._keep(stop)
            self._board.report(EngineState.STOPPED, "left running" if self.keep_running else "stopped")
        finally:
            lock.release()
            await self._client.close()

    def _path(self, ending: str) -> Path:
        return self.state_dir / f"engine.{ending}"

    async def _acquire(self, lock: EngineLock, stop: asyncio.Event) -> bool:
        while not stop.is_set():
            try:
                lock.acquire()
            except EngineOwned as error:
                self._board.report(EngineState.FAILED, str(error))
                await _pause(stop, self.timings.health_interval)
            else:
                return True
        return False

    async def _keep(self, stop: asyncio.Event) -> None:
        backoff = Backoff(self.timings.backoff_first, self.timings.backoff_limit)
        process = await self._adopt()
        try:
            while not stop.is_set():
                reason = "the address is taken by another program"
                if process is not None or not await self._address_taken():
                    try:
                        process = process or await self._spawn()
                        reason = await self._serve(process, stop, backoff)
                    except OSError as error:
                        reason = f"cannot be started: {error.strerror}"
                if stop.is_set():
                    return
                if process is not None:
                    await process.stop(self.timings.grace)
                    process = None
                await self._fail(reason, backoff.next(), stop)
        finally:
            if process is not None and not self.keep_running:
                await process.stop(self.timings.grace)
                self._path("json").unlink(missing_ok=True)

    async def _fail(self, reason: str, pause: float, stop: asyncio.Event) -> None:
        self._board.report(EngineState.FAILED, f"{reason}; next start in {pause:.1f} s")
        await _pause(stop, pause)

    async def _adopt(self) -> EngineProcess | None:
        """The engine that an earlier supervisor left, if it is this one; any other is stopped."""
        record = ProcessRecord.read(self._path("json"))
        if record is None or start_time_of(record.pid) != record.start_time:
            return None
        process = EngineProcess(record)
        engine = command(self.profile, self.address, self.weights_dir, api_key=self.api_key)
        if record.fingerprint == fingerprint(engine):
            self._board.report(EngineState.STARTING, "adopted", process.pid)
            return process
        await process.stop(self.timings.grace)
        return None

    async def _spawn(self) -> EngineProcess:
        if self.address.socket is not None:
            self.address.socket.unlink(missing_ok=True)
        engine = command(self.profile, self.address, self.weights_dir, api_key=self.api_key)
        process = spawn(engine, self._path("log"), os.environ)
        try:
            process.record.write(self._path("json"))
        except OSError:
            # The disk may be full. An engine without a record would not be adopted, only be in the next one's way.
            await process.stop(self.timings.grace)
            raise
        self._board.report(EngineState.STARTING, "started", process.pid)
        return process

    async def _serve(self, process: EngineProcess, stop: asyncio.Event, backoff: Backoff) -> str:
        """Watch the engine until it fails or `stop` is set; returns why it failed."""
        timings = self.timings
        limit = timings.health_failures * timings.health_interval if process.record.was_ready else timings.startup
        loop = asyncio.get_running_loop()
        due = loop.time() + limit
        while not await self._client.health():
            if not process.alive():
                return _ended(process)
            if loop.time() > due:
                return f"not healthy within {limit:.0f} s"
            if await _pause(stop, timings.poll):
                return "stopped"
        process.record.was_ready = True
        # On a full disk the record stays as it was, which costs an adopter some patience; the engine is well.
        with contextlib.suppress(OSError):
            process.record.write(self._path("json"))
        self._board.report(EngineState.READY, "healthy", process.pid)
        return await self._watch(process, stop, backoff, loop.time() + timings.stable)

    async def _watch(self, process: EngineProcess, stop: asyncio.Event, backoff: Backoff, stable_at: float) -> str:
        loop = asyncio.get_running_loop()
        failures = 0
        next_check = loop.time() + self.timings.health_interval
        while not await _pause(stop, self.timings.poll):
            now = loop.time()
            if not process.alive():
                return _ended(process)
            if now >= stable_at:
                backoff.reset()
            if now < next_check:
                continue
            failures = 0 if await self._client.health() else failures + 1
            if failures >= self.timings.health_failures:
                return "stopped answering health checks"
            next_check = loop.time() + self.timings.health_interval
        return "stopped"

    async def _address_taken(self) -> bool:
        try:
            async with asyncio.timeout(self.timings.probe):
                if self.address.socket is not None:
                    _, writer = await asyncio.open_unix_connection(self.address.socket)
                else:
                    _, writer = await asyncio.open_connection(self.address.host, self.address.port)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True


def _ended(process: EngineProcess) -> str:
    code = process.exit_code
    return "ended" if code is None else f"ended with code {code}"


async def _pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds` or until `stop` is set; returns whether it is."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()
