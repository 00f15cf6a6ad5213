"""The explanation names the chain, and never says anything else than the decision itself."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db.models import Model

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.audit.scene import Scene, opened
from portal.chat.models import Conversation
from portal.core.actor import system_actor
from portal.core.catalogue import RIGHTS
from portal.core.errors import Forbidden, NotFound
from portal.departments.authority import require_at
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.denials import deny
from portal.departments.explain import Explanation, explain
from portal.departments.grants import USE, give, kind_of
from portal.departments.models import Department, Role, Whom, reason_of
from portal.departments.models.tree import EVERY_RIGHT
from portal.departments.services.roles import create_role
from tests.people import Company, join

SYSTEM = system_actor("test")


def told(explanation: Explanation) -> list[tuple[str, bool, str, str]]:
    return [(ground.how, ground.gives, ground.subject[1], ground.place[1]) for ground in explanation.grounds]


def test_a_role_above_is_named_with_its_place(company: Company) -> None:
    found = explain(company.actor("dana"), company.people["alice"], "workspace.view", company.workspace())
    assert found.allowed
    assert told(found) == [("role", True, "Member", "Logistics")]


def test_a_denial_is_named_beside_what_it_takes(company: Company) -> None:
    alice, desk = company.people["alice"], company.workspace()
    give(SYSTEM, company.departments["Logistics"], desk, USE)
    deny(SYSTEM, alice, company.departments["Logistics"], [EVERY_RIGHT], "inquiry")
    found = explain(company.actor("dana"), alice, "workspace.view", desk)
    assert not found.allowed
    assert told(found) == [
        ("grant", True, "Logistics", "Logistics desk"),
        ("role", True, "Member", "Logistics"),
        ("denial", False, "alice", "Logistics"),
    ]
    assert found.grounds[-1].note == "inquiry"


def test_without_any_ground_the_answer_is_no(company: Company) -> None:
    found = explain(company.actor("dana"), company.people["charlie"], "workspace.view", company.workspace())
    assert (found.allowed, found.grounds) == (False, ())


def test_a_conversation_is_named_without_its_title(company: Company) -> None:
    asked = company.asked("alice", "A secret question")
    found = explain(company.actor("dana"), company.people["alice"], "conversation.view", asked.conversation)
    assert found.allowed
    assert "secret" not in str(found)


def test_who_may_ask_for_an_explanation(company: Company) -> None:
    alice, desk = company.people["alice"], company.workspace()
    assert explain(company.actor("erin"), alice, "workspace.view", desk).allowed
    with pytest.raises(Forbidden):
        explain(company.actor("bob"), alice, "workspace.view", desk)
    with pytest.raises(NotFound):
        explain(company.actor("charlie"), alice, "workspace.view", desk)


def decided(person: User, right: str, target: Model) -> bool:
    model: Any = type(target)
    objects: Any = Department.visible if isinstance(target, Department) else model.objects
    # The querysets are asked for people whose session stands; of others the door lets nobody in.
    administers = RIGHTS[right].administrative and person.platform_role == "administrator"
    return person.is_active and (
        administers or objects.allowed_to(Whom(person.pk), right).filter(pk=target.pk).exists()
    )


def named_at_the_door(person: User, right: str, target: Model) -> str | None:
    """What a department's door says, and the annotation with which the doors of objects fetch them."""
    actor = actor_for(person)
    if isinstance(target, Department):
        with opened(Scene()) as scene, suppress(Forbidden, NotFound):
            require_at(actor, right, target)
        return scene.reason or None
    model: Any = type(target)
    found = model.objects.allowed(actor, right).filter(pk=target.pk)
    reason: str | None = found.values_list(reason_of(actor, [right], kind_of(target)), flat=True).first()
    return reason


def scramble(company: Company, chance: random.Random) -> None:
    """Roles, grants and denials of all sorts, at random."""
    role = create_role(
        SYSTEM, "Some rights", chance.sample([r.name for r in RIGHTS.values() if "department" in r.on], 4)
    )
    places: list[Department] = list(Department.objects.all())
    people, roles = list(company.people.values()), [role, *Role.objects.exclude(key="")]
    subjects: list[Callable[[], Any]] = [
        lambda: chance.choice(people),
        lambda: chance.choice(roles),
        lambda: chance.choice(places),
    ]
    targets = [*company.workspaces.values(), *Conversation.objects.all(), company.engine]
    for _ in range(3):
        join(chance.choice(people), chance.choice(places), chance.choice(list(RoleKey)))
        role.memberships.get_or_create(person=chance.choice(people), department=chance.choice(places))
    for _ in range(6):
        target = chance.choice(targets)
        kind = type(target).__name__.lower()
        rights = [right.name for right in RIGHTS.values() if kind in right.on]
        give(SYSTEM, chance.choice(subjects)(), target, [chance.choice(rights)])
    for _ in range(4):
        denied = chance.choice([*targets, *places])
        rights = [right.name for right in RIGHTS.values() if type(denied).__name__.lower() in right.on]
        deny(SYSTEM, chance.choice(subjects)(), denied, [chance.choice([EVERY_RIGHT, *rights])])
    company.engine.reserved = chance.random() < 0.5
    company.engine.save()
    desk = company.workspace("Finance")
    desk.archived = chance.random() < 0.5
    desk.save()


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_the_decision(company: Company, seed: int) -> None:
    company.asked("alice")
    scramble(company, random.Random(seed))
    targets = [*company.workspaces.values(), *Conversation.objects.all(), company.engine, *Department.objects.all()]
    dana = company.actor("dana")
    differing = [
        (person.username, right.name, str(target), told(explain(dana, person, right.name, target)))
        for target in targets
        for right in RIGHTS.values()
        if type(target).__name__.lower() in right.on
        for person in company.people.values()
        if explain(dana, person, right.name, target).allowed != decided(person, right.name, target)
    ]
    assert differing == []
    reasons = [
        (explain(dana, person, right.name, target).reason, named_at_the_door(person, right.name, target))
        for target in targets
        for right in RIGHTS.values()
        if type(target).__name__.lower() in right.on
        for person in company.people.values()
        if person.is_active
    ]
    assert [(winning, named) for winning, named in reasons if winning != named] == []
    assert {"role", "grant", "platform_role", None} <= {named for _, named in reasons}


def test_builtin_roles_hold_what_the_catalogue_says(company: Company) -> None:
    for key in RoleKey:
        held = set(builtin_role(key).actions.values_list("action", flat=True))
        assert held == {right.name for right in RIGHTS.values() if key in right.roles}


def test_the_reason_of_a_denial_is_for_those_who_give_rights_where_it_stands(company: Company) -> None:
    dana, erin = company.actor("dana"), company.actor("erin")
    person, desk = company.people["alice"], company.workspace()
    deny(dana, person, Department.objects.get(name="Company"), ["message.ask"], "above")
    deny(dana, person, company.departments["Logistics"], ["message.ask"], "here")
    found = explain(erin, person, "message.ask", desk)
    assert sorted(ground.note for ground in found.grounds if ground.how == "denial") == ["", "here"]
    found = explain(dana, person, "message.ask", desk)
    assert sorted(ground.note for ground in found.grounds if ground.how == "denial") == ["above", "here"]
