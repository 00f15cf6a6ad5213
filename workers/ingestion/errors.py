"""Why a file cannot be read, as codes; whoever shows them to people finds the words."""

from typing import Final

ENCRYPTED: Final = "encrypted"
DAMAGED: Final = "damaged"
AMBIGUOUS: Final = "ambiguous"
UNSUPPORTED: Final = "unsupported"
EMPTY: Final = "empty"
TOO_LARGE: Final = "too_large"
TOO_LONG: Final = "too_long"
TOO_DEEP: Final = "too_deep"
TIMEOUT: Final = "timeout"
MEMORY: Final = "memory"
CRASHED: Final = "crashed"

CODES: Final = frozenset(
    {ENCRYPTED, DAMAGED, AMBIGUOUS, UNSUPPORTED, EMPTY, TOO_LARGE, TOO_LONG, TOO_DEEP, TIMEOUT, MEMORY, CRASHED}
)


class Unreadable(Exception):
    """A file that is refused, with one of the codes above."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
