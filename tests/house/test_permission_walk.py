"""No way in without a declared action, and no action in the catalogue that nothing uses."""

import ast

import pytest

from portal.core.catalogue import CATALOGUE, RIGHTS
from portal.core.declare import declares
from tests.house.entrances import Entrance, http_entrances, socket_entrances, task_entrances
from tests.house.source import sources


@pytest.mark.parametrize("entrance", [*http_entrances(), *socket_entrances()], ids=lambda entrance: entrance.name)
def test_every_address_declares_its_action(entrance: Entrance) -> None:
    assert entrance.action is not None


def test_every_task_declares_its_action() -> None:
    tasks = task_entrances()
    assert {"runs.execute", "runs.reap", "system.sweep"} <= {task.name for task in tasks}
    assert [task.name for task in tasks if task.action is None] == []


def test_every_action_is_used() -> None:
    used = {
        node.value
        for source in sources("appliance", "portal", "workers")
        if source.name != "portal/core/catalogue.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(CATALOGUE) - used == set()


def test_an_unknown_action_cannot_be_declared() -> None:
    with pytest.raises(LookupError, match="not in the catalogue"):
        declares("nothing.known")


def test_every_action_follows_a_right_that_there_is() -> None:
    """Or none: it is public, one's own, a platform role's or the system's."""
    assert {action.right for action in CATALOGUE.values()} - {""} <= RIGHTS.keys()
    assert all(RIGHTS[name].right == name for name in RIGHTS)
