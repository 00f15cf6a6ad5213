"""Things that have one home each, and what no file may hold. Who imports whom is in .importlinter."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT, Source, sources

DOMAIN_ROOMS = (
    "audit",
    "chat",
    "configuration",
    "departments",
    "engines",
    "files",
    "notices",
    "prompts",
    "retention",
    "runs",
)
PAGES_AND_HTTP = ("django.http", "django.shortcuts", "django.template", "django.views", "django.urls")
# Screens of django-unfold are declared in terms of model and request.
MAY_NAME_HTTP = {"admin.py"}


def importing(*modules: str) -> list[Source]:
    return [
        source
        for source in sources("appliance", "portal", "workers", "launcher")
        if any(name == module or name.startswith(f"{module}.") for name in source.imports() for module in modules)
    ]


def test_only_two_modules_know_guardian() -> None:
    """``models`` takes the base class of its permission table; ``grants`` is the only one that gives and withdraws."""
    found = {source.name for source in importing("guardian") if not source.is_migration}
    assert found == {"portal/departments/grants.py", "portal/departments/models/rights.py"}


def test_consumers_live_in_one_module() -> None:
    found = {source.name for source in importing("channels.generic", "channels.consumer")}
    assert found == {"portal/workspace/consumers.py"}


def test_shared_task_lives_with_the_tasks() -> None:
    named = [
        source for source in sources("appliance", "portal", "workers", "launcher") if "shared_task" in source.names()
    ]
    assert [source.name for source in named if not source.name.startswith("workers/tasks/")] == []


@pytest.mark.parametrize("shortcut", ["get_object_or_404", "get_list_or_404", "aget_object_or_404"])
def test_nothing_is_looked_up_past_the_door(shortcut: str) -> None:
    found = [
        source.name
        for source in sources("appliance", "portal", "workers")
        if shortcut in source.names() or f"django.shortcuts.{shortcut}" in source.imports()
    ]
    assert found == []


def test_faces_and_workers_query_no_model() -> None:
    asking = sources("portal/workspace", "portal/api", "workers")
    assert [source.name for source in asking if {"objects", "_default_manager"} & source.names()] == []


def test_domain_rooms_know_no_page_and_no_http() -> None:
    rooms = tuple(f"portal/{room}/" for room in DOMAIN_ROOMS)
    found = [
        source.name
        for source in importing(*PAGES_AND_HTTP)
        if source.name.startswith(rooms) and source.path.name not in MAY_NAME_HTTP
    ]
    assert found == []


def test_the_audit_journal_has_one_pen() -> None:
    """Nothing but ``record`` makes a row; reading is for selectors, the verifier and the console's list."""
    makers = {"Entry", "Head"}
    found = {
        source.name
        for source in sources("appliance", "portal", "workers")
        if not source.is_migration
        and any(name in source.imports() for name in (f"portal.audit.models.{m}" for m in makers))
    }
    outside = {name for name in found if not name.startswith(("portal/console/", "portal/audit/"))}
    assert outside == {"portal/api/journal.py"}
    making = {source.name for source in sources("portal/audit") if "bulk_create" in source.names()}
    assert making == {"portal/audit/journal.py"}
    assert not any({"Entry"} & calls(source) for source in sources("portal/api", "portal/console", "workers"))


def calls(source: Source) -> set[str]:
    """Names that are called in the file."""
    found = (node.func for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    return {name.id for name in found if isinstance(name, ast.Name)}


def test_the_graph_of_modules_holds_to_its_contracts() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
