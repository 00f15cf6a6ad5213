"""Changes of the tree at once: one after the other, each on what the one before has left."""

from functools import partial
from typing import Any

import pytest

from portal.core.actor import system_actor
from portal.core.errors import AppError, Invalid, NotFound
from portal.departments.models import Department
from portal.departments.services.tree import create_department, move_department, rename_department
from tests.at_once import at_once
from tests.people import Company

ACTOR = system_actor("test")
ROUNDS = 8


def now_of(department: Department) -> Department:
    current: Department = Department.objects.get(pk=department.pk)
    return current


def lies_below(department: Department, above: Department) -> bool:
    return str(now_of(department).path).startswith(now_of(above).path)


def assert_whole() -> None:
    tree: Any = Department.objects
    assert tree.find_problems() == ([], [], [], [], [])


@pytest.fixture
def top(live_company: Company) -> Department:
    found: Department = Department.objects.get(name="Company")
    return found


def test_two_departments_moved_below_each_other(top: Department) -> None:
    for number in range(ROUNDS):
        one, other = (create_department(ACTOR, f"{name} {number}", top) for name in ("one", "other"))
        below_one, below_other = create_department(ACTOR, "deep", one), create_department(ACTOR, "deep", other)
        raised = at_once(
            partial(move_department, ACTOR, one, other),
            partial(move_department, ACTOR, other, one),
        )
        assert [(type(error), error.code) for error in raised if isinstance(error, AppError)] == [
            (Invalid, "below_itself")
        ]
        assert len(raised) == 1
        assert lies_below(one, other) != lies_below(other, one)
        assert lies_below(below_one, one)
        assert lies_below(below_other, other)
    assert_whole()


def test_a_department_created_below_one_that_moves(top: Department) -> None:
    for number in range(ROUNDS):
        moved, target = create_department(ACTOR, f"moved {number}", top), create_department(ACTOR, f"to {number}", top)
        inner = create_department(ACTOR, "inner", moved)
        raised = at_once(
            partial(move_department, ACTOR, moved, target),
            partial(create_department, ACTOR, f"new {number}", inner),
        )
        assert raised == []
        assert lies_below(inner, target)
        assert lies_below(Department.objects.get(name=f"new {number}"), inner)
    assert_whole()


def test_many_changes_leave_a_whole_tree(top: Department) -> None:
    rooms = [create_department(ACTOR, f"room {number}", top) for number in range(4)]
    raised = at_once(
        *(partial(rename_department, ACTOR, room, f"a {room.name}") for room in rooms),
        *(partial(create_department, ACTOR, "inner", room) for room in rooms),
        partial(move_department, ACTOR, rooms[0], rooms[1]),
        partial(move_department, ACTOR, rooms[2], None),
    )
    assert raised == []
    assert sum(lies_below(inner, room) for inner in Department.objects.filter(name="inner") for room in rooms) == 5
    assert_whole()


def test_a_place_is_looked_up_anew(top: Department) -> None:
    """The form's copy of a parent may be older than its last move, and its old path may be another department's."""
    stale, target = create_department(ACTOR, "stale", top), create_department(ACTOR, "target", top)
    move_department(ACTOR, now_of(stale), target)
    stranger = create_department(ACTOR, "stranger", top)
    made = create_department(ACTOR, "made", stale)
    assert lies_below(made, stale)
    assert not lies_below(made, stranger)
    move_department(ACTOR, stranger, stale)
    assert lies_below(stranger, stale)
    assert_whole()


def test_what_is_gone_is_not_found(top: Department) -> None:
    gone = create_department(ACTOR, "gone", top)
    Department.objects.filter(pk=gone.pk).delete()
    for change in (
        lambda: create_department(ACTOR, "child", gone),
        lambda: rename_department(ACTOR, gone, "else"),
        lambda: move_department(ACTOR, gone, top),
        lambda: move_department(ACTOR, top, gone),
    ):
        with pytest.raises(NotFound):
            change()


def test_a_tree_that_is_too_deep_is_refused(top: Department) -> None:
    lowest = top
    while len(lowest.path) + Department.steplen <= 255:
        lowest = create_department(ACTOR, "deeper", lowest)
    with pytest.raises(Invalid):
        create_department(ACTOR, "deeper", lowest)
    assert_whole()
