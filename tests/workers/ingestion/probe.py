"""Run as a process: builds the walls, then tries what an attacker would; says what was possible, as JSON."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from workers.ingestion.limits import Limits
from workers.ingestion.reader import readable_folders
from workers.ingestion.sandbox import walls


def possible(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError, subprocess.SubprocessError):
        return False
    return True


def main() -> None:
    secret, writable, contained = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "1"
    standing = walls.build(Limits(), readable_folders(), contained=contained)
    attempts: dict[str, Callable[[], object]] = {
        "read a secret": secret.read_bytes,
        "list the root": lambda: list(Path("/").iterdir()),
        "write a file": lambda: writable.joinpath("x").write_text("x"),
        "write to its own packages": lambda: Path(sys.prefix, "x.pth").write_text("import os"),
        "open a socket": lambda: socket.socket(),
        "open a unix socket": lambda: socket.socket(socket.AF_UNIX),
        "take a gigabyte": lambda: bytearray(1 << 30),
        "leave its group": os.setsid,
        "read another process": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "start a shell that reads": lambda: subprocess.run(["/bin/cat", str(secret)], check=True, capture_output=True),
    }
    found = {name: possible(attempt) for name, attempt in attempts.items()}
    # It would break the machine's next start of Python, were it possible.
    with suppress(OSError):
        Path(sys.prefix, "x.pth").unlink()
    print(json.dumps({"missing": standing.missing, "possible": [name for name, done in found.items() if done]}))


if __name__ == "__main__":
    main()
