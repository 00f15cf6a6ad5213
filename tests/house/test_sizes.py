"""Limits on files and functions, and names that say nothing."""

import ast
from collections.abc import Iterator

from tests.house.source import Source, sources

LONGEST_FILE = 500
LONGEST_FUNCTION = 80
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers", "stuff", "tools_misc"}


def functions(source: Source) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{source.name}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_too_long() -> None:
    assert {item.name: n for item in sources() if (n := item.text.count("\n")) > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    lengths = dict(found for source in sources() if not source.is_migration for found in functions(source))
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_names_say_what_is_inside() -> None:
    parts = {part for source in sources() for part in (*source.path.parent.parts, source.path.stem)}
    assert parts & EMPTY_NAMES == set()
