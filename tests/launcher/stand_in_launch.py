"""The real launcher around the stand-in processes; its options come from the environment, as they do in `make run`."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from launcher import __main__
from launcher.launch import Launch
from launcher.options import Options, read_options
from launcher.process import Command
from launcher.programs import Programs

ROOT = Path(__file__).resolve().parent.parent.parent


def programs(options: Options, environment: Mapping[str, str]) -> Programs:
    def command(name: str) -> Command:
        return Command(name, [sys.executable, "-m", "tests.launcher.stand_in", name], environment, options.root)

    return Programs(command("prepare"), (command("portal"), command("worker"), command("timetable")))


if __name__ == "__main__":
    sys.exit(__main__.run(lambda: Launch(read_options(os.environ, ROOT), os.environ, programs)))
