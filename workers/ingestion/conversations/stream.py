"""One value after the other out of a JSON file of any size: each is built within bounds, or passed over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import ijson
from ijson.common import IncompleteJSONError, JSONError

from workers.ingestion.conversations.shape import BadConversation, BadFile

# Bounds of one conversation: what it takes in memory, whatever it looks like in the file.
MOST_VALUES = 500_000
MOST_CHARACTERS = 32_000_000
# LibreChat writes a message inside the one before it: two levels each.
DEEPEST = 8_000
# Where nothing can be passed over any more.
ABYSS = 100_000
# The parser reads a string again from its beginning with each piece that comes, so pieces are large, and no string may
# go on through more of them.
PIECE = 1024**2
LONGEST_STRING_PIECES = 64

_OPENING = {"start_map": dict, "start_array": list}
_CLOSING = {"end_map", "end_array"}


@dataclass(slots=True)
class _Building:
    """One value while its events come. What is too large is not kept, and only followed to its end."""

    values: int = 0
    characters: int = 0
    depth: int = 0
    problem: str = ""
    root: Any = None
    _stack: list[Any] = field(default_factory=list)
    _keys: list[str] = field(default_factory=list)

    def take(self, event: str, value: Any) -> bool:  # noqa: ANN401  # whatever JSON holds
        """Whether that was the end of the value."""
        self.values += 1
        if event == "map_key" or event == "string":
            self.characters += len(value)
        if event in _OPENING:
            self.depth += 1
        elif event in _CLOSING:
            self.depth -= 1
        if not self.problem:
            self._check()
        if self.depth > ABYSS:
            raise BadFile("too_deep")
        if not self.problem:
            self._keep(event, value)
        return self.depth == 0 and event != "map_key"

    def result(self) -> Any:  # noqa: ANN401
        if self.problem:
            raise BadConversation(self.problem)
        return self.root

    def _check(self) -> None:
        if self.depth > DEEPEST:
            self.problem = "too_deep"
        elif self.values > MOST_VALUES or self.characters > MOST_CHARACTERS:
            self.problem = "too_large"
        if self.problem:
            self.root, self._stack, self._keys = None, [], []

    def _keep(self, event: str, value: Any) -> None:  # noqa: ANN401
        if event == "map_key":
            self._keys[-1] = value
            return
        if event in _CLOSING:
            self._stack.pop()
            self._keys.pop()
            return
        made = _OPENING[event]() if event in _OPENING else value
        if self._stack:
            above = self._stack[-1]
            if isinstance(above, dict):
                above[self._keys[-1]] = made
            else:
                above.append(made)
        else:
            self.root = made
        if event in _OPENING:
            self._stack.append(made)
            self._keys.append("")


def values(file: IO[bytes]) -> Iterator[Any]:
    """The elements of the file's array, or its one object; in the place of one that is too large, the reason.

    Raises:
        BadFile: no JSON, or cut off.
    """
    events = _events(file)
    try:
        first, value = next(events)
    except StopIteration:
        raise BadFile("empty_file") from None
    if first != "start_array":
        yield _built(events, first, value)
        return
    for event, value in events:
        if event == "end_array":
            # What follows the array must still be nothing.
            for _ in events:
                pass
            return
        yield _built(events, event, value)


def _built(events: Iterator[tuple[str, Any]], event: str, value: Any) -> Any:  # noqa: ANN401
    building = _Building()
    over = building.take(event, value)
    while not over:
        over = building.take(*next(events))
    try:
        return building.result()
    except BadConversation as problem:
        return problem


def _events(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    try:
        yield from ijson.basic_parse(_Pieces(file), use_float=True, buf_size=PIECE)
    except JSONError as error:
        cut = isinstance(error, IncompleteJSONError) and _is_cut(str(error))
        raise BadFile("truncated" if cut else "not_json") from None
    except (ValueError, OverflowError):
        raise BadFile("not_json") from None


def _is_cut(message: str) -> bool:
    return "premature EOF" in message or "incomplete" in message.lower() or not message


class _Pieces:
    """The file without the mark of UTF-8 that some programs put at its beginning.

    Raises:
        BadFile: a string that is longer than any conversation.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._is_first = True
        self._without_quote = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        if self._is_first and size != 0:
            self._is_first = False
            piece = piece.removeprefix(b"\xef\xbb\xbf") or self._file.read(size)
        self._without_quote = 0 if b'"' in piece else self._without_quote + 1
        if self._without_quote > LONGEST_STRING_PIECES:
            raise BadFile("too_large")
        return piece
