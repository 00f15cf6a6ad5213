"""The sample company: a freight forwarder's departments, people and workspaces, to try the appliance with."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from portal.accounts.choices import PlatformRole
from portal.accounts.models import User
from portal.accounts.services import create_person, people_exist
from portal.console.sample_conversations import Documents, begin_conversations
from portal.console.sample_library import fill_library
from portal.core.actor import Actor, system_actor
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.denials import deny
from portal.departments.grants import USE, give
from portal.departments.models import Department, Workspace
from portal.departments.models.tree import EVERY_RIGHT
from portal.departments.services.memberships import give_role
from portal.departments.services.roles import create_role
from portal.departments.services.tree import create_department
from portal.departments.services.workspaces import create_workspace
from portal.retention.services.holds import place_hold
from portal.retention.services.rules import set_rule

COMPANY = "Meridian Freight"


@dataclass(frozen=True, slots=True)
class SamplePerson:
    username: str
    name: str
    does: str
    departments: tuple[str, ...] = ()
    role: RoleKey = RoleKey.MEMBER
    platform_role: PlatformRole = PlatformRole.NONE


# Each department with the one above it.
DEPARTMENTS = (
    (COMPANY, None),
    ("Operations", COMPANY),
    ("Logistics", "Operations"),
    ("Customs", "Logistics"),
    ("Support", "Operations"),
    ("Finance", COMPANY),
    ("Legal", COMPANY),
    ("IT", COMPANY),
)
WORKSPACES = (
    ("Logistics", "Export planning", "Bookings, routes and carriers for export orders"),
    ("Logistics", "Carrier letters", "Draft and answer letters to carriers"),
    ("Customs", "Declarations", "Tariff codes, papers and declarations"),
    ("Support", "Customer questions", "Answers to customers about their shipments"),
    ("Finance", "Invoices", "Check and explain invoices"),
    ("Legal", "Contracts", "Read and compare contracts"),
    ("IT", "Operations log", "Explain logs and write scripts"),
)
# How many days after its last question a conversation of a department goes, and what stays whatever the rules say.
KEPT_DAYS = (("Support", 365),)
HELD = (("Contracts", "Dispute with a carrier, file 2026-17"),)
PEOPLE = (
    SamplePerson("alice", "Alice Moreau", "works in Logistics", ("Logistics",)),
    SamplePerson("bob", "Bob Okafor", "works in Logistics and Finance", ("Logistics", "Finance")),
    SamplePerson("charlie", "Charlie Lindqvist", "works in Legal", ("Legal",)),
    SamplePerson("dana", "Dana Petrova", "platform administrator", platform_role=PlatformRole.ADMINISTRATOR),
    SamplePerson("erin", "Erin Tanaka", "manages Logistics", ("Logistics",), RoleKey.MANAGER),
    SamplePerson("frank", "Frank Mbeki", "auditor", platform_role=PlatformRole.AUDITOR),
)


def load_sample_company(password: str = "", documents: Callable[[], Documents] | None = None) -> str | None:
    """Make the company and return its people's password; None where there are people already.

    With ``documents``, which makes them, there are conversations that have them. All or nothing, so a start that was
    cut off leaves no half of it.
    """
    actor = system_actor("sample company")
    with transaction.atomic():
        if people_exist():
            return None
        password = password or secrets.token_urlsafe(9)
        departments: dict[str, Department] = {}
        workspaces: dict[str, Workspace] = {}
        people: dict[str, User] = {}
        for name, parent in DEPARTMENTS:
            departments[name] = create_department(actor, name, departments.get(parent) if parent else None)
        for department, name, purpose in WORKSPACES:
            workspaces[name] = create_workspace(actor, departments[department], name, purpose)
        for department, days in KEPT_DAYS:
            set_rule(actor, days, department=departments[department])
        for name, reason in HELD:
            place_hold(actor, workspaces[name], reason)
        for sample in PEOPLE:
            first, last = sample.name.split(" ", 1)
            values = {
                "username": sample.username,
                "first_name": first,
                "last_name": last,
                "platform_role": sample.platform_role,
            }
            person = create_person(actor, values, password, any_password=True)
            people[sample.username] = person
            for department in sample.departments:
                give_role(actor, person, departments[department], builtin_role(sample.role))
        _set_rights(actor, departments, workspaces, people)
        fill_library(actor, departments, workspaces)
        if documents is not None:
            begin_conversations(people, workspaces, documents())
    return password


def _set_rights(
    actor: Actor, departments: dict[str, Department], workspaces: dict[str, Workspace], people: dict[str, User]
) -> None:
    """One of each: a role of the company's own, a grant to a department, and a denial that wins over a role."""
    observer = create_role(
        actor, "Observer", ["department.view", "workspace.view"], "Sees which workspaces there are, and asks nothing"
    )
    give_role(actor, people["charlie"], departments["Finance"], observer)
    give(actor, departments["Legal"], workspaces["Declarations"], USE)
    deny(actor, people["bob"], workspaces["Carrier letters"], [EVERY_RIGHT], "Works for Finance until the year's end")


def accounts_text(password: str, folder: str = "") -> str:
    lines = [f"  {sample.username:<8} {sample.does}" for sample in PEOPLE]
    documents = [f"Documents to attach, by department: {folder}"] if folder else []
    return "\n".join(["Sample accounts, all with the password " + password, *lines, *documents, ""])
