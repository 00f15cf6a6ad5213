"""Bubblewrap, where it is installed and the machine lets it work."""

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")


@cache
def prefix(readable: tuple[Path, ...]) -> tuple[str, ...]:
    """What is put before a command so that it sees ``readable`` and nothing else; empty where that does not work."""
    program = shutil.which("bwrap")
    if program is None:
        return ()
    argv = _arguments(program, readable)
    try:
        done = subprocess.run([*argv, "/bin/true"], capture_output=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(argv) if done.returncode == 0 else ()


def _arguments(program: str, readable: Sequence[Path]) -> list[str]:
    argv = [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for path in dict.fromkeys([*SYSTEM, *map(str, readable)]):
        argv += ["--ro-bind-try", path, path]
    return [*argv, "--proc", "/proc", "--dev", "/dev", "--chdir", "/"]
