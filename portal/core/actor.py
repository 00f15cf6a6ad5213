"""Who acts: resolved once, at the door, and handed to every selector and service."""

import uuid
from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["anonymous", "person", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    id: uuid.UUID | None = None
    name: str = ""
    is_platform_administrator: bool = False
    is_auditor: bool = False

    @property
    def is_person(self) -> bool:
        return self.kind == "person"


ANONYMOUS = Actor("anonymous", name="anonymous")


def system_actor(name: str) -> Actor:
    """The appliance itself at work, named by what it does (``reaper``, ``worker``…)."""
    return Actor("system", name=name)
