"""Compares the engine of the GPU override with the model profile: `gpu_flags.py FILE PROFILE`.

The override has to spell out the command, since the engine's image holds none of our code; this keeps it true.
"""

import sys
from pathlib import Path

import yaml

from workers.engine.address import EngineAddress
from workers.engine.profiles import load_profile
from workers.engine.profiles.command import command


def differences(file: Path, profile: str) -> list[str]:
    """One line for each flag or variable that only one side has, or that differs."""
    services = yaml.safe_load(file.read_text())["services"]
    engine = services["engine"]
    card = load_profile(profile)
    wanted = command(card, EngineAddress.parse("http://0.0.0.0:8101"), Path("/weights"))
    given, due = set(engine["command"]), set(wanted.argv[2:])
    found = [f"flag {flag} is not in the profile" for flag in sorted(given - due)]
    found += [f"flag {flag} is missing" for flag in sorted(due - given)]
    found += [
        f"{name} must be {value}" for name, value in wanted.env.items() if str(engine["environment"].get(name)) != value
    ]
    if services["worker"]["environment"]["APPLIANCE_ENGINE_MODEL"] != card.served_name:
        found.append(f"the worker must ask for {card.served_name}")
    return found


def main(arguments: list[str]) -> int:
    file, profile = arguments
    found = differences(Path(file), profile)
    for line in found:
        sys.stderr.write(f"{file}: {line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
