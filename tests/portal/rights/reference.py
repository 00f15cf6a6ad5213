"""Who may do what, written a second time: naively, over plain data, from the sentences of the documentation.

Nothing here knows the models, the queries or the catalogue; the two must agree, always.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

DEPARTMENT, WORKSPACE, CONVERSATION, RUN, ENGINE = "department", "workspace", "conversation", "run", "engine"

ADMINISTRATIVE = {
    "department.view",
    "department.manage",
    "membership.manage",
    "workspace.manage",
    "grant.manage",
    "retention.manage",
    "usage.view",
}
RIGHTS_OF = {
    DEPARTMENT: {
        "workspace.view",
        "conversation.create",
        "conversation.view",
        "message.ask",
        "conversation.share",
        *ADMINISTRATIVE,
    },
    WORKSPACE: {
        "workspace.view",
        "conversation.create",
        "conversation.view",
        "message.ask",
        "conversation.share",
        "workspace.manage",
        "grant.manage",
        "retention.manage",
    },
    CONVERSATION: {"conversation.view", "message.ask"},
    RUN: {"conversation.view", "message.ask"},
    ENGINE: {"engine.use"},
}
MEMBER_RIGHTS = {
    "workspace.view",
    "conversation.create",
    "conversation.view",
    "message.ask",
    "conversation.share",
    "department.view",
}
MANAGER_RIGHTS = MEMBER_RIGHTS | ADMINISTRATIVE
EVERYTHING = ""

Thing = tuple[str, UUID]
"""A kind and an id."""


@dataclass(frozen=True)
class Rule:
    """A grant or a denial: to or for a subject (person, role or department), of a right, on a thing."""

    subject: Thing
    right: str
    thing: Thing


@dataclass
class World:
    active: dict[UUID, bool] = field(default_factory=dict)
    platform: dict[UUID, str] = field(default_factory=dict)
    parents: dict[UUID, UUID | None] = field(default_factory=dict)
    roles: dict[UUID, set[str]] = field(default_factory=dict)
    memberships: set[tuple[UUID, UUID, UUID]] = field(default_factory=set)
    workspaces: dict[UUID, UUID] = field(default_factory=dict)
    archived: set[UUID] = field(default_factory=set)
    conversations: dict[UUID, UUID] = field(default_factory=dict)
    owners: dict[UUID, UUID] = field(default_factory=dict)
    # What everybody may do in a conversation who may open its workspace.
    opened: dict[UUID, set[str]] = field(default_factory=dict)
    runs: dict[UUID, UUID] = field(default_factory=dict)
    engines: set[UUID] = field(default_factory=set)
    reserved: set[UUID] = field(default_factory=set)
    grants: set[Rule] = field(default_factory=set)
    denials: set[Rule] = field(default_factory=set)

    def things(self, kind: str) -> list[UUID]:
        of_kind: dict[str, Collection[UUID]] = {
            DEPARTMENT: self.parents,
            WORKSPACE: self.workspaces,
            CONVERSATION: self.conversations,
            RUN: self.runs,
            ENGINE: self.engines,
        }
        return list(of_kind[kind])

    def upwards(self, department: UUID) -> list[UUID]:
        """The department and those above it."""
        found = []
        here: UUID | None = department
        while here is not None:
            found.append(here)
            here = self.parents[here]
        return found

    def below(self, department: UUID) -> set[UUID]:
        """The department and those below it."""
        return {other for other in self.parents if department in self.upwards(other)}

    def containers(self, kind: str, thing: UUID) -> list[Thing]:
        """The thing and what it lies in, from the inside."""
        if kind == CONVERSATION:
            return [(kind, thing), *self.containers(WORKSPACE, self.conversations[thing])]
        if kind == WORKSPACE:
            return [(kind, thing), *self.containers(DEPARTMENT, self.workspaces[thing])]
        if kind == DEPARTMENT:
            return [(kind, above) for above in self.upwards(thing)]
        return [(kind, thing)]

    def is_subject(self, person: UUID, subject: Thing) -> bool:
        """Whether he is the person, holds the role anywhere, or is of the department: has a role in it or below it."""
        kind, which = subject
        if kind == "person":
            return person == which
        for someone, place, role in self.memberships:
            if someone != person:
                continue
            if kind == "role" and role == which:
                return True
            if kind == DEPARTMENT and which in self.upwards(place):
                return True
        return False

    def is_denied(self, person: UUID, right: str, kind: str, thing: UUID) -> bool:
        around = self.containers(kind, thing)
        for denial in self.denials:
            if denial.thing not in around or denial.right not in (EVERYTHING, right):
                continue
            if self.is_subject(person, denial.subject):
                return True
        return False

    def is_granted(self, person: UUID, right: str, things: list[Thing]) -> bool:
        for grant in self.grants:
            if grant.thing in things and grant.right == right and self.is_subject(person, grant.subject):
                return True
        return False

    def has_role_for(self, person: UUID, right: str, departments: list[UUID]) -> bool:
        for someone, place, role in self.memberships:
            if someone == person and place in departments and right in self.roles[role]:
                return True
        return False

    def holds(self, person: UUID, right: str, kind: str, thing: UUID) -> bool:
        """By roles and grants less denials; platform roles, suspension and archives apart."""
        if self.is_denied(person, right, kind, thing):
            return False
        around = self.containers(kind, thing)
        if self.is_granted(person, right, [place for place in around if place[0] != DEPARTMENT]):
            return True
        return self.has_role_for(person, right, [which for what, which in around if what == DEPARTMENT])

    def allowed(self, person: UUID, right: str, kind: str, thing: UUID) -> bool:
        if not self.active[person]:
            return False
        if kind == RUN:
            return self.allowed(person, right, CONVERSATION, self.runs[thing])
        if kind == ENGINE:
            if self.is_denied(person, right, kind, thing):
                return False
            return thing not in self.reserved or self.is_granted(person, right, [(kind, thing)])
        if kind == CONVERSATION:
            return self._may_in_conversation(person, right, thing)
        if right in ADMINISTRATIVE and self.platform[person] == "administrator":
            return True
        if kind == WORKSPACE and thing in self.archived and right not in ADMINISTRATIVE:
            return False
        return self.holds(person, right, kind, thing)

    def _may_in_conversation(self, person: UUID, right: str, conversation: UUID) -> bool:
        if not self.allowed(person, "workspace.view", WORKSPACE, self.conversations[conversation]):
            return False
        if self.is_denied(person, right, CONVERSATION, conversation):
            return False
        if right in self.opened.get(conversation, ()):
            return True
        if self.is_granted(person, right, [(CONVERSATION, conversation)]):
            return True
        return self.owners[conversation] == person and self.holds(person, right, CONVERSATION, conversation)

    def all_allowed(self, person: UUID, right: str, kind: str) -> set[UUID]:
        return {thing for thing in self.things(kind) if self.allowed(person, right, kind, thing)}

    def visible(self, person: UUID, kind: str) -> set[UUID]:
        seen_by = {
            DEPARTMENT: "department.view",
            WORKSPACE: "workspace.view",
            CONVERSATION: "conversation.view",
            RUN: "conversation.view",
            ENGINE: "engine.use",
        }
        return self.all_allowed(person, seen_by[kind], kind)
