"""The project's own Python files, parsed once."""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("appliance", "launcher", "portal", "workers", "tests", "bench")


@dataclass(frozen=True)
class Source:
    """``path`` is relative to the checkout."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.as_posix()

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.path.parts

    def imports(self) -> set[str]:
        """Dotted names of the modules that are imported, with the imported names of ``from`` imports appended."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return found

    def names(self) -> set[str]:
        """Every name and attribute that the code mentions."""
        found = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        return found | {node.attr for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}


@functools.cache
def sources(*packages: str) -> tuple[Source, ...]:
    """Files of the given packages (all without), in the order of their paths."""
    paths = sorted(path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py"))
    return tuple(map(_source, paths))


@functools.cache
def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(ROOT), text, ast.parse(text))
