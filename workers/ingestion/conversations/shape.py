"""A conversation as it comes out of any export, and what can be wrong with one."""

from dataclasses import dataclass, field

# More than a person writes; a file that holds more is not an export of conversations.
MOST_MESSAGES = 20_000
LONGEST_TEXT = 4_000_000
LONGEST_ID = 200
LONGEST_TITLE = 120
LONGEST_MODEL = 120

PERSON, MODEL = "user", "assistant"


class Unreadable(Exception):
    """Something cannot be read; ``code`` says why, in one of the words that the portal has a sentence for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadConversation(Unreadable):
    """One conversation; the others go on."""


class BadFile(Unreadable):
    """The whole file, from here on."""


@dataclass(slots=True)
class Message:
    """``at`` is in seconds since 1970. ``keep`` is False for what stands in the tree and is shown to nobody."""

    id: str
    parent: str | None
    author: str
    text: str = ""
    reasoning: str = ""
    model: str = ""
    at: float | None = None
    files: list[str] = field(default_factory=list)
    keep: bool = True


@dataclass(slots=True)
class Conversation:
    """``head`` is the message at the end of the branch that was shown. Parents come before their children."""

    source: str
    id: str
    title: str
    messages: list[Message]
    head: str | None = None
    created: float | None = None
    active: float | None = None
    files: int = 0
