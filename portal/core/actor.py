"""Who acts: resolved once, at the door, and handed to every selector and service."""

import uuid
from dataclasses import dataclass
from typing import Literal

from portal.core.errors import NotSignedIn

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

    @property
    def has_platform_role(self) -> bool:
        return self.is_platform_administrator or self.is_auditor

    @property
    def person_id(self) -> uuid.UUID:
        """Raises NotSignedIn: the actor is no person."""
        if not self.is_person or self.id is None:
            raise NotSignedIn
        return self.id


ANONYMOUS = Actor("anonymous", name="anonymous")


def system_actor(name: str) -> Actor:
    """The appliance itself at work, named by what it does (``reaper``, ``worker``…)."""
    return Actor("system", name=name)
