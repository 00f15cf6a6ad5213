"""No circle of imports, at any depth."""

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.source import Source, sources


def module_name(source: Source) -> str:
    parts = source.path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph() -> dict[str, set[str]]:
    modules = {module_name(source): source for source in sources("appliance", "launcher", "portal", "workers")}
    return {
        name: {found for found in source.imports() if found in modules and found != name}
        for name, source in modules.items()
    }


def test_there_is_no_circle() -> None:
    try:
        list(TopologicalSorter(import_graph()).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
