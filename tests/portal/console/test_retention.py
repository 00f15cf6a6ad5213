"""Rules are saved only after a look at what they would delete; holds are placed and released; people are erased."""

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.chat.models import Conversation
from portal.core.actor import system_actor
from portal.departments.models import Department
from portal.retention.models import Hold, Rule
from portal.retention.services.holds import place_hold
from portal.retention.services.rules import set_rule
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.retention.aged import converse

SYSTEM = system_actor("test")
RULES, HOLDS = "/console/retention/rule/", "/console/retention/hold/"
CONFIRMED = {"confirmed": "1"}


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_rule_is_saved_after_its_preview(company: Company, dana: Client) -> None:
    converse(company, "alice", days=40, count=2)
    converse(company, "bob", days=50)
    form = {"department": company.departments["Logistics"].pk, "workspace": "", "days": "30"}
    shown = " ".join(dana.post(f"{RULES}add/", form).content.decode().split())
    assert "3 conversations of 2 people would go at the next sweep." in shown
    assert not Rule.objects.exists()
    assert dana.post(f"{RULES}add/", form | CONFIRMED).status_code == 302
    rule = Rule.objects.get()
    assert (rule.department, rule.days) == (company.departments["Logistics"], 30)
    assert Conversation.objects.count() == 3
    change = f"{RULES}{rule.pk}/change/"
    assert "Nothing would go at the next sweep." in dana.post(change, {"days": ""}).content.decode()
    dana.post(change, {"days": ""} | CONFIRMED)
    rule.refresh_from_db()
    assert rule.days is None


def test_the_company_and_a_workspace_have_rules(company: Company, dana: Client) -> None:
    dana.post(f"{RULES}add/", {"department": "", "workspace": "", "days": "400"} | CONFIRMED)
    desk = company.workspace("Legal")
    dana.post(f"{RULES}add/", {"department": "", "workspace": desk.pk, "days": "9"} | CONFIRMED)
    assert set(Rule.objects.values_list("workspace", "days")) == {(None, 400), (desk.pk, 9)}
    listed = text_of(dana, RULES)
    assert "The whole company" in listed
    assert "Legal / Legal desk" in listed


@pytest.mark.parametrize("days", ["0", "-3", "40000", "many"])
@pytest.mark.parametrize("more", [{}, CONFIRMED])
def test_days_out_of_bounds_are_refused(company: Company, dana: Client, days: str, more: dict[str, str]) -> None:
    answer = dana.post(f"{RULES}add/", {"department": "", "workspace": "", "days": days} | more)
    assert answer.status_code == 200
    assert not Rule.objects.exists()


def test_a_place_takes_one_rule(company: Company, dana: Client) -> None:
    set_rule(SYSTEM, 30)
    answer = dana.post(f"{RULES}add/", {"department": "", "workspace": "", "days": "5"} | CONFIRMED)
    assert "There is a rule for this already." in answer.content.decode()
    both = {"department": company.departments["Legal"].pk, "workspace": company.workspace().pk, "days": "5"}
    assert "not both" in dana.post(f"{RULES}add/", both | CONFIRMED).content.decode()
    assert Rule.objects.get().days == 30


def test_removing_a_rule_shows_what_goes(company: Company, dana: Client) -> None:
    converse(company, days=40)
    set_rule(SYSTEM, 30)
    kept = set_rule(SYSTEM, None, department=company.departments["Logistics"])
    path = f"{RULES}{kept.pk}/delete/"
    assert "1 conversation of 1 person would go at the next sweep." in text_of(dana, path)
    assert Rule.objects.count() == 2
    assert dana.post(path, CONFIRMED).status_code == 302
    assert Rule.objects.get().department is None


def test_in_force_says_where_each_rule_comes_from(company: Company, dana: Client) -> None:
    set_rule(SYSTEM, 90, department=Department.objects.get(name="Company"))
    set_rule(SYSTEM, None, workspace=company.workspace("Legal"))
    shown = text_of(dana, f"{RULES}in-force/")
    assert shown.count("deleted after 90 days") == 6
    assert shown.count("its own rule") == 2
    assert "kept for ever" in shown


def test_the_dry_run_deletes_nothing(company: Company, dana: Client) -> None:
    converse(company, days=40, count=2)
    place_hold(SYSTEM, company.people["bob"], "a dispute")
    converse(company, "bob", days=40)
    set_rule(SYSTEM, 30)
    shown = text_of(dana, f"{RULES}dry-run/")
    assert '<span class="console-number">2</span>' in shown
    assert '<span class="console-number">1</span> <span class="console-note">past their time, stay</span>' in shown
    assert Conversation.objects.count() == 3


def test_a_hold_is_placed_and_released(company: Company, dana: Client) -> None:
    form = {"reason": "File 17", "department": "", "workspace": company.workspace().pk, "person": ""}
    assert dana.post(f"{HOLDS}add/", form).status_code == 302
    hold = Hold.objects.get()
    assert (hold.workspace, hold.placed_by) == (company.workspace(), company.people["dana"])
    page, release = f"{HOLDS}{hold.pk}/change/", f"{HOLDS}{hold.pk}/release/"
    assert release in text_of(dana, page)
    assert dana.post(page, {"reason": "other"}).status_code == 403
    assert "Release the hold" in text_of(dana, release)
    assert dana.post(release).status_code == 302
    hold.refresh_from_db()
    assert hold.released_by == company.people["dana"]
    assert release not in text_of(dana, page)


def test_a_hold_covers_one_place(company: Company, dana: Client) -> None:
    none = {"reason": "File 17", "department": "", "workspace": "", "person": ""}
    two = none | {"workspace": company.workspace().pk, "person": company.people["bob"].pk}
    for form in (none, two, none | {"reason": "", "person": company.people["bob"].pk}):
        assert dana.post(f"{HOLDS}add/", form).status_code == 200
    assert not Hold.objects.exists()


def test_nobody_holds_himself(company: Company, dana: Client) -> None:
    form = {"reason": "File 17", "department": "", "workspace": "", "person": company.people["dana"].pk}
    dana.post(f"{HOLDS}add/", form)
    assert not Hold.objects.exists()
    hold = place_hold(SYSTEM, company.people["dana"], "File 17")
    dana.post(f"{HOLDS}{hold.pk}/release/")
    hold.refresh_from_db()
    assert hold.released_at is None


def test_a_person_is_erased_after_the_name_is_typed(company: Company, dana: Client) -> None:
    converse(company, count=2)
    alice = company.people["alice"]
    path = f"/console/accounts/user/{alice.pk}/erase/"
    assert path in text_of(dana, f"/console/accounts/user/{alice.pk}/change/")
    assert "2 conversations go, with 4 messages, 2 runs and 4 rows of their journals." in text_of(dana, path)
    dana.post(path, {"username": "bob"})
    assert Conversation.objects.count() == 2
    assert dana.post(path, {"username": "alice"}).status_code == 302
    assert Conversation.objects.count() == 0
    erased = User.objects.get(pk=alice.pk)
    assert erased.username.startswith("erased-")
    assert path not in text_of(dana, f"/console/accounts/user/{alice.pk}/change/")


def test_a_held_person_is_not_erased(company: Company, dana: Client) -> None:
    place_hold(SYSTEM, company.people["alice"], "File 17")
    path = f"/console/accounts/user/{company.people['alice'].pk}/erase/"
    assert "A legal hold covers this person" in text_of(dana, path)
    dana.post(path, {"username": "alice"})
    assert User.objects.filter(username="alice", is_active=True).exists()


def test_administrators_do_not_erase_themselves(company: Company, dana: Client) -> None:
    own = company.people["dana"].pk
    assert "/erase/" not in text_of(dana, f"/console/accounts/user/{own}/change/")
    dana.post(f"/console/accounts/user/{own}/erase/", {"username": "dana"})
    assert User.objects.filter(username="dana", is_active=True).exists()


def test_only_administrators_change_the_retention_of_the_company(company: Company, client_of: ClientOf) -> None:
    form = {"department": "", "workspace": "", "days": "5"} | CONFIRMED
    for name in ("alice", "erin", "frank"):
        client = client_of(company, name)
        assert client.post(f"{RULES}add/", form).status_code == (200 if name == "erin" else 404)
        assert client.post(f"/console/accounts/user/{company.people['bob'].pk}/erase/").status_code == 404
    assert not Rule.objects.exists()


def test_a_manager_rules_over_her_own_departments_alone(company: Company, client_of: ClientOf) -> None:
    erin = client_of(company, "erin")
    elsewhere = set_rule(SYSTEM, 9, department=company.departments["Legal"])
    converse(company, "alice", days=40)
    form = {"department": company.departments["Logistics"].pk, "workspace": "", "days": "30"}
    assert "1 conversation of 1 person would go" in text_of_post(erin, f"{RULES}add/", form)
    assert erin.post(f"{RULES}add/", form | CONFIRMED).status_code == 302
    listed = text_of(erin, RULES)
    assert "Logistics" in listed
    assert "Legal" not in listed
    assert "Legal" not in text_of(erin, f"{RULES}add/")
    assert "Legal" not in text_of(erin, f"{RULES}in-force/")
    for path in (f"{RULES}{elsewhere.pk}/change/", f"{RULES}{elsewhere.pk}/delete/", HOLDS):
        assert erin.get(path).status_code in {302, 404}


@pytest.mark.parametrize("place", ["the company", "a sibling", "a sibling's workspace"])
def test_a_manager_sets_no_rule_elsewhere(company: Company, client_of: ClientOf, place: str) -> None:
    form = {"department": "", "workspace": "", "days": "30"}
    if place == "a sibling":
        form["department"] = str(company.departments["Legal"].pk)
    elif place == "a sibling's workspace":
        form["workspace"] = str(company.workspace("Legal").pk)
    for more in ({}, CONFIRMED):
        assert client_of(company, "erin").post(f"{RULES}add/", form | more).status_code == 200
    assert not Rule.objects.exists()


def test_a_manager_completes_her_own_workspaces(company: Company, client_of: ClientOf) -> None:
    asked = "/console/autocomplete/?app_label=retention&model_name=rule&field_name=workspace&term=desk"
    found = client_of(company, "erin").get(asked).json()["results"]
    assert [item["text"] for item in found] == ["Logistics desk"]
    people = "/console/autocomplete/?app_label=retention&model_name=hold&field_name=person&term=a"
    assert client_of(company, "erin").get(people).status_code == 403


def text_of_post(client: Client, path: str, form: dict[str, object]) -> str:
    return " ".join(client.post(path, form).content.decode().split())
