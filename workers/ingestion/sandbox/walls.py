"""The walls that a process builds around itself, one after the other; which of them stand is told, not assumed."""

import os
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workers.ingestion.limits import Limits
from workers.ingestion.sandbox import landlock, namespaces, seccomp

MEMORY: Final = "memory"
NETWORK: Final = "network"
FILES: Final = "files"
CALLS: Final = "calls"
ALL: Final = (MEMORY, NETWORK, FILES, CALLS)

OPEN_FILES = 64
PROCESSES = 64


@dataclass(frozen=True, slots=True)
class Standing:
    """The walls that could not be built."""

    missing: tuple[str, ...]


def build(limits: Limits, readable: Sequence[Path], *, contained: bool) -> Standing:
    """Give up everything but reading ``readable`` and the files that are open. There is no way back.

    Args:
        contained: bubblewrap has taken away network and files already.
    """
    os.nice(10)
    apart = contained or namespaces.leave()
    built = {
        MEMORY: _succeeds(lambda: _limit(limits, count_processes=apart)),
        FILES: landlock.restrict(readable) or contained,
        CALLS: seccomp.restrict(),
    }
    # Without a namespace there still is no call that opens a socket.
    built[NETWORK] = apart or built[CALLS]
    return Standing(tuple(name for name in ALL if not built[name]))


def _succeeds(build_wall: Callable[[], None]) -> bool:
    try:
        build_wall()
    except (OSError, ValueError):
        return False
    return True


def _limit(limits: Limits, *, count_processes: bool) -> None:
    seconds = int(limits.seconds) + 1
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(what, (most, most))
    if count_processes:
        # Elsewhere all processes of the account count, those of the appliance as well.
        resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
