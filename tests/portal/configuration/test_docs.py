"""The table of the manual says what the registry says."""

import re

from portal.configuration.kinds import LiveSetting
from portal.configuration.registry import REGISTRY
from tests.house.source import ROOT, sources

MANUAL = ROOT / "docs" / "operation.md"
_READ = re.compile(r"^([A-Z_]+) = env\.\w+\(\s*\"([A-Z_]+)\"", re.MULTILINE)


def variables() -> dict[str, str]:
    """The environment variable of each of the installation's settings."""
    return {name: variable for source in sources("appliance") for name, variable in _READ.findall(source.text)}


def row(setting: LiveSetting) -> str:
    limits = f"{setting.limits()} {setting.unit}".strip()
    default = f"`{setting.default_shown}`" if setting.default_shown else "empty"
    base = f"`{variables()[setting.environment]}`" if setting.environment else ""
    return f"| `{setting.name}` | {setting.title} | {default} | {limits} | {base} |"


def test_the_manual_lists_the_registry() -> None:
    told = [line for line in MANUAL.read_text().splitlines() if re.match(r"\| `[a-z_]+` \| ", line)]
    assert [line for line in told if line.split("`")[1] in REGISTRY] == [row(item) for item in REGISTRY.values()]
