"""The supervisor with the scripted engine as its child."""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from launcher.ledger import MARK
from tests.workers.engine.conftest import FAST
from tests.workers.engine.conversation import becomes
from workers.engine.address import EngineAddress
from workers.engine.attachment import Attachment
from workers.engine.client import EngineClient
from workers.engine.process import ProcessRecord, child_environment, start_time_of
from workers.engine.profiles import EngineCommand, load_profile
from workers.engine.scripted import ScriptedEngine
from workers.engine.states import EngineState, EngineStatus
from workers.engine.supervisor import Supervisor, SupervisorTimings

TIMINGS = SupervisorTimings(
    startup=60,
    health_interval=0.2,
    health_failures=3,
    grace=10,
    backoff_first=0.05,
    backoff_limit=0.1,
    poll=0.02,
    probe=2,
)

MakeSupervisor = Callable[..., Supervisor]


@pytest.fixture
def changes() -> list[EngineStatus]:
    return []


@pytest.fixture
def make(tmp_path: Path, changes: list[EngineStatus]) -> MakeSupervisor:
    def make(address: str = f"unix:{tmp_path}/e.sock", args: tuple[str, ...] = (), **options: object) -> Supervisor:
        profile = load_profile("scripted").model_copy(update={"args": args})
        return Supervisor(
            profile,
            EngineAddress.parse(address),
            weights_dir=tmp_path,
            state_dir=tmp_path / "engine",
            timings=TIMINGS,
            on_change=changes.append,
            **options,  # type: ignore[arg-type]
        )

    return make


@asynccontextmanager
async def running(supervisor: Supervisor | Attachment) -> AsyncIterator[asyncio.Task[None]]:
    stop = asyncio.Event()
    task = asyncio.create_task(supervisor.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await task


async def reaches(supervisor: Supervisor | Attachment, state: EngineState) -> bool:
    return await becomes(lambda: supervisor.status.state is state)


def pid_of(supervisor: Supervisor) -> int:
    assert supervisor.status.pid is not None
    return supervisor.status.pid


def gone(pid: int) -> bool:
    return start_time_of(pid) is None


async def test_start_and_stop(make: MakeSupervisor, changes: list[EngineStatus]) -> None:
    supervisor = make(args=("--startup-ms=200",))
    async with running(supervisor):
        assert await reaches(supervisor, EngineState.READY)
        pid = pid_of(supervisor)
        async with EngineClient(str(supervisor.address)) as client:
            assert await client.health()
    assert gone(pid)
    assert [change.state for change in changes] == [EngineState.STARTING, EngineState.READY, EngineState.STOPPED]
    assert ProcessRecord.read(supervisor.state_dir / "engine.json") is None


async def test_a_crashed_engine_is_started_again(make: MakeSupervisor, changes: list[EngineStatus]) -> None:
    supervisor = make()
    async with running(supervisor):
        assert await reaches(supervisor, EngineState.READY)
        first = pid_of(supervisor)
        os.kill(first, signal.SIGKILL)
        assert await becomes(lambda: supervisor.status.pid not in (None, first))
        assert await reaches(supervisor, EngineState.READY)
    failed = next(change for change in changes if change.state is EngineState.FAILED)
    assert failed.detail.startswith("ended with code -9; next start in")


async def test_a_hanging_engine_is_replaced(make: MakeSupervisor) -> None:
    supervisor = make()
    supervisor.timings = SupervisorTimings(
        health_interval=0.1, health_failures=2, grace=0.2, backoff_first=0.05, poll=0.02, probe=0.2
    )
    supervisor.__post_init__()
    async with running(supervisor):
        assert await reaches(supervisor, EngineState.READY)
        first = pid_of(supervisor)
        os.kill(first, signal.SIGSTOP)
        assert await becomes(lambda: gone(first))
        assert await becomes(lambda: supervisor.status.state is EngineState.READY and supervisor.status.pid != first)


async def test_an_engine_that_cannot_start_is_tried_with_pauses(
    make: MakeSupervisor, changes: list[EngineStatus]
) -> None:
    async with running(make(args=("--no-such-option",))):
        assert await becomes(lambda: sum(change.state is EngineState.FAILED for change in changes) >= 2)
    assert all("ended with code 2" in change.detail for change in changes if change.state is EngineState.FAILED)


SUPERVISE = """
import asyncio, sys
from pathlib import Path
from workers.engine.address import EngineAddress
from workers.engine.profiles import load_profile
from workers.engine.supervisor import Supervisor

folder = Path(sys.argv[1])
address = EngineAddress.parse(f"unix:{folder}/e.sock")
supervisor = Supervisor(load_profile("scripted"), address, weights_dir=folder, state_dir=folder / "engine")
asyncio.run(supervisor.run(asyncio.Event()))
"""


async def orphan(tmp_path: Path) -> int:
    """The process number of a healthy engine whose supervisor was killed with -9."""
    path = tmp_path / "engine" / "engine.json"
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", SUPERVISE, str(tmp_path))

    def is_ready() -> bool:
        record = ProcessRecord.read(path)
        return record is not None and record.was_ready

    assert await becomes(is_ready)
    other.kill()
    await other.wait()
    record = ProcessRecord.read(path)
    assert record is not None
    assert not gone(record.pid)
    return record.pid


async def test_an_orphan_is_adopted(make: MakeSupervisor, tmp_path: Path) -> None:
    pid = await orphan(tmp_path)
    supervisor = make()
    async with running(supervisor):
        assert await reaches(supervisor, EngineState.READY)
        assert pid_of(supervisor) == pid
    assert gone(pid)


async def test_an_adopted_engine_that_crashes_is_started_again(make: MakeSupervisor, tmp_path: Path) -> None:
    pid = await orphan(tmp_path)
    supervisor = make()
    async with running(supervisor):
        assert await reaches(supervisor, EngineState.READY)
        os.kill(pid, signal.SIGKILL)
        assert await becomes(lambda: supervisor.status.state is EngineState.READY and supervisor.status.pid != pid)


async def test_an_orphan_of_another_profile_is_stopped(make: MakeSupervisor, tmp_path: Path) -> None:
    pid = await orphan(tmp_path)
    supervisor = make(args=("--tokens=3",))
    async with running(supervisor):
        assert await reaches(supervisor, EngineState.READY)
        assert gone(pid)
        assert pid_of(supervisor) != pid


async def test_a_process_that_only_has_the_number_is_left_alone(make: MakeSupervisor, tmp_path: Path) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    (tmp_path / "engine").mkdir()
    ProcessRecord(pid=stranger.pid, start_time=1, fingerprint="x").write(tmp_path / "engine" / "engine.json")
    supervisor = make()
    async with running(supervisor):
        assert await reaches(supervisor, EngineState.READY)
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


async def test_one_engine_has_one_supervisor(make: MakeSupervisor) -> None:
    first, second = make(), make()
    async with running(second):
        assert await reaches(second, EngineState.READY)
        async with running(first):
            assert await reaches(first, EngineState.FAILED)
            assert "another supervisor" in first.status.detail
            assert first.status.pid is None


async def test_the_next_supervisor_takes_over(make: MakeSupervisor) -> None:
    first, second = make(keep_running=True), make()
    async with running(second):
        assert await reaches(second, EngineState.READY)
    async with running(first):
        assert await reaches(first, EngineState.READY)
        pid = pid_of(first)
    assert not gone(pid)
    async with running(second):
        assert await reaches(second, EngineState.READY)
        assert pid_of(second) == pid


async def test_a_foreign_program_at_the_address_is_not_taken_for_the_engine(
    make: MakeSupervisor, scripted: ScriptedEngine
) -> None:
    supervisor = make(await scripted.start())
    async with running(supervisor):
        assert await reaches(supervisor, EngineState.FAILED)
        assert "address is taken" in supervisor.status.detail


async def test_what_the_lint_forbids_is_not_served(tmp_path: Path) -> None:
    profile = load_profile("qwen3.5-9b").model_copy(update={"args": ("--trust-remote-code",)})
    supervisor = Supervisor(
        profile, EngineAddress.parse("http://127.0.0.1:8100"), weights_dir=tmp_path, state_dir=tmp_path / "engine"
    )
    await supervisor.run(asyncio.Event())
    assert supervisor.status.state is EngineState.FAILED
    assert supervisor.status.detail.startswith("refused to serve: ")
    assert "unsafe_flag" in supervisor.status.detail
    assert not (tmp_path / "engine" / "engine.log").exists()


async def test_attachment_follows_health_and_leaves_the_engine_alone(changes: list[EngineStatus]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = ScriptedEngine(FAST)
    attachment = Attachment(f"http://127.0.0.1:{port}", interval=0.05, on_change=changes.append)
    async with running(attachment):
        assert await reaches(attachment, EngineState.FAILED)
        await engine.start(port=port)
        assert await reaches(attachment, EngineState.READY)
        await engine.stop()
        assert await reaches(attachment, EngineState.FAILED)
    assert attachment.status.state is EngineState.STOPPED


def test_an_engine_learns_no_secrets_of_the_worker() -> None:
    passed = {"PATH": "/bin", "CUDA_VISIBLE_DEVICES": "0", MARK: "/data"}
    worker = {**passed, "DATABASE_URL": "secret", "VLLM_SERVER_DEV_MODE": "1"}
    engine = EngineCommand(("x",), {"HF_HUB_OFFLINE": "1"})
    assert child_environment(engine, worker) == {**passed, "HF_HUB_OFFLINE": "1"}


async def test_an_engine_whose_record_cannot_be_written_is_not_left_behind(
    make: MakeSupervisor, changes: list[EngineStatus], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    def write(record: ProcessRecord, path: Path) -> None:
        started.append(record.pid)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ProcessRecord, "write", write)
    async with running(make()):
        assert await becomes(lambda: any(change.state is EngineState.FAILED for change in changes))
        assert gone(started[0])
    assert all(gone(pid) for pid in started)
    assert any("cannot be started: No space left on device" in change.detail for change in changes)
