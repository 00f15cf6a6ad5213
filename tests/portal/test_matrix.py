"""Route by person: who gets what, as data. A route without a row fails."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from portal.chat.break_glass.requests import Scope
from portal.chat.comments.services import write_comment
from portal.chat.imports.receiving import start_import
from portal.chat.models import Message
from portal.chat.placing.services import create_folder
from portal.console.company.pages import company_urls
from portal.console.site import site
from portal.engines.models import Engine
from portal.files.models import File
from portal.files.storage import keep_view
from portal.notices.models import Notice
from portal.notices.services import tell
from portal.prompts.services.library import Fields, create_prompt
from portal.retention.models import Rule
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.house.entrances import http_entrances
from tests.people import Company, with_sibling_manager
from tests.portal.administration_requests import ROWS as ADMINISTRATION
from tests.portal.chat.sealed import REASON, approved
from tests.portal.chat.sealed import asked as requested
from tests.portal.console.company_pages import ROWS as COMPANY
from tests.portal.console.company_pages import ids_of
from tests.portal.files.uploads import read_file

# Where `owner` (alice, Logistics) has a conversation in the workspace of Logistics.
PEOPLE = {
    "anonymous": None,
    "outsider": "charlie",
    "owner": "alice",
    "colleague": "bob",
    "manager": "erin",
    "administrator": "dana",
    "auditor": "frank",
    "suspended": "grace",
    "sibling manager": "heidi",
}
EVERYONE = (200,) * 8
#             anonymous, outsider, owner, colleague, manager, administrator, auditor, suspended
SIGNED_IN = (401, 200, 200, 200, 200, 200, 200, 401)
# A platform administrator, who administers it anyway, is told that it is sealed.
OF_WORKSPACE = (401, 404, 200, 200, 200, 403, 404, 401)
OF_AUDITOR = (401, 404, 404, 404, 404, 404, 200, 401)
OF_ADMINISTRATOR = (401, 404, 404, 404, 404, 200, 404, 401)
OF_OWNER = (401, 404, 200, 404, 404, 403, 404, 401)
OF_PERSON = (401, 404, 200, 404, 404, 404, 404, 401)
OF_PLATFORM = (401, 403, 403, 403, 403, 200, 200, 401)
OF_RULER = (401, 404, 404, 404, 200, 200, 404, 401)


SIBLING: dict[str, int] = {
    "GET /console/departments/": 200,
    "GET /console/departments/new/": 200,
    "GET /console/people/": 200,
    "GET /console/people/invite/": 200,
    "GET /console/workspaces/": 200,
    "GET /console/why/": 200,
    "GET /console/engines/<uuid:engine_id>/reserved/": 403,
    "GET /api/roles": 200,
    # Somebody who may invite somewhere is told that there is no such person, or department, for her.
    "POST /api/people/<uuid:person_id>/invitation": 404,
    "POST /api/people/imports": 400,
}
"""Where the manager of a department beside gets something else than any outsider does."""


def expected(route: str, row: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(PEOPLE, (*row, SIBLING.get(route, row[1])), strict=True))


def page(expected: tuple[int, ...]) -> tuple[int, ...]:
    """Pages lead to the sign-in where programs get 401."""
    return tuple(302 if status == 401 else status for status in expected)


def accepted(expected: tuple[int, ...], status: int) -> tuple[int, ...]:
    return tuple(status if value == 200 else value for value in expected)


EVENT_STREAM = "GET /api/runs/<uuid:run_id>/events"
"""Reads from threads of its own, so its people must be committed."""

CONVERSATION = "<uuid:conversation_id>"
FILE = "<uuid:file_id>"
PROMPT = "<uuid:prompt_id>"
BREAK_GLASS = "/api/break-glass/<uuid:break_glass_id>"
DECISION = f"{BREAK_GLASS}/decision"
MATRIX: dict[str, tuple[int, ...]] = {
    "GET /healthz": EVERYONE,
    "GET /readyz": EVERYONE,
    "GET /metrics": EVERYONE,
    "GET /manifest.webmanifest": EVERYONE,
    "GET /service-worker.js": EVERYONE,
    "GET /offline/": EVERYONE,
    "GET /drawing/": EVERYONE,
    "GET /sign-in/": (200, 302, 302, 302, 302, 302, 302, 200),
    "GET /sign-out/": (302, 200, 200, 200, 200, 200, 200, 302),
    "GET /": page(SIGNED_IN),
    "GET /w/<uuid:workspace_id>/": page(OF_WORKSPACE),
    "GET /w/<uuid:workspace_id>/conversations/": page(OF_WORKSPACE),
    "GET /w/<uuid:workspace_id>/side/": page(OF_WORKSPACE),
    "GET /w/<uuid:workspace_id>/archived/": page(OF_WORKSPACE),
    "GET /w/<uuid:workspace_id>/deleted/": page(OF_WORKSPACE),
    "GET /search/": page(SIGNED_IN),
    f"GET /c/{CONVERSATION}/": page(OF_OWNER),
    f"GET /c/{CONVERSATION}/older/": page(OF_OWNER),
    f"GET /c/{CONVERSATION}/newer/": page(OF_OWNER),
    "GET /api/openapi.json": SIGNED_IN,
    "GET /api/me": SIGNED_IN,
    "PATCH /api/me": SIGNED_IN,
    "GET /settings/": page(SIGNED_IN),
    "GET /api/me/export": SIGNED_IN,
    "GET /api/departments": SIGNED_IN,
    "GET /api/workspaces": SIGNED_IN,
    "GET /api/engines": SIGNED_IN,
    # Of a workspace that one may not use, the list of one's conversations is empty.
    "GET /api/conversations": SIGNED_IN,
    "POST /api/conversations": accepted(OF_WORKSPACE, 202),
    "GET /api/conversations/deleted": SIGNED_IN,
    f"GET /api/conversations/{CONVERSATION}": OF_OWNER,
    f"PATCH /api/conversations/{CONVERSATION}": OF_OWNER,
    f"DELETE /api/conversations/{CONVERSATION}": accepted(OF_OWNER, 204),
    f"POST /api/conversations/{CONVERSATION}/restore": OF_OWNER,
    "GET /api/search": SIGNED_IN,
    "GET /api/folders": SIGNED_IN,
    "POST /api/folders": accepted(OF_WORKSPACE, 201),
    "PATCH /api/folders/<uuid:folder_id>": OF_PERSON,
    "DELETE /api/folders/<uuid:folder_id>": accepted(OF_PERSON, 204),
    f"GET /api/conversations/{CONVERSATION}/sharing": OF_OWNER,
    f"PATCH /api/conversations/{CONVERSATION}/sharing": OF_OWNER,
    f"GET /api/conversations/{CONVERSATION}/sharing/candidates": OF_OWNER,
    f"POST /api/conversations/{CONVERSATION}/sharing/people": OF_OWNER,
    # Of somebody whom it is not shared with there is nothing to take back.
    f"DELETE /api/conversations/{CONVERSATION}/sharing/<uuid:subject_id>": accepted(OF_OWNER, 404),
    f"GET /api/conversations/{CONVERSATION}/readers": OF_OWNER,
    f"GET /api/conversations/{CONVERSATION}/move": OF_OWNER,
    # It is in that workspace already.
    f"POST /api/conversations/{CONVERSATION}/move": accepted(OF_OWNER, 400),
    f"GET /api/conversations/{CONVERSATION}/comments": OF_OWNER,
    f"GET /api/conversations/{CONVERSATION}/messages/<uuid:message_id>/comments": OF_OWNER,
    f"POST /api/conversations/{CONVERSATION}/messages/<uuid:message_id>/comments": accepted(OF_OWNER, 201),
    f"PATCH /api/conversations/{CONVERSATION}/comments/<uuid:comment_id>": OF_OWNER,
    f"DELETE /api/conversations/{CONVERSATION}/comments/<uuid:comment_id>": accepted(OF_OWNER, 204),
    f"GET /api/conversations/{CONVERSATION}/messages": OF_OWNER,
    f"POST /api/conversations/{CONVERSATION}/messages": accepted(OF_OWNER, 202),
    f"POST /api/conversations/{CONVERSATION}/messages/<uuid:message_id>/regenerate": accepted(OF_OWNER, 202),
    # By right alone, so break-glass does not count.
    f"GET /api/conversations/{CONVERSATION}/export": OF_OWNER,
    "GET /imports/": page(SIGNED_IN),
    "GET /imports/list/": page(SIGNED_IN),
    "GET /api/imports": SIGNED_IN,
    # The owner has one under way.
    "POST /api/imports": (401, 404, 409, 201, 201, 403, 404, 401),
    "GET /api/imports/<uuid:import_id>": OF_PERSON,
    "PUT /api/imports/<uuid:import_id>/file": OF_PERSON,
    "GET /api/imports/<uuid:import_id>/problems": OF_PERSON,
    "POST /api/imports/<uuid:import_id>/cancel": accepted(OF_PERSON, 202),
    f"POST /api/conversations/{CONVERSATION}/messages/<uuid:message_id>/continue": accepted(OF_OWNER, 202),
    f"GET /api/conversations/{CONVERSATION}/messages/<uuid:message_id>/siblings": OF_OWNER,
    f"POST /api/conversations/{CONVERSATION}/head": OF_OWNER,
    "GET /api/runs/<uuid:run_id>": OF_OWNER,
    "GET /api/usage": (401, 404, 403, 403, 200, 200, 404, 401),
    "POST /api/runs/<uuid:run_id>/cancel": accepted(OF_OWNER, 202),
    "POST /api/runs/<uuid:run_id>/answer-now": accepted(OF_OWNER, 202),
    EVENT_STREAM: OF_OWNER,
    # The owner's, and not attached yet.
    "POST /api/files": accepted((401, 404, 200, 200, 200, 403, 404, 401), 201),
    f"GET /api/files/{FILE}": OF_OWNER,
    f"GET /api/files/{FILE}/pages": OF_OWNER,
    f"GET /api/files/{FILE}/original": OF_OWNER,
    f"GET /api/files/{FILE}/view": OF_OWNER,
    f"DELETE /api/files/{FILE}": accepted(OF_OWNER, 204),
    "GET /prompts/": page(SIGNED_IN),
    "GET /api/prompts": SIGNED_IN,
    "POST /api/prompts": accepted(SIGNED_IN, 201),
    f"GET /api/prompts/{PROMPT}": OF_PERSON,
    f"PATCH /api/prompts/{PROMPT}": OF_PERSON,
    f"DELETE /api/prompts/{PROMPT}": accepted(OF_PERSON, 204),
    f"POST /api/prompts/{PROMPT}/copy": accepted(OF_PERSON, 201),
    "GET /api/audit": OF_AUDITOR,
    "GET /api/audit/export": OF_AUDITOR,
    "GET /notices/": page(SIGNED_IN),
    "GET /notices/unseen/": page(SIGNED_IN),
    "GET /api/notices": SIGNED_IN,
    "POST /api/notices/<uuid:notice_id>/dismiss": OF_PERSON,
    "GET /api/break-glass": OF_PLATFORM,
    "POST /api/break-glass": accepted(OF_PLATFORM, 201),
    # The administrator asked for the first; for the second, which is open, both may end it and only he reads.
    f"POST {DECISION}": (401, 403, 403, 403, 403, 403, 200, 401),
    f"POST {BREAK_GLASS}/end": OF_PLATFORM,
    f"GET {BREAK_GLASS}/conversations": (401, 403, 403, 403, 403, 200, 404, 401),
    "GET /break-glass/<uuid:break_glass_id>/": page((401, 403, 403, 403, 403, 200, 404, 401)),
    "GET /api/settings": OF_ADMINISTRATOR,
    "PATCH /api/settings": OF_ADMINISTRATOR,
    "GET /api/settings/history": OF_ADMINISTRATOR,
    # Lists of what one may see; for most people they are empty.
    "GET /api/retention/rules": SIGNED_IN,
    "GET /api/retention/plan": SIGNED_IN,
    "PUT /api/retention/rules": (401, 404, 403, 403, 200, 200, 404, 401),
    "DELETE /api/retention/rules/<uuid:rule_id>": accepted(OF_RULER, 204),
}
CONSOLE = "GET /console/"
"""Below it each page belongs to a section; the company's pages have rows of their own (``COMPANY``)."""
JOURNAL = "GET /console/journal/"
"""The auditor's section, which the platform administrator does not have."""
INSIDE: dict[str, set[str]] = {
    CONSOLE: {"manager", "administrator", "auditor"},
    "GET /console/logout/": {"manager", "administrator", "auditor"},
    "GET /console/jsi18n/": {"manager", "administrator", "auditor"},
    # Refused by the form that asks.
    "GET /console/autocomplete/": {"manager", "administrator", "auditor"},
}
"""Pages of every section; what stands in no list is the platform administrator's alone."""


OF_ONE_WORKSPACE = {"GET /api/conversations", "GET /api/conversations/deleted", "GET /api/folders"}
"""Lists that name their workspace in the query."""


FILLED = (
    *("workspace_id", "conversation_id", "run_id", "rule_id", "notice_id", "folder_id", "file_id", "import_id"),
    *("subject_id", "comment_id"),
    "prompt_id",
)


@dataclass(frozen=True)
class Place:
    """Ids that fill the routes, and bodies that the owner's request would be accepted with."""

    workspace_id: object
    conversation_id: object
    message_id: object
    answer_id: object
    run_id: object
    department_id: object
    rule_id: object
    notice_id: object
    waiting_id: object
    break_glass_id: object
    folder_id: object
    file_id: object
    import_id: object
    prompt_id: object
    subject_id: object
    comment_id: object

    def path(self, route: str) -> str:
        path = route.partition(" ")[2]
        for name in FILLED:
            path = path.replace(f"<uuid:{name}>", str(getattr(self, name)))
        path = path.replace("<uuid:message_id>", str(self.answer_id))
        break_glass = self.waiting_id if route == f"POST {DECISION}" else self.break_glass_id
        path = path.replace("<uuid:break_glass_id>", str(break_glass))
        query = {"older/": f"?before={self.answer_id}", "newer/": f"?after={self.answer_id}"}
        if route in OF_ONE_WORKSPACE:
            return f"{path}?workspace={self.workspace_id}"
        if route == "GET /api/search":
            return f"{path}?q=container"
        if route.startswith("PUT /api/imports/"):
            return f"{path}?offset=0"
        if route == "GET /api/usage":
            return f"{path}?department={self.department_id}"
        return path + next((value for end, value in query.items() if path.endswith(end)), "")

    def body(self, route: str) -> dict[str, object]:
        if route == "POST /api/conversations":
            return {"workspace": str(self.workspace_id), "text": "Where is container 7?"}
        if route == f"PATCH /api/conversations/{CONVERSATION}":
            return {"title": "Container 7", "pinned": True, "folder": str(self.folder_id)}
        if route.endswith("/sharing"):
            return {"everyone": "read"}
        if route.endswith("/sharing/people"):
            return {"person": str(self.subject_id), "access": "read"}
        if route.endswith("/move"):
            return {"workspace": str(self.workspace_id)}
        if "/comments" in route:
            return {"text": "Is that so?"}
        if route.endswith("/api/folders"):
            return {"workspace": str(self.workspace_id), "name": "Ships"}
        if route == "PATCH /api/folders/<uuid:folder_id>":
            return {"name": "Trucks"}
        if route in ("POST /api/prompts", f"PATCH /api/prompts/{PROMPT}"):
            return {"name": "Reply", "text": "Answer {{customer}}."}
        if route == "POST /api/imports":
            return {"workspace": str(self.workspace_id), "name": "export.json", "size": 1_000}
        if route == "POST /api/break-glass":
            return {"conversation": str(self.conversation_id), "reason": REASON}
        if route == f"POST {DECISION}":
            return {"decision": "approve"}
        if route == "POST /api/files":
            return {"workspace": str(self.workspace_id)}
        if route == "PATCH /api/me":
            return {"language": "en"}
        if route == "PATCH /api/settings":
            return {"version": 0, "values": {"question_limit": 2_000}}
        if route.endswith("/head"):
            return {"message": str(self.answer_id)}
        if route.endswith("/regenerate"):
            return {"thinking": "off"}
        if route == "PUT /api/retention/rules":
            return {"workspace": str(self.workspace_id), "days": 365}
        return {"text": "And container 8?"} if route.endswith("/messages") else {}


def send(client: Client, route: str, place: Place) -> int:
    method = route.partition(" ")[0]
    if method == "GET":
        return client.get(place.path(route)).status_code
    return client.generic(method, place.path(route), *content_of(route, place.body(route))).status_code


def media_type(route: str) -> str:
    return "application/octet-stream" if route.startswith("PUT /api/imports/") else "application/json"


@pytest.fixture
def place(company: Company) -> Place:
    return place_of(company)


def place_of(company: Company) -> Place:
    asked = company.asked("alice")
    # A part of an answer, so that it can be continued.
    Run.objects.filter(pk=asked.run.pk).update(state=RunState.FINISHED, finish_reason="length")
    Message.objects.filter(pk=asked.answer.pk).update(text="At the")
    Engine.objects.update(checked_at=timezone.now())
    tell([company.people["alice"].pk], "test", uuid.uuid4(), {})
    # About a workspace in which the owner has nothing, so that it opens none of the other rows.
    elsewhere = Scope(company.workspace("Legal").pk)
    open_now = approved(company, elsewhere)
    desk = company.workspace("Logistics")
    rule = Rule.objects.create(workspace=desk, days=30)
    return Place(
        desk.pk,
        asked.conversation.pk,
        asked.question.pk,
        asked.answer.pk,
        asked.run.pk,
        company.departments["Logistics"].pk,
        rule.pk,
        Notice.objects.get().pk,
        requested(company, elsewhere).pk,
        open_now.pk,
        create_folder(company.actor("alice"), desk.pk, "Trains").pk,
        file_with_view(company).pk,
        start_import(company.actor("alice"), desk.pk, "export.json", 1_000).pk,
        create_prompt(company.actor("alice"), Fields("Greeting", text="Greet {{customer}}.")).pk,
        company.people["bob"].pk,
        write_comment(company.actor("alice"), asked.conversation.pk, asked.answer.pk, "Is it?").comment.pk,
    )


def file_with_view(company: Company) -> File:
    file = read_file(company)
    keep_view(file.stored_as, b"a picture")
    File.objects.filter(pk=file.pk).update(has_view=True)
    return file


def table(company: Company, client_of: ClientOf, ask: Callable[[Client], int]) -> dict[str, int]:
    """What each person gets, each in a transaction of its own that is rolled back."""
    found = {}
    with_sibling_manager(company)
    for column, name in PEOPLE.items():
        with transaction.atomic():
            found[column] = ask(client_of(company, name))
            transaction.set_rollback(True)
    return found


def content_of(route: str, body: dict[str, object]) -> tuple[bytes, str]:
    """Body and type of a request, as the page would send it: a form where a file is brought."""
    if route != "POST /api/files":
        return as_json(body).encode(), media_type(route)
    return encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("terms.txt", b"x"), **body}), MULTIPART_CONTENT


def as_json(body: dict[str, object]) -> str:
    return json.dumps(body)


def without_nonce(page: str) -> str:
    return re.sub(r'(nonce|value)="[^"]+"', "", page)


def fill_console(route: str) -> str:
    return re.sub(r"<[^>]+>|\(\?P[^)]*\)+", str(uuid.uuid4()), route.partition(" ")[2])


def test_every_route_has_a_row() -> None:
    routes = {entrance.name for entrance in http_entrances()}
    assert {route for route in routes if not route.startswith(CONSOLE)} == set(MATRIX) | set(ADMINISTRATION)
    assert set(COMPANY) == {f"GET /console/{pattern.pattern}" for pattern in company_urls(site)}


@pytest.mark.parametrize("route", [route for route in MATRIX if route != EVENT_STREAM])
def test_who_gets_what(route: str, company: Company, place: Place, client_of: ClientOf) -> None:
    found = table(company, client_of, lambda client: send(client, route, place))
    assert found == expected(route, MATRIX[route])


@pytest.mark.parametrize("route", sorted(COMPANY))
def test_who_gets_what_of_the_company(route: str, company: Company, client_of: ClientOf) -> None:
    path = ids_of(company).address(route)
    found = table(company, client_of, lambda client: client.get(path).status_code)
    assert found == expected(route, COMPANY[route])


@pytest.mark.parametrize(
    "route",
    [
        entrance.name
        for entrance in http_entrances()
        if entrance.name.startswith(CONSOLE) and entrance.name not in COMPANY
    ],
)
def test_nobody_enters_another_section_of_the_console(route: str, company: Company, client_of: ClientOf) -> None:
    path = fill_console(route)
    found = table(company, client_of, lambda client: client.get(path).status_code)
    inside = {"auditor"} if route.startswith(JOURNAL) else set(INSIDE.get(route, {"administrator"}))
    inside |= {"auditor"} if route.startswith("GET /console/chat/breakglass/") else set()
    inside |= {"manager"} if route.startswith("GET /console/retention/rule/") else set()
    inside |= {"sibling manager"} if "manager" in inside else set()
    others = {column: status for column, status in found.items() if column not in inside}
    assert set(others.values()) <= {302, 404}


@pytest.mark.parametrize("route", [route for route, row in MATRIX.items() if row[1] == 404 and route != EVENT_STREAM])
def test_what_is_foreign_looks_like_what_is_missing(
    route: str, company: Company, place: Place, client_of: ClientOf
) -> None:
    client = client_of(company, "charlie")
    nothing = Place(*(uuid.uuid4() for _ in fields(Place)))
    answers = []
    for where in (place, nothing):
        method = route.partition(" ")[0]
        answer = client.generic(method, where.path(route), *content_of(route, where.body(route)))
        shown = answer.content.decode()
        for value in vars(where).values():
            shown = shown.replace(str(value), "ID")
        answers.append((answer.status_code, sorted(answer.headers), without_nonce(shown)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_who_gets_the_event_stream(live_company: Company, client_of: ClientOf) -> None:
    place = place_of(live_company)
    with_sibling_manager(live_company)
    found = {column: send(client_of(live_company, name), EVENT_STREAM, place) for column, name in PEOPLE.items()}
    assert found == expected(EVENT_STREAM, MATRIX[EVENT_STREAM])
