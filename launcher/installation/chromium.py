"""The Chromium that drives the browser tests: `python -m launcher.installation.chromium` finds or installs one.

An installed one is used; else root gets Debian's package; else Playwright downloads its own into the checkout.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from launcher.errors import LauncherError
from launcher.installation.steps import Steps

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROOT = Path(__file__).resolve().parent.parent.parent
BROWSERS = ROOT / ".venv" / "browsers"
"""Where Playwright keeps what it downloads, unless PLAYWRIGHT_BROWSERS_PATH says otherwise."""


def executable() -> Path | None:
    """The Chromium to use: the machine's, else Playwright's own, newest first; None where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name)) is not None), None)
    if found is not None:
        return Path(found)
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or BROWSERS)
    downloaded = sorted(own.glob("chromium-*/chrome-linux*/chrome"), reverse=True)
    return downloaded[0] if downloaded else None


def provide(steps: Steps) -> Path:
    """Raises LauncherError, with the reason each way failed for, where no Chromium can be had."""
    reasons = []
    for way in (None, _install_package, _download):
        if way is not None:
            try:
                way(steps)
            except LauncherError as error:
                reasons.append(f"{error} {error.details}".strip())
                continue
        found = executable()
        if found is not None:
            return found
    raise LauncherError("No Chromium for the browser tests: install the package `chromium`.", "\n".join(reasons))


def _install_package(steps: Steps) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise LauncherError("Debian's package needs root and apt-get.")
    unattended = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps.run("Updating the package lists", ["apt-get", "update", "-q"], unattended)
    packages = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
    steps.run("Installing Chromium by apt-get", packages, unattended)


def _download(steps: Steps) -> None:
    environment = {"PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS), **os.environ}
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    steps.run("Downloading Chromium by Playwright", command, environment)


def main() -> int:
    try:
        provide(Steps(ROOT / ".venv" / "installed"))
    except LauncherError as error:
        print(f"{error.details}\n\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
