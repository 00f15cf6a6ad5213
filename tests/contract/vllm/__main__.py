"""Serves the tiny checkpoint by a real vLLM, under the appliance's own supervisor, and runs the contract against it.

Run by vLLM's own Python, since the supervisor starts the `vllm` beside its interpreter. Ends with pytest's exit code;
whatever ends it, the engine goes with it. Only an engine whose runner was killed outright stays, until the next run.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import tempfile
import time

from tests.contract.vllm.folders import ENVIRONMENT, HERE, PROFILE, ROOT, STATE, WEIGHTS
from workers.engine.address import EngineAddress
from workers.engine.lint import Finding
from workers.engine.profiles import ModelProfile, load_profile
from workers.engine.states import EngineState, EngineStatus
from workers.engine.supervisor import Supervisor, SupervisorTimings

STILL = 10.0
"""Seconds between two lines about an engine that starts."""
LOG_LINES = 40
TESTS = "tests/contract"


class CpuBuildSupervisor(Supervisor):
    """The appliance's supervisor, less one finding.

    There is no CPU build of a vLLM without the leak between users that the lint refuses; here is one user.
    """

    __slots__ = ()

    def findings(self) -> list[Finding]:
        return [finding for finding in super().findings() if finding.code != "vllm_too_old"]


class EngineNotReady(RuntimeError):
    """The engine failed before a test could ask it."""


def main() -> int:
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Its sockets and caches; sockets need a short path, which the checkout may not have.
        with tempfile.TemporaryDirectory(prefix="appliance-vllm-") as folder:
            os.environ.update(HOME=folder, TMPDIR=folder, XDG_CACHE_HOME=folder)
            return asyncio.run(serve_and_test())
    except EngineNotReady as error:
        print(f"vLLM did not become ready: {error}", file=sys.stderr)
        print(*log_tail(), sep="\n", file=sys.stderr)
        return 1


async def serve_and_test() -> int:
    key = secrets.token_urlsafe()
    profile = load_profile(PROFILE, HERE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = EngineAddress.parse(f"http://127.0.0.1:{free.getsockname()[1]}")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    supervisor = CpuBuildSupervisor(
        on_cores(profile), address, WEIGHTS, STATE, api_key=key, timings=SupervisorTimings(startup=600), on_change=show
    )
    running = asyncio.create_task(supervisor.run(stop))
    try:
        await until_ready(supervisor, running, stop)
        return await run_tests(str(address), profile.served_name, key, stop)
    finally:
        stop.set()
        await running


def on_cores(profile: ModelProfile) -> ModelProfile:
    """One thread on each core that this process may use: by default vLLM leaves out those it takes for siblings."""
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))))
    return profile.model_copy(update={"env": {**profile.env, "VLLM_CPU_OMP_THREADS_BIND": cores}})


async def until_ready(supervisor: Supervisor, running: asyncio.Task[None], stop: asyncio.Event) -> None:
    began = said = time.monotonic()
    while supervisor.status.state is not EngineState.READY:
        if running.done() or stop.is_set() or supervisor.status.state is EngineState.FAILED:
            raise EngineNotReady(supervisor.status.detail)
        if time.monotonic() - said >= STILL:
            said = time.monotonic()
            print(f"{said - began:.0f} s … {log_tail()[-1][:100]}", flush=True)
        await asyncio.sleep(0.1)
    print(f"vLLM is ready after {time.monotonic() - began:.0f} s", flush=True)


async def run_tests(url: str, model: str, key: str, stop: asyncio.Event) -> int:
    given = {
        "CONTRACT_ENGINE_URL": url,
        "CONTRACT_ENGINE_MODEL": model,
        "CONTRACT_ENGINE_KEY": key,
        "CONTRACT_VLLM_PYTHON": sys.executable,
    }
    python = ENVIRONMENT.parent / "bin" / "python"
    tests = await asyncio.create_subprocess_exec(
        python, "-m", "pytest", TESTS, *sys.argv[1:], cwd=ROOT, env=os.environ | given
    )
    stopping = asyncio.create_task(stop.wait())
    ended = asyncio.create_task(tests.wait())
    try:
        await asyncio.wait((stopping, ended), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        with contextlib.suppress(ProcessLookupError):
            tests.terminate()
    return await ended


def show(status: EngineStatus) -> None:
    print(f"vLLM is {status.state}: {status.detail}", flush=True)


def log_tail() -> list[str]:
    logs = sorted(STATE.glob("*.log"))
    lines = logs[0].read_text(errors="replace").splitlines() if logs else []
    return lines[-LOG_LINES:] or [""]


if __name__ == "__main__":
    sys.exit(main())
