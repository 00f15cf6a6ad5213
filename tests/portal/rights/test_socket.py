"""A socket follows the runs that the reference evaluator lets the person see, and no others."""

import random
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from portal.accounts.models import User
from portal.core.threads import in_database_thread
from tests.portal.api.conftest import HOST, ORIGIN, Socket, forget_process_state
from tests.portal.api.test_socket import follow, hear, say
from tests.portal.rights.reference import CONVERSATION, DEPARTMENT, EVERYTHING, RUN, WORKSPACE
from tests.portal.rights.town import Town


def founded(seed: int) -> Town:
    chance, town = random.Random(seed), Town()
    top = town.add_department()
    for _ in range(4):
        town.add_department(chance.choice(list(town.world.parents)))
    people = [town.add_person(platform) for platform in ("administrator", "auditor", "", "", "", "")]
    town.add_engine()
    for _ in range(8):
        place = chance.choice(list(town.world.parents))
        town.give_role(chance.choice(people), place, chance.choice([town.member, town.manager]))
        town.add_conversation(town.add_workspace(place), chance.choice(people))
    for _ in range(6):
        person, conversation = chance.choice(people), chance.choice(list(town.world.conversations))
        town.give(("person", person), (CONVERSATION, conversation), ["conversation.view"])
        workspace = town.world.conversations[conversation]
        town.give(("person", person), (WORKSPACE, workspace), ["workspace.view", "conversation.view"])
    town.deny((DEPARTMENT, top), (WORKSPACE, chance.choice(list(town.world.workspaces))), "workspace.view")
    town.deny(("role", town.manager), (DEPARTMENT, chance.choice(list(town.world.parents))), EVERYTHING)
    town.set_active(people[-1], False)
    return town


def cookie_of(person: UUID) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=person))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize("seed", range(3))
async def test_a_socket_follows_what_the_person_may_see(seed: int, committed: None, at_its_address: None) -> None:
    town = await in_database_thread(founded, seed)
    socket: Any
    seen_by_somebody: set[UUID] = set()
    try:
        for person, active in town.world.active.items():
            key = await in_database_thread(cookie_of, person)
            cookie = f"{settings.SESSION_COOKIE_NAME}={key}".encode()
            socket = Socket([(b"host", HOST.encode()), (b"origin", ORIGIN.encode()), (b"cookie", cookie)])
            assert await socket.connect() == active
            if not active:
                continue
            missing = set()
            expected = set(town.world.runs) - town.world.visible(person, RUN)
            for run in town.world.runs:
                await say(socket, follow(run))
            # A run without events says nothing; a refused one says so.
            for _ in expected:
                heard = await hear(socket)
                administers = town.world.platform[person] == "administrator"
                assert heard["code"] == ("sealed" if administers else "not_found")
                missing.add(UUID(str(heard["run"])))
            assert missing == expected
            assert await socket.receive_nothing(timeout=0.3)
            seen_by_somebody |= town.world.visible(person, RUN)
            await socket.leave()
    finally:
        await forget_process_state()
    assert seen_by_somebody
