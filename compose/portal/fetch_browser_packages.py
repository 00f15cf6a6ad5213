"""Fetches the browser packages of `package-lock.json` into `portal/static/vendor`, at image build.

The launcher's own step does it, so that the image and `make run` serve the same files.
"""

import sys
from pathlib import Path

from launcher.errors import LauncherError
from launcher.installation.browser_packages import BrowserPackages
from launcher.installation.python_packages import PythonPackages
from launcher.installation.stamps import Stamps
from launcher.installation.steps import Steps


def main(root: Path) -> int:
    environment = root / ".venv"
    stamps = Stamps(environment)
    python_packages = PythonPackages(root, stamps, develop=False)
    try:
        BrowserPackages(root, stamps, python_packages, develop=False).install(Steps(environment / "installed"))
    except LauncherError as error:
        sys.stderr.write(f"{error.details or ''}\n{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
