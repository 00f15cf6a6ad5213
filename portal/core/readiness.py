"""What must be ready before the appliance is: rooms add their parts, the readiness page asks them all."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Component:
    ready: bool
    detail: str


Probe = Callable[[], dict[str, Component]]

_probes: list[Probe] = []


def add_probe(probe: Probe) -> None:
    _probes.append(probe)


def components() -> dict[str, Component]:
    found: dict[str, Component] = {}
    for probe in _probes:
        found |= probe()
    return found
