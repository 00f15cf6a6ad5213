"""Whatever is done to a company, the portal decides as the reference evaluator does, by every way that one may ask.

``APPLIANCE_RIGHTS_COMPANIES`` sets how many companies are founded, and has other ones each time.
"""

import os
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.departments.services import roles
from tests.portal.rights.comparison import (
    ASKED,
    agree,
    compare_doors,
    compare_faces,
    compare_people_named_by_a_column,
    compare_querysets,
    compare_selectors,
    nothing_left_behind,
    same_rows,
)
from tests.portal.rights.reference import CONVERSATION, DEPARTMENT, ENGINE, EVERYTHING, RIGHTS_OF, WORKSPACE, Thing
from tests.portal.rights.town import SYSTEM, Town, row

T = TypeVar("T")

COMPANIES = int(os.environ.get("APPLIANCE_RIGHTS_COMPANIES", "10"))
SAME_EACH_TIME = "APPLIANCE_RIGHTS_COMPANIES" not in os.environ
STEPS = 25

NUMBER = st.integers(0, 10_000)
GIVEN_ON = (WORKSPACE, WORKSPACE, CONVERSATION, ENGINE)
DENIED_ON = (DEPARTMENT, WORKSPACE, CONVERSATION, ENGINE)
SUBJECTS = ("person", "role", DEPARTMENT)


def pick(found: Sequence[T], number: int) -> T:
    return found[number % len(found)]


class Company(RuleBasedStateMachine):
    """Numbers choose among what is there, in the order in which it was made."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.town = Town()
        self.world = self.town.world

    def teardown(self) -> None:
        try:
            same_rows(self.town)
            nothing_left_behind()
            compare_people_named_by_a_column(self.town)
            for person in self.people:
                compare_querysets(self.town, person)
                compare_selectors(self.town, person)
            for number, person in enumerate(self.people):
                if number % 2 == len(self.world.grants) % 2:
                    compare_doors(self.town, person)
            compare_faces(self.town, pick(self.people, len(self.world.denials) + len(self.world.memberships)))
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    @property
    def people(self) -> list[UUID]:
        return list(self.world.active)

    @property
    def departments(self) -> list[UUID]:
        return list(self.world.parents)

    @property
    def roles(self) -> list[UUID]:
        return list(self.world.roles)

    def things(self, kind: str) -> list[UUID]:
        return self.world.things(kind)

    def subject(self, kind: str, number: int) -> Thing:
        found = {"person": self.people, "role": self.roles, DEPARTMENT: self.departments}[kind]
        return kind, pick(found, number)

    @initialize(numbers=st.lists(NUMBER, min_size=8, max_size=8))
    def found(self, numbers: list[int]) -> None:
        town = self.town
        top = town.add_department()
        for number in range(4):
            town.add_department(pick([top, *self.departments], numbers[number] if number else 0))
        for platform in ("administrator", "", "", ""):
            town.add_person(platform)
        town.add_engine(reserved=numbers[4] % 2 == 1)
        for number in numbers[:4]:
            town.give_role(
                pick(self.people, number), pick(self.departments, number // 7), pick(self.roles, number // 3)
            )
            workspace = town.add_workspace(pick(self.departments, number // 5))
            town.add_conversation(workspace, pick(self.people, number // 2))

    @rule(parent=NUMBER)
    def department_is_made(self, parent: int) -> None:
        if len(self.departments) < 9:
            self.town.add_department(pick(self.departments, parent))

    @rule(moved=NUMBER, to=NUMBER)
    def department_is_moved(self, moved: int, to: int) -> None:
        department, parent = pick(self.departments, moved), pick([*self.departments, None], to)
        if parent is None or department not in self.world.upwards(parent):
            self.town.move_department(department, parent)

    @rule(removed=NUMBER, into=NUMBER)
    def department_is_removed(self, removed: int, into: int) -> None:
        department, target = pick(self.departments, removed), pick(self.departments, into)
        if department not in self.world.upwards(target):
            self.town.remove_department(department, target)

    @rule(rights=st.sets(st.sampled_from(sorted(RIGHTS_OF[DEPARTMENT])), min_size=1))
    def role_is_made(self, rights: set[str]) -> None:
        if len(self.roles) < 6:
            self.town.add_role(rights)

    @precondition(lambda self: len(self.world.roles) > 2)
    @rule(role=NUMBER, rights=st.sets(st.sampled_from(sorted(RIGHTS_OF[DEPARTMENT])), min_size=1))
    def role_is_changed(self, role: int, rights: set[str]) -> None:
        self.town.change_role(pick(self.roles[2:], role), rights)

    @precondition(lambda self: len(self.world.roles) > 2)
    @rule(role=NUMBER)
    def role_is_removed(self, role: int) -> None:
        which = pick(self.roles[2:], role)
        held = any(role == which for _, _, role in self.world.memberships)
        if held:
            with pytest.raises(Conflict), transaction.atomic():
                roles.remove_role(SYSTEM, row(("role", which)))
        else:
            self.town.remove_role(which)

    @rule(person=NUMBER, department=NUMBER, role=NUMBER)
    def role_is_given(self, person: int, department: int, role: int) -> None:
        self.town.give_role(pick(self.people, person), pick(self.departments, department), pick(self.roles, role))

    @precondition(lambda self: self.world.memberships)
    @rule(which=NUMBER)
    def role_is_taken(self, which: int) -> None:
        self.town.take_role(*pick(sorted(self.world.memberships), which))

    @rule(person=NUMBER, department=NUMBER, to=NUMBER)
    def person_goes(self, person: int, department: int, to: int) -> None:
        who, place = pick(self.people, person), pick(self.departments, department)
        if to % 2:
            self.town.move_person(who, place, pick(self.departments, to // 2))
        else:
            self.town.take_out(who, place)

    @rule(person=NUMBER)
    def person_is_suspended_or_comes_back(self, person: int) -> None:
        who = pick(self.people[1:], person)
        self.town.set_active(who, not self.world.active[who])

    @rule(workspace=NUMBER, department=NUMBER)
    def workspace_is_moved(self, workspace: int, department: int) -> None:
        self.town.move_workspace(pick(self.things(WORKSPACE), workspace), pick(self.departments, department))

    @rule(workspace=NUMBER)
    def workspace_is_archived_or_restored(self, workspace: int) -> None:
        which = pick(self.things(WORKSPACE), workspace)
        self.town.archive(which, which not in self.world.archived)

    @rule(workspace=NUMBER, owner=NUMBER)
    def conversation_begins(self, workspace: int, owner: int) -> None:
        if len(self.world.conversations) < 8:
            self.town.add_conversation(pick(self.things(WORKSPACE), workspace), pick(self.people, owner))

    @precondition(lambda self: self.world.conversations)
    @rule(conversation=NUMBER, level=st.sampled_from(["", "read", "ask"]))
    def conversation_is_opened_or_closed(self, conversation: int, level: str) -> None:
        self.town.open_conversation(pick(self.things(CONVERSATION), conversation), level)

    @precondition(lambda self: self.world.conversations)
    @rule(conversation=NUMBER, workspace=NUMBER)
    def conversation_is_moved(self, conversation: int, workspace: int) -> None:
        """Where the reference says so, and nowhere else."""
        which, to = pick(self.things(CONVERSATION), conversation), pick(self.things(WORKSPACE), workspace)
        owner, world = self.world.owners[which], self.world
        may = (
            to != world.conversations[which]
            and world.allowed(owner, "conversation.view", CONVERSATION, which)
            and all(world.allowed(owner, right, WORKSPACE, to) for right in ("workspace.view", "conversation.create"))
        )
        if not may:
            with pytest.raises((NotFound, Forbidden, Invalid)), transaction.atomic():
                self.town.move_conversation(which, to)
            return
        if not self.would_read(owner, which, to):
            with pytest.raises(Forbidden), transaction.atomic():
                self.town.move_conversation(which, to)
            return
        self.town.move_conversation(which, to)

    def would_read(self, owner: UUID, conversation: UUID, workspace: UUID) -> bool:
        there = dict(self.world.conversations)
        self.world.conversations[conversation], opened = workspace, self.world.opened.pop(conversation, set())
        found = self.world.allowed(owner, "conversation.view", CONVERSATION, conversation)
        self.world.conversations, self.world.opened[conversation] = there, opened
        return found

    @rule(engine=NUMBER)
    def engine_is_reserved_or_freed(self, engine: int) -> None:
        which = pick(self.things(ENGINE), engine)
        self.town.reserve(which, which not in self.world.reserved)

    @rule(kind=st.sampled_from(GIVEN_ON), thing=NUMBER, to=st.sampled_from(SUBJECTS), whom=NUMBER, data=st.data())
    def right_is_given(self, kind: str, thing: int, to: str, whom: int, data: st.DataObject) -> None:
        rights = data.draw(st.sets(st.sampled_from(sorted(RIGHTS_OF[kind])), min_size=1))
        self.town.give(self.subject(to, whom), (kind, pick(self.things(kind), thing)), rights)

    @precondition(lambda self: self.world.grants)
    @rule(which=NUMBER)
    def right_is_withdrawn(self, which: int) -> None:
        self.town.withdraw(pick(sorted(self.world.grants, key=str), which))

    @rule(kind=st.sampled_from(DENIED_ON), thing=NUMBER, to=st.sampled_from(SUBJECTS), whom=NUMBER, data=st.data())
    def right_is_denied(self, kind: str, thing: int, to: str, whom: int, data: st.DataObject) -> None:
        right = data.draw(st.sampled_from([EVERYTHING, *sorted(RIGHTS_OF[kind])]))
        self.town.deny(self.subject(to, whom), (kind, pick(self.things(kind), thing)), right)

    @precondition(lambda self: self.world.denials)
    @rule(which=NUMBER)
    def denial_is_lifted(self, which: int) -> None:
        self.town.lift(pick(sorted(self.world.denials, key=str), which))

    @invariant()
    def one_person_sees_what_he_should(self) -> None:
        """After each step one, in turns; all of them at the end."""
        if self.people:
            person = pick(self.people, self.town.number + len(self.world.grants) + len(self.world.denials))
            world = self.world
            for kind in (WORKSPACE, CONVERSATION):
                asked = ASKED[kind].visible_to(self.town.actor(person)).values_list("pk", flat=True)
                agree(f"visible {kind}", asked, world.visible(person, kind))


@pytest.mark.django_db
def test_every_way_of_asking_agrees_with_the_reference() -> None:
    found: Any = run_state_machine_as_test
    found(
        Company,
        settings=settings(
            max_examples=COMPANIES,
            stateful_step_count=STEPS,
            deadline=None,
            # The same companies each time, so that nobody meets another one's failure; and not made smaller, since each
            # try founds a company anew and a run prints its steps anyway.
            derandomize=SAME_EACH_TIME,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
