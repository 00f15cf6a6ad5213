"""The prompt library: who uses and changes what, and what becomes of it when its place goes."""

import io
import json
import zipfile
from typing import Any

import orjson
import pytest
from django.db import IntegrityError
from django.test import Client

from portal.accounts.erasure import anonymise
from portal.audit.models import Entry
from portal.core.actor import system_actor
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.departments.denials import deny
from portal.departments.grants import give
from portal.departments.models import Department
from portal.departments.services.tree import create_department, remove_department
from portal.departments.services.workspaces import archive_workspace
from portal.prompts.models import Prompt
from portal.prompts.selectors import Wanted, prompts
from portal.prompts.services import library
from portal.prompts.services.library import Fields, change_prompt, copy_prompt, create_prompt, delete_prompt
from portal.retention.services.export import export_person
from tests.conftest import ClientOf
from tests.people import Company

SECRET = "Zanzibar tariff"


def made(company: Company, name: str, person: str = "erin", place: str = "", text: str = "Say {{what}}.") -> Prompt:
    """In a department or in a department's workspace; without a place the person's own."""
    where: Any = company.workspace(place.removesuffix(" desk")) if place.endswith(" desk") else None
    where = company.departments[place] if place and where is None else where
    return create_prompt(company.actor(person), Fields(name, "", text), where)


def used(company: Company, person: str, *, managed: bool = False, **wanted: Any) -> list[str]:
    return [prompt.name for prompt in prompts(company.actor(person), Wanted(**wanted), managed=managed)]


@pytest.fixture
def filled(company: Company) -> Company:
    made(company, "of alice", "alice")
    made(company, "of the desk", place="Logistics desk")
    made(company, "of the department", place="Logistics")
    made(company, "of the company", "dana", place="Company")
    made(company, "of Legal", "dana", place="Legal")
    return company


@pytest.fixture
def company(company: Company) -> Company:
    company.departments["Company"] = Department.objects.get(name="Company")
    return company


def test_who_uses_what(filled: Company) -> None:
    shared = ["of the company", "of the department", "of the desk"]
    assert used(filled, "alice") == ["of alice", *shared]
    assert used(filled, "bob") == used(filled, "erin") == shared
    assert used(filled, "charlie") == ["of Legal", "of the company"]
    # Neither administering the company nor reading its journal opens a library.
    assert used(filled, "dana") == used(filled, "frank") == []
    assert [prompt.name for prompt in prompts(system_actor("test"), Wanted())] == []


def test_who_manages_what(filled: Company) -> None:
    def changes(person: str) -> list[str]:
        found = prompts(filled.actor(person), Wanted(), managed=True)
        return [prompt.name for prompt in found if prompt.may_change]

    assert changes("alice") == ["of alice"]
    assert changes("bob") == []
    assert changes("erin") == ["of the department", "of the desk"]
    assert changes("dana") == ["of Legal", "of the company", "of the department", "of the desk"]
    # One's own are nobody else's, whatever else he administers.
    assert "of alice" not in used(filled, "dana", managed=True)


def test_a_subtree_uses_what_stands_above_it(filled: Company) -> None:
    dana = filled.actor("dana")
    below = create_department(dana, "Customs", filled.departments["Logistics"])
    made_below = create_prompt(dana, Fields("of Customs", "", "x"), below)
    # Roles at Logistics reach Customs; nobody of Legal does.
    assert "of Customs" in used(filled, "alice")
    assert "of Customs" not in used(filled, "charlie")
    with pytest.raises(Forbidden):
        change_prompt(filled.actor("alice"), made_below.pk, Fields(name="y"))


def test_denials_and_closed_workspaces_take_prompts_away(filled: Company) -> None:
    dana, alice = filled.actor("dana"), filled.people["alice"]
    deny(dana, alice, filled.departments["Logistics"], ["department.view"])
    assert used(filled, "alice") == ["of alice", "of the company", "of the desk"]
    deny(dana, alice, filled.workspace(), ["workspace.view"])
    assert used(filled, "alice") == ["of alice", "of the company"]
    archive_workspace(dana, filled.workspace())
    assert used(filled, "bob") == ["of the company", "of the department"]


def test_a_grant_on_a_workspace_brings_its_prompts(filled: Company) -> None:
    give(filled.actor("dana"), filled.people["charlie"], filled.workspace(), ["workspace.view"])
    assert used(filled, "charlie") == ["of Legal", "of the company", "of the desk"]


def test_what_is_wanted(filled: Company) -> None:
    assert used(filled, "alice", words="DESK the") == ["of the desk"]
    assert used(filled, "alice", of="own") == ["of alice"]
    assert used(filled, "alice", of="department") == ["of the company", "of the department"]
    other = filled.workspace("Finance").pk
    assert used(filled, "bob", workspace=other) == ["of the company", "of the department"]
    assert used(filled, "alice", department=filled.departments["Logistics"].pk) == ["of the department"]


def test_only_whoever_manages_a_place_puts_prompts_there(company: Company) -> None:
    with pytest.raises(Forbidden):
        made(company, "x", "alice", "Logistics")
    with pytest.raises(Forbidden):
        made(company, "x", "alice", "Logistics desk")
    with pytest.raises(NotFound):
        made(company, "x", "charlie", "Logistics")
    with pytest.raises(NotFound):
        made(company, "x", "erin", "Company")
    assert Prompt.objects.count() == 0


def test_others_neither_read_nor_change_one_s_own(filled: Company) -> None:
    own = Prompt.objects.get(name="of alice")
    for person in ("bob", "erin", "dana", "frank"):
        for act in (lambda actor: copy_prompt(actor, own.pk), lambda actor: delete_prompt(actor, own.pk)):
            with pytest.raises(NotFound):
                act(filled.actor(person))


def test_a_copy_is_one_s_own_and_may_be_changed(filled: Company) -> None:
    alice = filled.actor("alice")
    copy = copy_prompt(alice, Prompt.objects.get(name="of the department").pk)
    assert (copy.owner_id, copy.department_id, copy.may_change) == (alice.id, None, True)
    assert change_prompt(alice, copy.pk, Fields(text="Ask {{whom}}.")).text == "Ask {{whom}}."
    assert Prompt.objects.get(name="of the department", owner=None).text == "Say {{what}}."


def test_a_bad_change_leaves_the_prompt_as_it_was(filled: Company) -> None:
    own = Prompt.objects.get(name="of alice")
    for fields in (Fields(text="{{"), Fields(name=" "), Fields(text="x" * 20_001), Fields(name="n" * 81)):
        with pytest.raises(Exception, match=r"Line 1|empty|too long"):
            change_prompt(filled.actor("alice"), own.pk, fields)
    assert list(Prompt.objects.filter(pk=own.pk).values_list("name", "text")) == [("of alice", "Say {{what}}.")]


def test_a_place_holds_so_many(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "MOST_PROMPTS", 2)
    made(company, "a", "alice")
    first = made(company, "b", "alice")
    with pytest.raises(Invalid):
        made(company, "c", "alice")
    with pytest.raises(Invalid):
        copy_prompt(company.actor("alice"), first.pk)
    made(company, "of another", "bob")


def test_the_journal_holds_no_content(company: Company) -> None:
    made(company, SECRET, "alice", text=SECRET)
    prompt = Prompt.objects.get()
    change_prompt(company.actor("alice"), prompt.pk, Fields(name=f"{SECRET} 2"))
    delete_prompt(company.actor("alice"), prompt.pk)
    rows = list(Entry.objects.filter(action="prompt.change").order_by("at"))
    assert [orjson.loads(row.body)["details"]["change"] for row in rows] == ["created", "changed", "deleted"]
    assert all(row.object_id == str(prompt.pk) and SECRET not in row.body for row in rows)


def test_prompts_go_with_their_department_and_workspace(filled: Company) -> None:
    dana = filled.actor("dana")
    below = create_department(dana, "Customs", filled.departments["Logistics"])
    create_prompt(dana, Fields("of Customs", "", "x"), below)
    remove_department(dana, below)
    assert not Prompt.objects.filter(name="of Customs").exists()
    filled.workspace().delete()
    assert not Prompt.objects.filter(name="of the desk").exists()


def test_erasing_a_person_takes_his_own_and_leaves_the_others(filled: Company) -> None:
    made(filled, "of erin")
    gone = anonymise(filled.people["erin"])
    assert gone["prompts.Prompt"] == 1
    assert set(Prompt.objects.values_list("name", flat=True)) == {
        "of alice",
        "of the desk",
        "of the department",
        "of the company",
        "of Legal",
    }


def test_one_s_own_are_in_the_export_of_one_s_data(filled: Company) -> None:
    alice = filled.actor("alice")
    with zipfile.ZipFile(io.BytesIO(b"".join(export_person(alice, alice.person_id)))) as archive:
        lines = archive.read("prompts.jsonl").decode().splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["of alice"]


def test_a_prompt_is_of_one_place(company: Company) -> None:
    with pytest.raises(IntegrityError):
        Prompt.objects.create(owner=company.people["alice"], workspace=company.workspace(), name="x", text="x")


def listed(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/prompts{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_the_api_lists_page_by_page(company: Company, client_of: ClientOf) -> None:
    for number in range(7):
        made(company, f"Prompt {number % 3}", "alice", text="{{tone|choice:short|long}} and {{due|date:today}}")
    client, names, ids, cursor = client_of(company, "alice"), [], set(), ""
    while True:
        page = listed(client, f"?limit=2&cursor={cursor}")
        names += [item["name"] for item in page["items"]]
        ids |= {item["id"] for item in page["items"]}
        if page["next"] is None:
            break
        cursor = page["next"]
    assert names == sorted(names)
    assert len(ids) == len(names) == 7
    assert [item["kind"] for item in page["items"][0]["variables"]] == ["choice", "date"]
    assert [item["variable"] or item["text"] for item in page["items"][0]["pieces"]] == ["tone", " and ", "due"]
    for bad in ("x", "WyJhIiwiYiJd", "WzEsMl0"):
        assert client.get(f"/api/prompts?cursor={bad}").json()["error"]["code"] == "bad_cursor"


def test_the_api_names_the_line_of_a_bad_variable(company: Company, client_of: ClientOf) -> None:
    body = {"name": "x", "text": "a\n{{b|colour}}"}
    answer = client_of(company, "alice").post("/api/prompts", body, "application/json")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "bad_variable")
    assert error["details"] == {"field": "text", "line": 2}
    assert Prompt.objects.count() == 0


def test_the_api_refuses_two_places(company: Company, client_of: ClientOf) -> None:
    places = {"workspace": str(company.workspace().pk), "department": str(company.departments["Logistics"].pk)}
    answer = client_of(company, "erin").post("/api/prompts", {"name": "x", "text": "y", **places}, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "two_places")
