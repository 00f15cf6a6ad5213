"""Files in files: each is read as if it came by itself, and one that cannot be read does not stop the others."""

from collections.abc import Callable, Iterator

from workers.ingestion.errors import TOO_LARGE, TOO_LONG, Unreadable
from workers.ingestion.page import Page
from workers.ingestion.source import Source

Read = Callable[[Source], Iterator[Page]]

_readers: list[Read] = []

# What the whole file has used up, and not this entry alone.
_OF_THE_WHOLE = {TOO_LARGE, TOO_LONG}


def register(read: Read) -> None:
    """``read`` takes a file of any kind: the registry of parsers, which knows those that call this."""
    _readers[:] = [read]


def pages_inside(source: Source, name: str, load: Callable[[], bytes]) -> Iterator[Page]:
    """``load`` unpacks it. Raises Unreadable where the budget of the whole file is used up."""
    try:
        for page in _readers[0](source.inner(name, load())):
            title = f"{name} › {page.title}" if page.title else name
            yield Page(page.text, title)
    except Unreadable as problem:
        if problem.code in _OF_THE_WHOLE and _used_up(source):
            raise
        yield Page(f"({name} could not be read: {problem.code.replace('_', ' ')}.)", name)


def _used_up(source: Source) -> bool:
    budget, limits = source.budget, source.limits
    return (
        budget.unpacked > limits.unpacked
        or budget.entries > limits.entries
        or budget.pages > limits.pages
        or budget.characters > limits.characters
    )
