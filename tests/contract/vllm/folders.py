"""Where everything of this suite lies: inside the checkout, and gone with `rm -rf .venv/vllm`."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
HERE: Final = Path(__file__).parent
ENVIRONMENT: Final = ROOT / ".venv" / "vllm"
PYTHON: Final = ENVIRONMENT / "bin" / "python"
WEIGHTS: Final = ENVIRONMENT / "engine" / "weights"
STATE: Final = ENVIRONMENT / "engine" / "state"
PROFILE: Final = "qwen3.5-moe-tiny"
