"""The console's settings: what would change is shown before it is saved, and nobody's input is lost."""

import re
from html import unescape

import pytest
from django.test import Client

from portal.configuration.models import Version
from portal.configuration.registry import REGISTRY, SECTIONS
from portal.configuration.services import change
from tests.conftest import ClientOf
from tests.people import Company

PAGE = "/console/settings/"
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def text(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def form_of(client: Client) -> dict[str, str]:
    """What a browser would send back unchanged."""
    page = client.get(PAGE)
    form = page.context["form"]
    fields = {name: form[name].value() for name in REGISTRY}
    return fields | {f"initial-{name}": value for name, value in fields.items()} | {"version": page.context["version"]}


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page, but the tokens."""
    found = {name: unescape(value) for name, value in _FIELD.findall(page)}
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def stored() -> list[tuple[str, object, str]]:
    return list(Version.objects.order_by("pk").values_list("setting", "value", "note"))


def test_the_page_shows_everything(company: Company, dana: Client) -> None:
    change(company.actor("dana"), {"run_attempts": 5})
    page = text(dana)
    assert all(f">{section}</h2>" in page for section in SECTIONS)
    for setting in REGISTRY.values():
        assert f'name="{setting.name}"' in page
        assert setting.limits() in page
    assert re.search(r"default:\s+3\b", page)
    assert 'name="default" value="run_attempts"' in page
    assert 'name="default" value="notice"' not in page


def test_edit_preview_save(company: Company, dana: Client) -> None:
    preview = dana.post(PAGE, form_of(dana) | {"session_length": "8 h", "thinking_by_default": "on", "notice": "<b>"})
    page = preview.content.decode()
    assert preview.status_code == 200
    assert "3 settings will change" in page
    assert "12 h" in page
    assert "&lt;b&gt;" in page
    assert stored() == []
    fields = hidden(page)
    assert fields == {"version": "0", "session_length": "8 h", "thinking_by_default": "on", "notice": "<b>"}
    saved = dana.post(f"{PAGE}save/", fields | {"note": "wanted by IT"}, follow=True)
    assert saved.redirect_chain == [(PAGE, 302)]
    assert "Saved: " in saved.content.decode()
    assert set(stored()) == {
        ("session_length", 28800, "wanted by IT"),
        ("thinking_by_default", True, "wanted by IT"),
        ("notice", "<b>", "wanted by IT"),
    }


def test_nothing_changed_saves_nothing(dana: Client) -> None:
    answer = dana.post(PAGE, form_of(dana), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert stored() == []


def test_back_to_the_form_keeps_what_was_written(dana: Client) -> None:
    fields = hidden(dana.post(PAGE, form_of(dana) | {"run_attempts": "5"}).content.decode())
    page = dana.post(PAGE, fields | {"step": "edit"})
    form = page.context["form"]
    assert (form["run_attempts"].value(), form["notice"].value()) == ("5", "")
    again = hidden(dana.post(PAGE, form_of(dana) | {"run_attempts": "5"}).content.decode())
    assert again == fields


@pytest.mark.parametrize(("name", "value"), [("run_attempts", "11"), ("run_attempts", ""), ("notice", "\x07")])
def test_what_does_not_fit_is_said_at_its_field(dana: Client, name: str, value: str) -> None:
    answer = dana.post(PAGE, form_of(dana) | {name: value, "company_name": "Meridian"})
    assert answer.status_code == 400
    form = answer.context["form"]
    assert list(form.errors) == [name]
    assert form["company_name"].value() == "Meridian"
    assert "Nothing was saved" in answer.content.decode()
    assert stored() == []


def test_the_default_again(company: Company, dana: Client) -> None:
    change(company.actor("dana"), {"run_attempts": 5})
    page = dana.post(PAGE, form_of(dana) | {"default": "run_attempts"}).content.decode()
    fields = hidden(page)
    assert fields["default"] == "run_attempts"
    dana.post(f"{PAGE}save/", fields)
    assert stored()[-1] == ("run_attempts", None, "")


@pytest.mark.parametrize("step", ["preview", "save"])
def test_another_administrator_was_faster(company: Company, dana: Client, step: str) -> None:
    opened = form_of(dana) | {"run_attempts": "7", "company_name": "Meridian"}
    fields = hidden(dana.post(PAGE, opened).content.decode())
    change(company.actor("dana"), {"run_attempts": 5})
    answer = dana.post(PAGE, opened) if step == "preview" else dana.post(f"{PAGE}save/", fields)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Changed by somebody else in the meantime: Attempts of a run." in page
    form = answer.context["form"]
    assert (form["run_attempts"].value(), form["company_name"].value()) == ("7", "Meridian")
    assert 'name="initial-run_attempts" value="5"' in page
    assert len(stored()) == 1
    resent = hidden(page) | {name: form[name].value() for name in REGISTRY}
    fields = hidden(dana.post(PAGE, resent).content.decode())
    assert dana.post(f"{PAGE}save/", fields).status_code == 302
    assert [name for name, _, _ in stored()[1:]] == ["company_name", "run_attempts"]


def test_a_colleagues_change_elsewhere_is_no_conflict(company: Company, dana: Client) -> None:
    opened = form_of(dana) | {"run_attempts": "7"}
    change(company.actor("dana"), {"notice": "Soon."})
    fields = hidden(dana.post(PAGE, opened).content.decode())
    assert fields == {"version": "0", "run_attempts": "7"}
    dana.post(f"{PAGE}save/", fields)
    assert [(name, value) for name, value, _ in stored()] == [("notice", "Soon."), ("run_attempts", 7)]


@pytest.mark.parametrize("fields", [{}, {"version": "x"}, {"version": "0", "run_attempts": "99"}, {"version": "0"}])
def test_a_forged_save_changes_nothing(dana: Client, fields: dict[str, str]) -> None:
    assert dana.post(f"{PAGE}save/", fields).status_code == 400
    assert stored() == []


def test_history_difference_and_the_way_back(company: Company, dana: Client) -> None:
    actor = company.actor("dana")
    (first,) = change(actor, {"notice": "one"}, "because <b>")
    (second,) = change(actor, {"notice": "two"})
    page = text(dana, f"{PAGE}history/")
    assert "because &lt;b&gt;" in page
    assert text(dana, f"{PAGE}notice/history/").count("live-version") == 2
    difference = text(dana, f"{PAGE}difference/?from={first.pk}&to={second.pk}")
    assert "<del><bdi>one</bdi></del>" in difference
    assert "<ins><bdi>two</bdi></ins>" in difference
    asked = text(dana, f"{PAGE}history/{first.pk}/revert/")
    assert "<ins><bdi>one</bdi></ins>" in asked
    assert len(stored()) == 2
    done = dana.post(f"{PAGE}history/{first.pk}/revert/", hidden(asked) | {"note": "it was better"})
    assert done.status_code == 302
    assert stored()[-1] == ("notice", "one", "it was better")


def test_a_way_back_that_somebody_overtook(company: Company, dana: Client) -> None:
    actor = company.actor("dana")
    (first,) = change(actor, {"notice": "one"})
    change(actor, {"notice": "two"})
    path = f"{PAGE}history/{first.pk}/revert/"
    fields = hidden(text(dana, path))
    change(actor, {"notice": "three"})
    answer = dana.post(path, fields, follow=True)
    assert "Changed by somebody else" in answer.content.decode()
    assert len(stored()) == 3


@pytest.mark.parametrize("path", ["nothing/history/", "history/999999/revert/", "history/99999999999999999999/revert/"])
def test_what_is_not_there(dana: Client, path: str) -> None:
    assert dana.get(f"{PAGE}{path}").status_code == 404


@pytest.mark.parametrize("query", ["", "?from=1&to=x", "?from=0&to=999999"])
def test_a_difference_of_nothing(dana: Client, query: str) -> None:
    answer = dana.get(f"{PAGE}difference/{query}", follow=True)
    assert answer.redirect_chain == [(f"{PAGE}history/", 302)]


@pytest.mark.parametrize("path", ["", "save/", "history/", "notice/history/", "difference/", "history/1/revert/"])
@pytest.mark.parametrize("name", ["alice", "frank"])
def test_others_find_nothing(company: Company, client_of: ClientOf, name: str, path: str) -> None:
    client = client_of(company, name)
    assert client.get(PAGE + path).status_code == client.post(PAGE + path).status_code == 404
