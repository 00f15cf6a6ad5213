"""Lists and completions answer only what the console's own pages ask: columns cannot be felt out by an address."""

import pytest
from django.db.models import Model
from django.test import Client

from portal.console.site import site
from tests.people import Company

PAGES = sorted((model._meta.label_lower, model) for model in site._registry)
LINKS = {
    "accounts.user": {"platform_role__exact": "auditor", "is_active__exact": "1"},
    "chat.breakglass": {"decision__exact": "approved"},
    "retention.hold": {"kind__exact": "person"},
    "runs.run": {"state__exact": "finished", "kind__exact": "answer", "engine__id__exact": "%(engine)s"},
}
"""What the filters of each list put into their links; lists that are not here have no filter."""
WAYS = ("", "exact", "startswith", "regex", "gt", "in", "isnull", "contains")


def address(model: type[Model]) -> str:
    return f"/console/{model._meta.app_label}/{model._meta.model_name}/"


def reachable(model: type[Model], depth: int = 2) -> set[str]:
    """Every column that an address could name, through relations in both directions."""
    found = set[str]()
    for field in model._meta.get_fields():
        found.add(field.name)
        if depth and isinstance(field.related_model, type):
            found |= {f"{field.name}__{inner}" for inner in reachable(field.related_model, depth - 1)}
    return found


@pytest.mark.parametrize(("label", "model"), PAGES)
def test_no_lookup_but_the_declared_ones(label: str, model: type[Model]) -> None:
    admin, columns = site._registry[model], reachable(model)
    lookups = {f"{name}__{way}".removesuffix("__") for name in columns for way in WAYS}
    allowed = {lookup for lookup in lookups if admin.lookup_allowed(lookup, "x", None)}
    links = LINKS.get(label, {})
    assert {lookup.removesuffix("__isnull") for lookup in allowed if lookup.endswith("__isnull")} <= {
        lookup.split("__")[0] for lookup in links
    }
    assert {lookup for lookup in allowed if not lookup.endswith("__isnull")} == set(links)


@pytest.mark.parametrize(
    "query",
    [
        "accounts/user/?password__startswith=pbkdf2",
        "accounts/user/?password__regex=^p",
        "accounts/user/?password=x",
        "accounts/user/?conversations__isnull=0",
        "accounts/user/?email__contains=a",
        "accounts/user/?is_active=1",
        "accounts/user/?_to_field=password",
        "engines/engine/?runs__message__text__contains=a",
        "runs/run/?message__text__contains=a",
        "runs/run/?owner__password__startswith=p",
    ],
)
def test_an_address_cannot_feel_out_a_column(dana: Client, query: str) -> None:
    assert dana.get(f"/console/{query}").status_code == 400


@pytest.mark.parametrize(("label", "model"), PAGES)
def test_the_lists_own_filters_work(peopled: Company, dana: Client, label: str, model: type[Model]) -> None:
    for lookup, value in LINKS.get(label, {}).items():
        chosen = value % {"engine": peopled.engine.pk}
        response = dana.get(address(model), {lookup: chosen})
        assert response.status_code == 200
        assert response.context["cl"].get_filters_params() == {lookup: [chosen]}


@pytest.mark.parametrize(
    ("relation", "status"),
    [
        ("departments.membership.person", 403),
        ("departments.workspacegrant.user", 403),
        ("departments.workspacegrant.content_object", 403),
        ("departments.membership.department", 403),
        ("departments.department.memberships", 403),
        ("chat.conversation.owner", 403),
        ("chat.conversation.workspace", 403),
        ("runs.run.owner", 403),
        ("admin.logentry.user", 403),
        ("nowhere.nothing.none", 403),
    ],
)
def test_only_fields_of_the_console_are_completed(dana: Client, relation: str, status: int) -> None:
    app, model, field = relation.split(".")
    asked = {"app_label": app, "model_name": model, "field_name": field, "term": "a"}
    assert dana.get("/console/autocomplete/", asked).status_code == status


def test_a_completion_without_a_field_is_refused(dana: Client) -> None:
    assert dana.get("/console/autocomplete/").status_code == 403
