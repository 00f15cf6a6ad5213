"""What rights cost does not grow with the company: not in queries, and not in what is read one by one."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.door import actor_for
from portal.chat.access import conversation_for_view
from portal.chat.models import Conversation
from portal.chat.selectors import conversations
from portal.core.actor import Actor
from portal.departments.access import workspace_for_view
from portal.departments.models import Department, Workspace
from portal.departments.selectors import departments, workspaces
from portal.departments.standing import standing_of
from portal.engines.selectors import engines
from portal.runs.models import Run
from portal.workspace.presenters import WORKSPACES_LISTED
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.rights.crowd import GRANTS, MEMBERSHIPS, Crowd, found_crowd

SMALL, LARGE = 100, 10_000


def queries_of(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


def asked_of(actor: Actor, crowd: Crowd) -> dict[str, Callable[[], object]]:
    room, own = crowd.workspaces[0], Conversation.objects.visible_to(actor)[0]
    return {
        "workspaces": lambda: list(workspaces(actor)),
        "a page of workspaces": lambda: list(workspaces(actor)[:100]),
        "conversations": lambda: list(Conversation.objects.visible_to(actor)),
        "conversations of a workspace": lambda: list(conversations(actor, room.pk)),
        "departments": lambda: list(departments(actor)),
        "runs": lambda: list(Run.objects.visible_to(actor)),
        "engines": lambda: list(engines(actor)),
        "rights at departments": lambda: list(Department.visible.allowed(actor, "workspace.manage")),
        "door of a workspace": lambda: workspace_for_view(actor, Workspace.objects.visible_to(actor)[0].pk),
        "door of a conversation": lambda: conversation_for_view(actor, own.pk),
        "standing": lambda: standing_of(actor),
    }


@pytest.mark.django_db
def test_lists_and_doors_take_as_many_queries_among_10000_objects_as_among_100() -> None:
    counted: dict[int, dict[str, int]] = {}
    for size in (SMALL, LARGE):
        before = transaction.savepoint()
        crowd = found_crowd(departments=size // 5, people=size // 10, objects=size)
        actor = actor_for(crowd.person)
        granted = Workspace.objects.visible_to(actor).filter(person_grants__user=crowd.person).distinct()
        assert granted.count() > 0
        counted[size] = {name: queries_of(ask) for name, ask in asked_of(actor, crowd).items()}
        transaction.savepoint_rollback(before)
    assert counted[SMALL] == counted[LARGE]
    assert counted[LARGE] == {
        **dict.fromkeys(counted[LARGE], 1),
        "door of a workspace": 2,
        "door of a conversation": 2,
        "standing": counted[LARGE]["standing"],
    }
    assert counted[LARGE]["standing"] <= 3


@pytest.fixture
def crowd(db: None) -> Crowd:
    return found_crowd(objects=3_000, people=200)


def test_an_actor_with_20_memberships_among_2000_departments_is_resolved_in_3_queries(crowd: Crowd) -> None:
    actor = actor_for(crowd.person)
    assert crowd.person.memberships.count() == MEMBERSHIPS + 1
    assert Department.objects.count() == 2_000
    with CaptureQueriesContext(connection) as queries:
        standing = standing_of(actor)
        place = standing.held[0].department.path
        assert "workspace.view" in standing.at(place)
    assert len(queries) <= 3


def test_the_list_of_workspaces_comes_in_pages(crowd: Crowd) -> None:
    """Every one once, in the order of the tree, however often one asks for more."""
    client = Client()
    client.force_login(crowd.person)
    wanted = [str(room.pk) for room in workspaces(actor_for(crowd.person))]
    found, pages = list[str](), 0
    more: str | None = ""
    while more is not None:
        body = client.get(f"/api/workspaces?limit=20&cursor={more}").json()
        assert len(body["items"]) <= 20
        found += [item["id"] for item in body["items"]]
        more, pages = body["next"], pages + 1
    assert found == wanted
    assert pages == (len(wanted) + 19) // 20 > 1


@pytest.mark.parametrize("cursor", ["x", "%00", "WyJhIl0", "WzEsMl0", "e30", "WyJhIiwiYlx1MDAwMCJd", "é"])
def test_a_cursor_that_no_page_named_is_refused(company: Company, client_of: ClientOf, cursor: str) -> None:
    answer = client_of(company, "alice").get("/api/workspaces", {"cursor": cursor})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_cursor")


def test_the_page_offers_so_many_workspaces_and_the_one_that_is_open(crowd: Crowd) -> None:
    person = crowd.person
    manager = person.memberships.model.objects.exclude(person=person).filter(role__key="manager")[0]
    top = Department.objects.get(depth=1)
    manager.department = top
    manager.save()
    client = Client()
    client.force_login(manager.person)
    last = workspaces(actor_for(manager.person)).last()
    assert last is not None
    answer = client.get(f"/w/{last.pk}/")
    shown = answer.content.decode()
    assert shown.count('class="side__item" href="/w/') == WORKSPACES_LISTED + 1
    assert f'href="/w/{last.pk}/"' in shown
    assert "There are more." in shown
    assert GRANTS == 50
