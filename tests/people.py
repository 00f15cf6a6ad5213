"""A small company for tests: departments in a tree, people in every role, a workspace for each department."""

from dataclasses import dataclass

from portal.accounts.choices import PlatformRole
from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.chat.models import Conversation
from portal.chat.services.ask import Asked, Question, ask, start_conversation
from portal.core.actor import Actor
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.models import Department, Membership, Workspace
from portal.engines.choices import EngineState
from portal.engines.models import Engine

DEPARTMENTS = ("Logistics", "Legal", "Finance")
MEMBERS = {
    "alice": ["Logistics"],
    "bob": ["Logistics", "Finance"],
    "charlie": ["Legal"],
    "grace": ["Logistics"],
}
PLATFORM_ROLES = {"dana": PlatformRole.ADMINISTRATOR, "frank": PlatformRole.AUDITOR}


@dataclass(frozen=True)
class Company:
    """``grace`` is suspended; ``erin`` manages Logistics; ``dana`` and ``frank`` belong to no department."""

    people: dict[str, User]
    departments: dict[str, Department]
    workspaces: dict[str, Workspace]
    engine: Engine

    def actor(self, name: str) -> Actor:
        return actor_for(self.people[name])

    def workspace(self, department: str = "Logistics") -> Workspace:
        return self.workspaces[department]

    def conversation(self, owner: str = "alice", department: str = "Logistics") -> Conversation:
        """An empty one."""
        return start_conversation(self.actor(owner), self.workspaces[department].pk)[0]

    def asked(self, owner: str = "alice", text: str = "Where is container 7?") -> Asked:
        """A conversation with one question, whose run is queued."""
        return ask(self.actor(owner), self.conversation(owner).pk, Question(text))


def with_sibling_manager(company: Company) -> Company:
    """``heidi`` manages Legal, beside Logistics: what she gets of Logistics is what an outsider gets."""
    if "heidi" not in company.people:
        company.people["heidi"] = _person("heidi")
        join(company.people["heidi"], company.departments["Legal"], RoleKey.MANAGER)
    return company


def found_company() -> Company:
    root = Department.objects.add_root(instance=Department(name="Company"))
    departments = {name: Department.objects.add_child(root, instance=Department(name=name)) for name in DEPARTMENTS}
    people = {name: _person(name) for name in [*MEMBERS, "erin", *PLATFORM_ROLES]}
    for name, joined in MEMBERS.items():
        for department in joined:
            join(people[name], departments[department])
    join(people["erin"], departments["Logistics"], RoleKey.MANAGER)
    return Company(
        people=people,
        departments=departments,
        workspaces={
            name: Workspace.objects.create(department=department, name=f"{name} desk")
            for name, department in departments.items()
        },
        engine=Engine.objects.create(
            name="scripted", model="scripted", address="http://127.0.0.1:9", state=EngineState.READY, is_default=True
        ),
    )


def join(person: User, department: Department, role: RoleKey = RoleKey.MEMBER) -> Membership:
    return Membership.objects.get_or_create(person=person, department=department, role=builtin_role(role))[0]


def _person(name: str) -> User:
    role = PLATFORM_ROLES.get(name, PlatformRole.NONE)
    is_administrator = role == PlatformRole.ADMINISTRATOR
    return User.objects.create_user(
        name,
        password=f"password of {name}",
        platform_role=role,
        is_staff=is_administrator,
        is_superuser=is_administrator,
        is_active=name != "grace",
    )
