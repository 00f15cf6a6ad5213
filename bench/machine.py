"""CPU time and memory of process trees, read from the operating system."""

import resource
from collections.abc import Iterable, Mapping

import psutil


def tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def cpu_seconds(pid: int) -> float:
    """User and system time of the tree, with that of its children that ended."""
    total = 0.0
    for process in tree(pid):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


class CpuMeter:
    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = {name: cpu_seconds(pid) for name, pid in pids.items()}

    def milliseconds(self) -> dict[str, float]:
        return {name: (cpu_seconds(pid) - self._before[name]) * 1000 for name, pid in self._pids.items()}


def memory_mb(pids: Iterable[int]) -> float:
    """Resident memory of the trees, in MB of 10^6 bytes."""
    return sum(process.memory_info().rss for pid in pids for process in tree(pid)) / 1e6


def sockets_allowed(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
