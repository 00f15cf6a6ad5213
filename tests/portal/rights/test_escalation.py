"""Delegated administration never gives what the administrator does not hold, whatever is done, in whatever order."""

import random
from collections.abc import Callable
from functools import partial
from itertools import product
from uuid import UUID

import pytest
from django.db import transaction

from portal.accounts.models import User
from portal.core.errors import AppError, Forbidden, Invalid, NotFound
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.models import Membership
from portal.departments.services.memberships import give_role, invite_person, take_role
from tests.at_once import at_once
from tests.people import Company, join
from tests.portal.rights.comparison import nothing_left_behind, same_rows
from tests.portal.rights.reference import (
    DEPARTMENT,
    ENGINE,
    EVERYTHING,
    MANAGER_RIGHTS,
    RIGHTS_OF,
    WORKSPACE,
    Rule,
)
from tests.portal.rights.town import SYSTEM, Town, row

LOOKED_AT = (DEPARTMENT, WORKSPACE, ENGINE)
SEQUENCES, STEPS = 30, 12


class Delegated(Town):
    """Logistics, with Inner and Outer below it, and Legal; ``boss`` manages Logistics, ``friend`` is nobody yet."""

    def __init__(self) -> None:
        super().__init__()
        self.dana = self.add_person("administrator")
        self.boss, self.friend, self.clerk = self.add_person(), self.add_person(), self.add_person()
        self.top = self.add_department()
        self.logistics, self.legal = self.add_department(self.top), self.add_department(self.top)
        self.inner, self.outer = self.add_department(self.logistics), self.add_department(self.logistics)
        self.engine, self.big_engine = self.add_engine(), self.add_engine(reserved=True)
        self.desk, self.inner_desk, self.outer_desk, self.legal_desk = (
            self.add_workspace(place) for place in (self.logistics, self.inner, self.outer, self.legal)
        )
        self.give_role(self.boss, self.logistics, self.manager)
        self.give_role(self.clerk, self.outer, self.member)

    def refused(self, change: Callable[..., object], *values: object) -> str:
        """The code of the refusal of the boss's change; nothing is changed."""
        return refused_to(self, self.boss, change, *values)


def refused_to(town: Town, person: UUID, change: Callable[..., object], *values: object) -> str:
    before = everything(town)
    with pytest.raises(AppError) as raised, transaction.atomic():
        change(*values, actor=town.actor(person))
    same_rows(town)
    assert everything(town) == before
    return raised.value.code


def everything(town: Town) -> set[tuple[UUID, str, str, UUID]]:
    """Who holds which right on what, as the reference evaluator says; as if no workspace were archived, since opening
    one again gives back what was given before."""
    world, archived = town.world, town.world.archived
    world.archived = set()
    held = {
        (person, right, kind, thing)
        for person, kind in product(world.active, LOOKED_AT)
        for right in RIGHTS_OF[kind]
        for thing in world.all_allowed(person, right, kind)
    }
    world.archived = archived
    return held


@pytest.fixture
def town(db: None) -> Delegated:
    return Delegated()


def test_nobody_promotes_himself(town: Delegated) -> None:
    assert town.refused(town.give_role, town.boss, town.logistics, town.member) == "own_rights"
    assert town.refused(town.give_role, town.boss, town.inner, town.manager) == "own_rights"
    assert town.refused(town.give_role, town.boss, town.legal, town.manager) == "not_found"
    assert town.refused(town.give, ("person", town.boss), (WORKSPACE, town.desk), ["workspace.view"]) == "own_rights"
    assert town.refused(town.move_person, town.boss, town.logistics, town.inner) == "own_rights"
    assert refused_to(town, town.dana, town.give_role, town.dana, town.legal, town.member) == "own_rights"
    assert refused_to(town, town.dana, town.give, ("person", town.dana), (WORKSPACE, town.desk), ["workspace.view"])


def test_nobody_acts_outside_his_subtree(town: Delegated) -> None:
    for change, values in (
        (town.give_role, (town.friend, town.legal, town.member)),
        (town.give_role, (town.friend, town.top, town.member)),
        (town.add_workspace, (town.legal,)),
        (town.add_department, (town.top,)),
        (town.add_department, ()),
        (town.move_department, (town.legal, town.logistics)),
        (town.move_department, (town.logistics, town.legal)),
        (town.move_department, (town.logistics, None)),
        (town.move_department, (town.inner, town.top)),
        (town.move_department, (town.inner, town.legal)),
        (town.remove_department, (town.logistics, town.top)),
        (town.remove_department, (town.legal, town.logistics)),
        (town.remove_department, (town.inner, town.legal)),
        (town.move_workspace, (town.legal_desk, town.logistics)),
        (town.move_workspace, (town.desk, town.legal)),
        (town.archive, (town.legal_desk, True)),
        (town.give, (("person", town.friend), (WORKSPACE, town.legal_desk), ["workspace.view"])),
        (town.give, (("person", town.friend), (ENGINE, town.big_engine), ["engine.use"])),
        (town.deny, (("person", town.clerk), (DEPARTMENT, town.legal), "workspace.view")),
        (town.deny, (("person", town.clerk), (ENGINE, town.engine), "engine.use")),
    ):
        assert town.refused(change, *values) in {"forbidden", "not_found"}, change


def test_roles_and_rights_to_roles_are_for_platform_administrators(town: Delegated) -> None:
    assert town.refused(town.add_role, sorted(MANAGER_RIGHTS)) == "forbidden"
    role = town.add_role(["department.view"])
    assert town.refused(town.change_role, role, sorted(MANAGER_RIGHTS)) == "forbidden"
    assert town.refused(town.remove_role, role) == "forbidden"
    assert town.refused(town.give, ("role", town.manager), (WORKSPACE, town.desk), ["workspace.view"]) == "role_subject"
    assert town.refused(town.deny, ("role", town.member), (WORKSPACE, town.desk), "message.ask") == "role_subject"


def test_a_role_with_more_rights_is_not_given(town: Delegated) -> None:
    lead = town.add_role(["membership.manage", "department.view", "workspace.view"])
    person = town.add_person()
    town.give_role(person, town.inner, lead)
    assert refused_to(town, person, town.give_role, town.friend, town.inner, town.manager) == "not_held"
    assert refused_to(town, person, town.give_role, town.friend, town.inner, town.member) == "not_held"
    town.give_role(town.friend, town.inner, lead, actor=town.actor(person))


def test_a_role_is_not_given_with_grants_that_the_giver_does_not_hold(town: Delegated) -> None:
    role = town.add_role(["department.view"])
    town.give(("role", role), (ENGINE, town.big_engine), ["engine.use"])
    assert town.refused(town.give_role, town.friend, town.logistics, role) == "not_held"
    town.give(("person", town.boss), (ENGINE, town.big_engine), ["engine.use"])
    town.give_role(town.friend, town.logistics, role, actor=town.actor(town.boss))
    town.give(("role", role), (WORKSPACE, town.legal_desk), ["workspace.view"])
    assert town.refused(town.give_role, town.clerk, town.logistics, role) == "not_held"


def test_a_grant_to_a_role_that_every_company_has_stops_no_invitation(town: Delegated) -> None:
    town.give(("role", town.member), (ENGINE, town.big_engine), ["engine.use"])
    town.give_role(town.friend, town.logistics, town.member, actor=town.actor(town.boss))


def test_a_role_is_not_given_where_the_giver_is_denied_something_below(town: Delegated) -> None:
    town.deny(("person", town.boss), (DEPARTMENT, town.inner), "workspace.view")
    assert town.refused(town.give_role, town.friend, town.logistics, town.member) == "not_held"
    town.give_role(town.friend, town.outer, town.member, actor=town.actor(town.boss))
    town.deny(("person", town.boss), (WORKSPACE, town.outer_desk), "message.ask")
    assert town.refused(town.give_role, town.friend, town.outer, town.manager) == "not_held"
    with pytest.raises(Forbidden):
        invite_person(
            town.actor(town.boss), {"username": "straw"}, row((DEPARTMENT, town.outer)), row(("role", town.member))
        )
    assert not User.objects.filter(username="straw").exists()


def test_a_grant_to_a_department_one_is_of_gives_nothing_new(town: Delegated) -> None:
    town.deny(("person", town.boss), (WORKSPACE, town.inner_desk), "message.ask")
    subject, thing = (DEPARTMENT, town.logistics), (WORKSPACE, town.inner_desk)
    assert town.refused(town.give, subject, thing, ["message.ask"]) == "not_held"
    assert town.refused(town.give, (DEPARTMENT, town.legal), thing, ["workspace.view"]) == "not_found"
    town.give(subject, thing, ["workspace.view"], actor=town.actor(town.boss))


def test_nobody_lifts_a_denial_that_covers_himself(town: Delegated) -> None:
    place = (DEPARTMENT, town.inner)
    for subject in (("person", town.boss), ("role", town.manager), (DEPARTMENT, town.logistics)):
        town.deny(subject, place, "workspace.view")
    refusals = {town.refused(town.lift, Rule(denial.subject, denial.right, place)) for denial in town.world.denials}
    assert refusals == {"own_rights", "not_held"}
    town.deny(("person", town.clerk), (DEPARTMENT, town.logistics), "department.view")
    assert town.refused(town.lift, Rule(("person", town.clerk), "department.view", (DEPARTMENT, town.logistics))) == (
        "administration_denied"
    )
    town.deny(("person", town.clerk), (DEPARTMENT, town.logistics), "workspace.view")
    # It would open Inner to the clerk, where the boss is denied.
    assert town.refused(town.lift, Rule(("person", town.clerk), "workspace.view", (DEPARTMENT, town.logistics))) == (
        "not_held"
    )


def test_nobody_sheds_a_role_by_which_he_is_denied_something(town: Delegated) -> None:
    intern = town.add_role(["department.view"])
    town.give_role(town.boss, town.inner, intern)
    town.deny(("role", intern), (WORKSPACE, town.desk), "message.ask")
    town.deny((DEPARTMENT, town.inner), (WORKSPACE, town.outer_desk), EVERYTHING)
    assert town.refused(town.take_role, town.boss, town.inner, intern) == "own_rights"
    assert town.refused(town.take_out, town.boss, town.inner) == "own_rights"
    assert town.refused(town.take_out, town.boss, town.logistics) == "own_rights"


def test_nobody_frees_others_by_taking_a_role_from_them(town: Delegated) -> None:
    intern = town.add_role(["department.view"])
    town.give_role(town.friend, town.inner, intern)
    town.give_role(town.friend, town.legal, town.member)
    town.deny(("role", intern), (DEPARTMENT, town.legal), "workspace.view")
    town.deny(("role", intern), (ENGINE, town.big_engine), EVERYTHING)
    assert town.refused(town.take_role, town.friend, town.inner, intern) == "not_held"
    assert town.refused(town.take_out, town.friend, town.inner) == "not_held"
    town.take_role(town.friend, town.legal, town.member)
    town.take_out(town.friend, town.inner, actor=town.actor(town.boss))


def test_a_workspace_is_not_drawn_out_from_under_a_denial(town: Delegated) -> None:
    town.deny(("person", town.boss), (DEPARTMENT, town.inner), "conversation.view")
    assert town.refused(town.move_workspace, town.inner_desk, town.outer) == "not_held"
    deeper = town.add_department(town.inner)
    assert town.refused(town.move_department, deeper, town.outer) in {"not_held", "forbidden"}
    assert town.refused(town.remove_department, town.inner, town.logistics) == "not_held"


def test_a_mover_without_content_rights_opens_nothing_to_others(town: Delegated) -> None:
    caretaker = town.add_role(["department.view", "department.manage", "workspace.manage", "membership.manage"])
    town.give_role(town.friend, town.top, caretaker)
    assert refused_to(town, town.friend, town.move_workspace, town.legal_desk, town.logistics) == "not_held"
    assert refused_to(town, town.friend, town.move_department, town.legal, town.outer) == "not_held"
    assert refused_to(town, town.friend, town.remove_department, town.legal, town.outer) == "not_held"
    town.move_workspace(town.desk, town.legal, actor=town.actor(town.friend))


def test_removing_a_department_carries_nobody_upward(town: Delegated) -> None:
    reader = town.add_role(["usage.view"])
    lead = town.add_role(sorted(MANAGER_RIGHTS - {"usage.view"}))
    town.give_role(town.friend, town.logistics, lead)
    town.give_role(town.clerk, town.inner, reader)
    assert refused_to(town, town.friend, town.remove_department, town.inner, town.logistics) == "not_held"
    town.take_role(town.clerk, town.inner, reader)
    town.give_role(town.boss, town.inner, town.member)
    assert town.refused(town.remove_department, town.inner, town.logistics) == "own_rights"
    town.take_role(town.boss, town.inner, town.member)
    town.remove_department(town.inner, town.logistics, actor=town.actor(town.boss))


def test_a_department_that_goes_elsewhere_takes_its_people_from_under_no_denial(town: Delegated) -> None:
    deeper = town.add_department(town.inner)
    town.give_role(town.friend, deeper, town.member)
    town.give_role(town.friend, town.legal, town.member)
    town.deny((DEPARTMENT, town.inner), (WORKSPACE, town.legal_desk), "workspace.view")
    assert town.refused(town.move_department, deeper, town.outer) == "not_held"
    assert town.refused(town.remove_department, town.inner, town.outer) == "not_held"


def test_people_of_a_department_are_moved_by_whoever_manages_people(town: Delegated) -> None:
    planner = town.add_role(sorted(MANAGER_RIGHTS - {"membership.manage"}))
    town.give_role(town.friend, town.logistics, planner)
    town.give((DEPARTMENT, town.inner), (WORKSPACE, town.legal_desk), ["workspace.view"])
    assert refused_to(town, town.friend, town.move_department, town.outer, town.inner) == "forbidden"
    town.take_role(town.clerk, town.outer, town.member)
    town.move_department(town.outer, town.inner, actor=town.actor(town.friend))


def test_moving_a_person_to_where_he_is_changes_nothing(town: Delegated) -> None:
    town.move_person(town.clerk, town.outer, town.outer, actor=town.actor(town.boss))
    same_rows(town)
    town.move_person(town.clerk, town.outer, town.inner, actor=town.actor(town.boss))
    same_rows(town)
    assert town.refused(town.move_person, town.clerk, town.inner, town.legal) == "not_found"


@pytest.mark.parametrize("field", ["platform_role", "is_superuser", "is_staff", "id", "password", "memberships"])
def test_an_invitation_names_identity_only(town: Delegated, field: str) -> None:
    values = {"username": "new", field: "administrator"}
    with pytest.raises(Invalid):
        invite_person(town.actor(town.boss), values, row((DEPARTMENT, town.inner)), row(("role", town.member)))
    assert not User.objects.filter(username="new").exists()


def test_what_is_gone_is_not_found(town: Delegated) -> None:
    gone = row((DEPARTMENT, town.inner))
    town.remove_department(town.inner, town.logistics)
    for person in (town.boss, town.dana):
        with pytest.raises((NotFound, Forbidden)):
            give_role(town.actor(person), row(("person", town.friend)), gone, row(("role", town.member)))
    assert not Membership.objects.filter(person=town.friend).exists()


def change_at_random(town: Town, chance: random.Random, actor: UUID) -> None:
    """One call of a service, of whatever the actor could think of."""
    world, by = town.world, town.actor(actor)
    person = chance.choice(list(world.active))
    place, other = chance.choice(list(world.parents)), chance.choice(list(world.parents))
    role, room = chance.choice(list(world.roles)), chance.choice(list(world.workspaces))
    subject = chance.choice([("person", person), ("role", role), (DEPARTMENT, place)])
    thing = chance.choice([(WORKSPACE, room), (WORKSPACE, room), (ENGINE, chance.choice(list(world.engines)))])
    right = chance.choice(sorted(RIGHTS_OF[thing[0]]))
    at = chance.choice([thing, (DEPARTMENT, other)])
    changes: list[Callable[[], object]] = [
        lambda: town.give_role(person, place, role, actor=by),
        lambda: town.give_role(person, place, chance.choice([town.member, town.manager]), actor=by),
        lambda: town.take_role(person, place, role, actor=by),
        lambda: town.take_role(*chance.choice(sorted(world.memberships)), actor=by),
        lambda: town.take_out(person, place, actor=by),
        lambda: town.move_person(person, place, other, actor=by),
        lambda: town.move_department(place, chance.choice([other, other, None]), actor=by),
        lambda: town.remove_department(place, other, actor=by),
        lambda: town.add_department(place, actor=by),
        lambda: town.add_workspace(place, actor=by),
        lambda: town.move_workspace(room, place, actor=by),
        lambda: town.archive(room, room not in world.archived, actor=by),
        lambda: town.add_role(sorted(MANAGER_RIGHTS), actor=by),
        lambda: town.change_role(role, sorted(MANAGER_RIGHTS), actor=by),
        lambda: town.give(subject, thing, [right], actor=by),
        lambda: town.withdraw(chance.choice(sorted(world.grants, key=str)), actor=by),
        lambda: town.deny(subject, at, chance.choice([right, EVERYTHING]), actor=by),
        lambda: town.lift(chance.choice(sorted(world.denials, key=str)), actor=by),
    ]
    chance.choice(changes)()


def company_at_random(chance: random.Random) -> Delegated:
    town = Delegated()
    people, things = list(town.world.active), [(WORKSPACE, room) for room in town.world.workspaces]
    things += [(DEPARTMENT, place) for place in town.world.parents] + [(ENGINE, town.engine), (ENGINE, town.big_engine)]
    for _ in range(3):
        town.add_role(sorted(chance.sample(sorted(MANAGER_RIGHTS), chance.randint(1, 11))))
    for _ in range(5):
        town.give_role(
            chance.choice(people), chance.choice(list(town.world.parents)), chance.choice(list(town.world.roles))
        )
    subjects = [("person", person) for person in people] + [("role", role) for role in town.world.roles]
    subjects += [(DEPARTMENT, place) for place in town.world.parents]
    for _ in range(4):
        thing = chance.choice(things)
        right = chance.choice(sorted(RIGHTS_OF[thing[0]]))
        town.deny(chance.choice(subjects), thing, right)
        if thing[0] != DEPARTMENT:
            town.give(chance.choice(subjects), thing, [right])
    return town


def opened_by_company_grant(town: Town, gain: tuple[UUID, str, str, UUID]) -> bool:
    """Grants to a department and to the two roles that every company has are for whomever its managers take in."""
    person, right, kind, thing = gain
    return any(
        town.world.is_subject(person, grant.subject)
        and (grant.subject[0] == DEPARTMENT or grant.subject[1] in (town.member, town.manager))
        for grant in town.world.grants
        if grant.right == right and grant.thing == (kind, thing)
    )


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_nothing_that_a_manager_does_gives_more_than_he_holds(db: None, seed: int) -> None:
    """Step by step: whoever gains a right gains one that the actor held at that place before; the actor gains none."""
    chance = random.Random(seed)
    town = company_at_random(chance)
    actors = [person for person in town.world.active if person != town.dana]
    done = 0
    for _ in range(STEPS * 8):
        if done >= STEPS:
            break
        actor, before = chance.choice(actors), everything(town)
        known = {thing for kind in LOOKED_AT for thing in town.world.things(kind)}
        mine = {(right, kind, thing) for person, right, kind, thing in before if person == actor}
        try:
            with transaction.atomic():
                change_at_random(town, chance, actor)
        except (AppError, IndexError):
            continue
        done += 1
        for gain in {gain for gain in everything(town) - before if gain[3] in known}:
            fair = gain[0] != actor and (gain[1:] in mine or opened_by_company_grant(town, gain))
            assert fair, f"after {done} changes {gain} was gained by what {actor} did"
    same_rows(town)
    nothing_left_behind()


def test_a_manager_who_loses_the_role_while_giving_one(live_company: Company) -> None:
    """Either he gave it before he lost it, or not at all: afterwards nothing of his is under way."""
    people, place = live_company.people, live_company.departments["Logistics"]
    erin, manager, member = live_company.actor("erin"), builtin_role(RoleKey.MANAGER), builtin_role(RoleKey.MEMBER)
    for _ in range(6):
        raised = at_once(
            partial(take_role, SYSTEM, people["erin"], place, manager),
            partial(give_role, erin, people["frank"], place, member),
        )
        given = Membership.objects.filter(person=people["frank"], department=place).exists()
        assert [type(error) for error in raised] == ([] if given else [NotFound])
        with pytest.raises(NotFound):
            give_role(erin, people["charlie"], place, member)
        Membership.objects.filter(person=people["frank"]).delete()
        join(people["erin"], place, RoleKey.MANAGER)
