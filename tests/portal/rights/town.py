"""A company in the database beside what the reference evaluator knows of it: each change is made in both."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.accounts.services import reactivate_person, suspend_person
from portal.chat.choices import Author
from portal.chat.models import Conversation, ConversationDenial, Message
from portal.chat.moving.services import move_conversation
from portal.core.actor import Actor, system_actor
from portal.core.clock import now
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.denials import deny, lift
from portal.departments.grants import give, withdraw
from portal.departments.models import KINDS, Department, DepartmentDenial, Role, Workspace
from portal.departments.services import memberships as people_in
from portal.departments.services import roles as roles_of
from portal.departments.services import tree, workspaces
from portal.departments.subjects import group_of
from portal.engines.models import Engine
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.portal.rights.reference import (
    CONVERSATION,
    DEPARTMENT,
    ENGINE,
    MANAGER_RIGHTS,
    MEMBER_RIGHTS,
    RUN,
    WORKSPACE,
    Rule,
    Thing,
    World,
)

SYSTEM = system_actor("test")
OPENED = {"": (), "read": ("conversation.view",), "ask": ("conversation.view", "message.ask")}
MODELS: dict[str, Any] = {
    "person": User,
    "role": Role,
    DEPARTMENT: Department,
    WORKSPACE: Workspace,
    CONVERSATION: Conversation,
    RUN: Run,
    ENGINE: Engine,
}


def row(thing: Thing) -> Any:  # noqa: ANN401
    """As it is in the database now."""
    kind, which = thing
    return MODELS[kind]._default_manager.get(pk=which)


class Town:
    """Changes are made by ``actor``, the system itself unless another one is given; refused ones change neither."""

    def __init__(self) -> None:
        self.world = World()
        self.number = 0
        for key, rights in ((RoleKey.MEMBER, MEMBER_RIGHTS), (RoleKey.MANAGER, MANAGER_RIGHTS)):
            self.world.roles[builtin_role(key).pk] = set(rights)
        self.member, self.manager = builtin_role(RoleKey.MEMBER).pk, builtin_role(RoleKey.MANAGER).pk

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{kind} {self.number}"

    def actor(self, person: UUID) -> Actor:
        return actor_for(User.objects.get(pk=person))

    def add_person(self, platform: str = "") -> UUID:
        person = User.objects.create(username=self._name("person").replace(" ", ""), platform_role=platform)
        self.world.active[person.pk], self.world.platform[person.pk] = True, platform
        return UUID(str(person.pk))

    def set_active(self, person: UUID, active: bool) -> None:
        (reactivate_person if active else suspend_person)(SYSTEM, row(("person", person)))
        self.world.active[person] = active

    def add_department(self, parent: UUID | None = None, actor: Actor = SYSTEM) -> UUID:
        above = row((DEPARTMENT, parent)) if parent else None
        made: UUID = tree.create_department(actor, self._name("department"), above).pk
        self.world.parents[made] = parent
        return made

    def move_department(self, department: UUID, parent: UUID | None, actor: Actor = SYSTEM) -> None:
        above = row((DEPARTMENT, parent)) if parent else None
        tree.move_department(actor, row((DEPARTMENT, department)), above)
        self.world.parents[department] = parent

    def remove_department(self, department: UUID, into: UUID | None, actor: Actor = SYSTEM) -> None:
        target = row((DEPARTMENT, into)) if into else None
        tree.remove_department(actor, row((DEPARTMENT, department)), into=target)
        world = self.world
        if into is not None:
            world.memberships = {
                (person, into if place == department else place, role) for person, place, role in world.memberships
            }
            for workspace, place in world.workspaces.items():
                world.workspaces[workspace] = into if place == department else place
            for child, parent in world.parents.items():
                world.parents[child] = into if parent == department else parent
        del world.parents[department]
        self._forget((DEPARTMENT, department))

    def _forget(self, thing: Thing) -> None:
        for rules in (self.world.grants, self.world.denials):
            for rule in [rule for rule in rules if thing in (rule.subject, rule.thing)]:
                rules.remove(rule)

    def add_role(self, rights: Collection[str], actor: Actor = SYSTEM) -> UUID:
        made: UUID = roles_of.create_role(actor, self._name("role"), rights).pk
        self.world.roles[made] = set(rights)
        return made

    def change_role(self, role: UUID, rights: Collection[str], actor: Actor = SYSTEM) -> None:
        roles_of.change_role(actor, row(("role", role)), self._name("role"), rights)
        self.world.roles[role] = set(rights)

    def remove_role(self, role: UUID, actor: Actor = SYSTEM) -> None:
        roles_of.remove_role(actor, row(("role", role)))
        del self.world.roles[role]
        self._forget(("role", role))

    def give_role(self, person: UUID, department: UUID, role: UUID, actor: Actor = SYSTEM) -> None:
        people_in.give_role(actor, row(("person", person)), row((DEPARTMENT, department)), row(("role", role)))
        self.world.memberships.add((person, department, role))

    def take_role(self, person: UUID, department: UUID, role: UUID, actor: Actor = SYSTEM) -> None:
        people_in.take_role(actor, row(("person", person)), row((DEPARTMENT, department)), row(("role", role)))
        self.world.memberships.discard((person, department, role))

    def take_out(self, person: UUID, department: UUID, actor: Actor = SYSTEM) -> None:
        people_in.take_out(actor, row(("person", person)), row((DEPARTMENT, department)))
        inside = self.world.below(department)
        self.world.memberships -= {
            (someone, place, role) for someone, place, role in self.world.memberships
            if someone == person and place in inside
        }  # fmt: skip

    def move_person(self, person: UUID, source: UUID, target: UUID, actor: Actor = SYSTEM) -> None:
        people_in.move_person(
            actor, row(("person", person)), row((DEPARTMENT, source)), row((DEPARTMENT, target))
        )  # fmt: skip
        for someone, place, role in list(self.world.memberships):
            if (someone, place) == (person, source):
                self.world.memberships.remove((someone, place, role))
                self.world.memberships.add((person, target, role))

    def add_workspace(self, department: UUID, actor: Actor = SYSTEM) -> UUID:
        made = workspaces.create_workspace(actor, row((DEPARTMENT, department)), self._name("workspace")).pk
        self.world.workspaces[made] = department
        return made

    def move_workspace(self, workspace: UUID, department: UUID, actor: Actor = SYSTEM) -> None:
        workspaces.move_workspace(actor, row((WORKSPACE, workspace)), row((DEPARTMENT, department)))
        self.world.workspaces[workspace] = department

    def archive(self, workspace: UUID, archived: bool, actor: Actor = SYSTEM) -> None:
        workspaces.archive_workspace(actor, row((WORKSPACE, workspace)), archived)
        (self.world.archived.add if archived else self.world.archived.discard)(workspace)

    def add_engine(self, *, reserved: bool = False) -> UUID:
        values = {"model": "m", "address": "http://127.0.0.1:9", "is_default": not self.world.engines}
        made = Engine.objects.create(name=self._name("engine"), **values).pk
        self.world.engines.add(made)
        self.reserve(made, reserved)
        return made

    def reserve(self, engine: UUID, reserved: bool) -> None:
        Engine.objects.filter(pk=engine).update(reserved=reserved)
        (self.world.reserved.add if reserved else self.world.reserved.discard)(engine)

    def add_conversation(self, workspace: UUID, owner: UUID) -> UUID:
        """With a question whose run has ended; made whatever the owner's rights are, as they may have been before."""
        conversation = Conversation.objects.create(
            workspace_id=workspace, owner_id=owner, title=self._name("conversation"), active_at=now()
        )
        run = Run.objects.create(
            owner_id=owner, workspace_id=workspace, engine_id=min(self.world.engines), state=RunState.FINISHED
        )
        answer = Message.objects.create(conversation=conversation, author=Author.MODEL, text="Seven.", run=run)
        Conversation.objects.filter(pk=conversation.pk).update(head=answer)
        self.world.conversations[conversation.pk], self.world.owners[conversation.pk] = workspace, owner
        self.world.runs[run.pk] = conversation.pk
        return conversation.pk

    def open_conversation(self, conversation: UUID, level: str) -> None:
        """To everybody who may open its workspace; done whatever the owner's rights are by now."""
        Conversation.objects.filter(pk=conversation).update(open_to=level)
        self.world.opened[conversation] = set(OPENED[level])

    def move_conversation(self, conversation: UUID, workspace: UUID) -> None:
        """By its owner, who may be refused: then nothing changes. What is given beyond his rights there goes."""
        owner = self.world.owners[conversation]
        move_conversation(self.actor(owner), conversation, workspace)
        self.world.conversations[conversation], self.world.opened[conversation] = workspace, set()
        shares = self.world.allowed(owner, "conversation.share", WORKSPACE, workspace)
        for grant in [grant for grant in self.world.grants if grant.thing == (CONVERSATION, conversation)]:
            if not (shares and self.world.allowed(owner, grant.right, CONVERSATION, conversation)):
                self.world.grants.discard(grant)

    def give(self, subject: Thing, thing: Thing, rights: Collection[str], actor: Actor = SYSTEM) -> None:
        if thing[0] == CONVERSATION and actor is SYSTEM:
            self._share(subject, thing, rights)
        else:
            give(actor, row(subject), row(thing), rights)
        self.world.grants |= {Rule(subject, right, thing) for right in rights}

    def _share(self, subject: Thing, thing: Thing, rights: Collection[str]) -> None:
        """The owner alone shares; here it is done whatever his rights are by now."""
        kind, about = KINDS[CONVERSATION], {"content_object": row(thing)}
        for permission in Permission.objects.filter(content_type__app_label="chat", codename__in=rights):
            if subject[0] == "person":
                kind.person_grants.objects.get_or_create(user_id=subject[1], permission=permission, **about)
            else:
                kind.subject_grants.objects.get_or_create(group=group_of(row(subject)), permission=permission, **about)

    def withdraw(self, grant: Rule, actor: Actor = SYSTEM) -> None:
        if grant.thing[0] == CONVERSATION and actor is SYSTEM:
            kind, about = KINDS[CONVERSATION], {"content_object": grant.thing[1], "permission__codename": grant.right}
            if grant.subject[0] == "person":
                kind.person_grants.objects.filter(user=grant.subject[1], **about).delete()
            else:
                kind.subject_grants.objects.filter(group=row(grant.subject).group, **about).delete()
        else:
            withdraw(actor, row(grant.subject), row(grant.thing), [grant.right])
        self.world.grants.discard(grant)

    def deny(self, subject: Thing, thing: Thing, right: str, actor: Actor = SYSTEM) -> None:
        if thing[0] == CONVERSATION and actor is SYSTEM:
            named: dict[str, Any] = {"content_object": row(thing), f"for_{subject[0]}_id": subject[1]}
            ConversationDenial.objects.get_or_create(action=right, **named)
        else:
            deny(actor, row(subject), row(thing), [right], "because")
        self.world.denials.add(Rule(subject, right, thing))

    def lift(self, denial: Rule, actor: Actor = SYSTEM) -> None:
        kind, thing = denial.thing
        table: Any = DepartmentDenial if kind == DEPARTMENT else KINDS[kind].denials
        found = table.objects.get(
            content_object_id=thing, action=denial.right, **{f"for_{denial.subject[0]}_id": denial.subject[1]}
        )
        if kind == CONVERSATION and actor is SYSTEM:
            found.delete()
        else:
            lift(actor, kind, found.pk)
        self.world.denials.discard(denial)
