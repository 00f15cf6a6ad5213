"""What the pages show, as plain data. Presenters ask selectors, and templates ask nobody."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.templatetags.static import static
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from portal.chat import selectors as chat
from portal.chat.branches import leaf_below, siblings_of
from portal.chat.break_glass.models import BreakGlassRead
from portal.chat.break_glass.selectors import readings
from portal.chat.choices import Author, Thinking
from portal.chat.comments.selectors import Remark
from portal.chat.estimate import about
from portal.chat.fitting import history_tokens
from portal.chat.models import Compaction, Conversation, Message
from portal.chat.thinking import budget_choices
from portal.configuration import live
from portal.core.actor import Actor
from portal.departments import selectors as departments
from portal.departments.models import Workspace
from portal.engines.models import Engine
from portal.engines.selectors import engines
from portal.notices.models import Notice
from portal.notices.selectors import unseen_notices
from portal.prompts.selectors import Opening, instructions_beside, opening_of
from portal.runs.choices import FINAL_STATES, RunState
from portal.workspace.sentences import failure, sentences
from portal.workspace.side import Side, side_of

# Of those that one may open so many are offered; the others have their addresses.
WORKSPACES_LISTED = 200
# Above this many characters of text a page of messages ends early; older ones come as the reader scrolls up.
CHARACTERS_A_PAGE = 60_000
# Where a search leads to a message far above.
MESSAGES_OF_A_LEAP, CHARACTERS_OF_A_LEAP = 200, 400_000


@dataclass(frozen=True, slots=True)
class FileChip:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class MessageCard:
    id: str = ""
    parent: str = ""
    # The ids of itself and those beside it, oldest first.
    siblings: Sequence[str] = ()
    is_answer: bool = True
    text: str = ""
    reasoning: str = ""
    run: str = ""
    state: str = RunState.QUEUED
    failure: str = ""
    # The engine's name.
    engine: str = ""
    can_continue: bool = False
    finish_reason: str = ""
    tokens: int = 0
    failure_code: str = ""
    # What helps where the prompt was too long.
    choices: str = ""
    needed: int = 0
    compaction: Compaction | None = None
    files: Sequence[FileChip] = ()
    # Who asked, or had it answered, where it was not the reader; and of a question the name.
    person: str = ""
    name: str = ""
    # How many, and where all are shown at once, they themselves.
    comments: int = 0
    thread: Sequence[Remark] = ()

    @property
    def thoughts(self) -> str:
        """Without the line break that engines begin them with."""
        return mark_safe(self.reasoning.lstrip())  # noqa: S308  # escaped by ``_source``

    @property
    def place(self) -> int:
        """Among its siblings, from 1."""
        return self.siblings.index(self.id) + 1 if self.id in self.siblings else 1

    @property
    def has_siblings(self) -> bool:
        return len(self.siblings) > 1

    @property
    def beside(self) -> str:
        """Its siblings as the browser reads them."""
        return " ".join(self.siblings)

    @property
    def is_settled(self) -> bool:
        return self.is_answer and self.state in FINAL_STATES

    @property
    def offers_choices(self) -> bool:
        """Or may come to: whether it was too long is known at its end."""
        return not self.is_settled or self.failure_code == "context_too_long"


@dataclass(frozen=True, slots=True)
class WorkspaceGroup:
    department: str
    workspaces: Sequence[Workspace]


@dataclass(frozen=True, slots=True)
class MessagePage:
    cards: Sequence[MessageCard]
    has_older: bool
    # Somebody else than the reader asks in it.
    several: bool = False


@dataclass(frozen=True, slots=True)
class WorkspacePage:
    groups: Sequence[WorkspaceGroup]
    # Whether there are more than are listed.
    more_workspaces: bool
    workspace: Workspace | None
    side: Side
    conversation: Conversation | None
    messages: MessagePage
    thinking: str
    budget: int
    # Offered; none where the engine keeps to no budget.
    budgets: Sequence[int]
    can_think: bool
    # Without it there is nothing to send, nor to answer again: somebody may only look.
    may_ask: bool
    browser: dict[str, Any]
    notices: Sequence[Notice]
    readings: Sequence[BreakGlassRead]
    opening: Opening
    blank: MessageCard = MessageCard()


def workspace_page(actor: Actor, workspace_id: uuid.UUID | None) -> WorkspacePage:
    """A new conversation in a workspace; without one, or with one that is gone, in the first that the actor may use."""
    found, more = _workspaces(actor, workspace_id)
    askable = departments.workspaces_to_ask_in(actor)
    # One in which there is something to do comes before one that can only be looked at.
    ordered = sorted(found, key=lambda item: (item.pk != workspace_id, item.pk not in askable))
    chosen = ordered[0] if ordered else None
    return _page(actor, found, chosen, None, more=more, may_ask=chosen is None or chosen.pk in askable)


def conversation_page(
    actor: Actor, conversation: Conversation, *, may_ask: bool, at: uuid.UUID | None = None
) -> WorkspacePage:
    """With the branch that is the conversation's, or the one that goes through message ``at``.

    Raises:
        Invalid: ``at`` is not a message of this conversation.
    """
    found, more = _workspaces(actor, conversation.workspace_id)
    return _page(actor, found, conversation.workspace, conversation, more=more, may_ask=may_ask, at=at)


def messages_page(
    conversation: Conversation,
    *,
    before: uuid.UUID | None = None,
    at: uuid.UUID | None = None,
    far: bool = False,
    reader: Actor | None = None,
) -> MessagePage:
    """The newest messages of the branch that is shown, or those above ``before``; ``far``: many of them.

    With ``at`` it is the branch that goes through that message.

    Raises:
        Invalid: ``before`` or ``at`` is not a message of this conversation.
    """
    most = MESSAGES_OF_A_LEAP if far else live.whole_number("messages_a_page")
    leaf = leaf_below(conversation, at) if at else None
    found = chat.branch(conversation, before=before, leaf=leaf, limit=most + 1)
    shown = _newest_that_fit(found[-most:], CHARACTERS_OF_A_LEAP if far else CHARACTERS_A_PAGE)
    siblings = siblings_of(conversation, shown)
    compacted = [message.pk for message in shown if message.is_compacted]
    read = chat.compactions(compacted) if compacted else {}
    cards = [
        _signed(card_of(message, siblings[message.pk], read.get(message.pk)), message, conversation, reader)
        for message in shown
    ]
    several = any(card.person and not card.is_answer for card in cards)
    return MessagePage(cards, has_older=len(shown) < len(found), several=several)


def _signed(card: MessageCard, message: Message, conversation: Conversation, reader: Actor | None) -> MessageCard:
    own = None if reader is None else reader.id
    if message.author == Author.MODEL:
        by = message.run.owner_id if message.run else own
        return card if by == own else replace(card, person=str(by))
    person = message.person_id or conversation.owner_id
    if person == own:
        return card
    return replace(card, person=str(person), name=(message.person or conversation.owner).display_name())


def card_of(message: Message, siblings: Sequence[uuid.UUID], compaction: Compaction | None = None) -> MessageCard:
    run = message.run
    return MessageCard(
        id=str(message.pk),
        parent=str(message.parent_id or ""),
        siblings=[str(pk) for pk in siblings],
        is_answer=message.author == Author.MODEL,
        text=_source(message.text),
        reasoning=_source(message.reasoning),
        run=str(run.pk) if run else "",
        # An answer without a run came from elsewhere and is whole.
        state=run.state if run else RunState.FINISHED,
        failure=failure(run.error_code) if run and run.state == RunState.FAILED else "",
        engine=run.engine.name if run else message.model,
        can_continue=message.can_be_continued,
        finish_reason=run.finish_reason if run else "",
        tokens=run.completion_tokens if run else 0,
        failure_code=run.error_code if run and run.state == RunState.FAILED else "",
        choices=" ".join((run.sent or {}).get("choices", [])) if run else "",
        needed=(run.sent or {}).get("tokens", 0) if run else 0,
        compaction=compaction,
        files=[FileChip(str(file.pk), file.name) for file in message.files_sent],
        comments=getattr(message, "comment_count", 0),
    )


def _page(
    actor: Actor,
    found: Sequence[Workspace],
    workspace: Workspace | None,
    conversation: Conversation | None,
    *,
    more: bool,
    may_ask: bool,
    at: uuid.UUID | None = None,
) -> WorkspacePage:
    groups = groupby(found, key=lambda item: item.department)
    current = conversation.pk if conversation else None
    usable = list(engines(actor))
    engine = usable[0] if usable else None
    can_think = engine is not None and engine.supports_thinking
    opening = _opening(workspace, conversation)
    return WorkspacePage(
        groups=[WorkspaceGroup(department.name, list(items)) for department, items in groups],
        more_workspaces=more,
        workspace=workspace,
        side=side_of(actor, workspace.pk, current) if workspace else Side(),
        conversation=conversation,
        messages=messages_page(conversation, at=at, reader=actor) if conversation else MessagePage([], has_older=False),
        thinking=_thinking(conversation) if can_think else Thinking.OFF,
        budget=(conversation and conversation.thinking_budget) or live.whole_number("thinking_budget"),
        budgets=budget_choices() if engine is not None and engine.supports_budget else [],
        can_think=can_think,
        may_ask=may_ask,
        notices=unseen_notices(actor),
        readings=readings(conversation) if conversation else [],
        opening=opening,
        browser=browser_data(workspace, current)
        | _answering(actor, usable, at)
        | {"context": _context(engine, conversation, opening.instructions)},
    )


def _workspaces(actor: Actor, wanted: uuid.UUID | None) -> tuple[list[Workspace], bool]:
    """The first ones, with the wanted one even where it comes later; and whether there are more."""
    everything = departments.workspaces(actor)
    found = list(everything[: WORKSPACES_LISTED + 1])
    more, shown = len(found) > WORKSPACES_LISTED, found[:WORKSPACES_LISTED]
    if more and wanted is not None and all(item.pk != wanted for item in shown):
        shown += everything.filter(pk=wanted)
    return shown, more


def browser_data(workspace: Workspace | None = None, conversation: uuid.UUID | None = None) -> dict[str, Any]:
    """What the browser modules know of the page."""
    return {
        "workspace": str(workspace.pk) if workspace else None,
        "conversation": str(conversation) if conversation else None,
        "filesOfQuestion": live.whole_number("files_of_question"),
        "questionLimit": live.whole_number("question_limit"),
        "socketPath": "/ws/",
        "mathStyle": static("vendor/katex/katex.min.css"),
        "strings": sentences(),
    }


def _answering(actor: Actor, usable: Sequence[Engine], at: uuid.UUID | None) -> dict[str, Any]:
    """Whose drafts this browser keeps, which branch is shown, and how an answer can be had again."""
    return {
        "person": str(actor.id),
        "at": str(at) if at else None,
        "engines": [
            {
                "id": str(item.pk),
                "name": item.name,
                "thinks": item.supports_thinking,
                "budgets": item.supports_thinking and item.supports_budget,
            }
            for item in usable
        ],
        "depths": [{"value": value, "label": str(Thinking(value).label)} for value in _depths(usable)],
    }


def _depths(usable: Sequence[Engine]) -> list[Thinking]:
    """Those that the person's first engine has."""
    if not usable or not usable[0].supports_thinking:
        return [Thinking.OFF]
    return [depth for depth in Thinking if depth != Thinking.BUDGETED or usable[0].supports_budget]


def _thinking(conversation: Conversation | None) -> str:
    if conversation is not None:
        return conversation.thinking
    return Thinking.DEEP if live.flag("thinking_by_default") else Thinking.OFF


def _opening(workspace: Workspace | None, conversation: Conversation | None) -> Opening:
    """Where a conversation has begun, only the instructions."""
    if conversation is not None:
        return Opening(instructions_beside(conversation.workspace))
    return opening_of(workspace) if workspace is not None else Opening()


def _context(engine: Engine | None, conversation: Conversation | None, instructions: str) -> dict[str, Any] | None:
    """What the meter before sending knows. None where nobody knows how much the engine reads."""
    if engine is None or not engine.context_tokens:
        return None
    history, exact = history_tokens(conversation.head) if conversation and conversation.head else (0, True)
    # What an engine has counted begins with the instructions.
    told = 0 if history and exact else about(instructions)
    sizes = {"history": history, "exact": exact, "instructions": told}
    return {"limit": engine.context_tokens, "answer": engine.answer_tokens, **sizes}


def _newest_that_fit(found: Sequence[Message], most: int) -> Sequence[Message]:
    characters = 0
    for count, message in enumerate(reversed(found)):
        characters += len(message.text) + len(message.reasoning)
        if count >= 2 and characters > most:
            return found[-count:]
    return found


def _source(text: str) -> SafeString:
    """Text as markup that gives it back to the byte: a bare carriage return would arrive as a line feed."""
    return mark_safe(escape(text).replace("\r", "&#13;"))  # noqa: S308  # escaped in the same expression
