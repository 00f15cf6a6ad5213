"""What `/api` takes and gives. Ids are UUIDs, times are ISO 8601 in UTC."""

import datetime
import uuid
from typing import Annotated, Any, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import ConfigDict, FailFast, Field

T = TypeVar("T")

MOST_ATTACHMENTS = 20
MOST_MENTIONS = 20


class Strict(Schema):
    """A request body: unknown fields are refused, so that none is taken for granted."""

    model_config = ConfigDict(extra="forbid")


class Page(Schema, Generic[T]):
    items: list[T]
    next: str | None = None


class ErrorBody(Schema):
    code: str
    message: str
    details: dict[str, Any]


class Error(Schema):
    error: ErrorBody


class Me(Schema):
    id: uuid.UUID
    username: str
    name: str
    platform_role: str
    language: str


class MeIn(Strict):
    language: str = Field(max_length=16)


class DepartmentRef(Schema):
    id: uuid.UUID
    name: str
    depth: int


class WorkspaceOut(Schema):
    id: uuid.UUID
    name: str
    purpose: str
    department: DepartmentRef


class EngineOut(Schema):
    id: uuid.UUID
    name: str
    model: str
    state: str
    detail: str
    is_default: bool
    supports_thinking: bool
    supports_budget: bool
    context_tokens: int


class WaitsForOut(Schema):
    """The run whose end a question waits for, and who asked it."""

    run: uuid.UUID
    person: uuid.UUID
    name: str


class RunOut(Schema):
    id: uuid.UUID
    state: str
    # Of a queued one in a conversation where others have asked before.
    waits_for: WaitsForOut | None = None
    thinking: str
    thinking_budget: int | None
    context: str
    attempts: int
    error_code: str
    # Why the engine ended a finished answer: `stop`, `length` or its own word.
    finish_reason: str
    engine: uuid.UUID
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    # What the model was given: counts and ids, once the run is final.
    sent: dict[str, Any] | None


class FileOut(Schema):
    id: uuid.UUID
    name: str
    size: int
    sha256: str
    kind: str
    state: str
    # While it is being read: how many pages were found so far.
    pages: int
    characters: int
    tokens: int
    has_view: bool
    error_code: str
    problem: str
    created_at: datetime.datetime


class FilePageOut(Schema):
    number: int
    title: str
    text: str
    characters: int
    tokens: int


class AttachedOut(Schema):
    id: uuid.UUID
    name: str
    size: int
    pages: int
    tokens: int


class MessageOut(Schema):
    id: uuid.UUID
    parent: uuid.UUID | None
    author: Literal["user", "assistant"]
    # Who asked; null where it is the conversation's owner, of questions that were imported.
    person: uuid.UUID | None = None
    text: str
    reasoning: str
    # What wrote it, where it was imported; else the run knows.
    model: str = ""
    created_at: datetime.datetime
    run: RunOut | None
    # Itself and those beside it, oldest first: of an edited question, or of one that was answered again.
    siblings: list[uuid.UUID]
    attachments: list[AttachedOut] = []


class ConversationOut(Schema):
    id: uuid.UUID
    workspace: uuid.UUID
    title: str
    thinking: str
    thinking_budget: int | None
    active_at: datetime.datetime
    # The end of the branch that is shown.
    head: uuid.UUID | None


class PlacedConversationOut(ConversationOut):
    """With where the caller keeps it; others who read it keep it where they like."""

    own: bool
    pinned: bool
    folder: uuid.UUID | None
    archived: bool


class DeletedConversationOut(ConversationOut):
    deleted_at: datetime.datetime
    # From then on it cannot be brought back.
    restorable_until: datetime.datetime


class ConversationChangesIn(Strict):
    """What is left out stays as it is; a folder of null takes the conversation out of its folder."""

    title: str | None = None
    pinned: bool | None = None
    folder: uuid.UUID | None = None
    archived: bool | None = None


class FolderIn(Strict):
    workspace: uuid.UUID
    name: str


class FolderNameIn(Strict):
    name: str


class FolderOut(Schema):
    id: uuid.UUID
    workspace: uuid.UUID
    name: str


class EffortIn(Strict):
    """How much thought an answer gets. ``context`` says what to do where the prompt is too long for the model."""

    thinking: str = "off"
    # In tokens, with budgeted thinking; without it the appliance's default.
    budget: int | None = None
    context: str = ""
    # Without one, the person's first.
    engine: uuid.UUID | None = None


class ConversationIn(EffortIn):
    workspace: uuid.UUID
    title: str = ""
    # With a text the first question is asked at once.
    text: str | None = None
    attachments: Annotated[list[uuid.UUID], FailFast(), Field(max_length=MOST_ATTACHMENTS)] = []


class QuestionIn(EffortIn):
    text: str
    # The answer under which the question is put; null begins the conversation anew, and without it the question goes
    # to the end of the branch that is shown. An edited question has the parent of the one it replaces.
    parent: uuid.UUID | None = None
    # Where others have asked below `parent` meanwhile, the question goes to the end of the branch that is shown.
    or_end: bool = False
    attachments: Annotated[list[uuid.UUID], FailFast(), Field(max_length=MOST_ATTACHMENTS)] = []
    # People who may read the conversation and are to be told; to the model their names are text like any other.
    mentions: Annotated[list[uuid.UUID], FailFast(), Field(max_length=MOST_MENTIONS)] = []


class BreakGlassIn(Strict):
    """What to read: a workspace, a workspace and a person, or a conversation."""

    workspace: uuid.UUID | None = None
    person: uuid.UUID | None = None
    conversation: uuid.UUID | None = None
    reason: str
    hours: int = 1


class DecisionIn(Strict):
    decision: Literal["approve", "refuse"]


class BreakGlassOut(Schema):
    id: uuid.UUID
    asker: str
    reason: str
    hours: int
    workspace: uuid.UUID | None
    person: uuid.UUID | None
    conversation: uuid.UUID | None
    asked_at: datetime.datetime
    decision: str
    decided_by: str
    decided_at: datetime.datetime | None
    expires_at: datetime.datetime | None
    ended_at: datetime.datetime | None
    is_active: bool


class NoticeOut(Schema):
    id: uuid.UUID
    kind: str
    about: uuid.UUID
    body: dict[str, Any]
    at: datetime.datetime
    seen_at: datetime.datetime | None


class RegenerateIn(EffortIn):
    pass


class HeadIn(Strict):
    """A message of the branch that shall be shown."""

    message: uuid.UUID


class AskedOut(Schema):
    conversation: ConversationOut
    message: MessageOut
    answer: MessageOut
    run: RunOut


class RuleIn(Strict):
    """Of a department with all below it, or of a workspace; with neither, of the whole company."""

    department: uuid.UUID | None = None
    workspace: uuid.UUID | None = None
    kind: str = "conversations"
    # None keeps for ever.
    days: int | None


class RuleOut(Schema):
    id: uuid.UUID
    department: uuid.UUID | None
    workspace: uuid.UUID | None
    kind: str
    days: int | None


class PlannedOut(Schema):
    workspace: uuid.UUID
    name: str
    days: int | None
    delete: int
    people: int
    bytes: int
    oldest: datetime.datetime | None
    newest: datetime.datetime | None
    held: int
    unfinished: int


class PlanOut(Schema):
    kind: str
    delete: int
    held: int
    unfinished: int
    workspaces: list[PlannedOut]


class EntryOut(Schema):
    """A row of the audit journal; never content."""

    seq: int
    id: uuid.UUID
    at: datetime.datetime
    actor_kind: str
    actor_id: uuid.UUID | None
    actor_name: str
    on_behalf_of: uuid.UUID | None
    action: str
    object_type: str
    object_id: str
    outcome: str
    reason: str
    place: str
    address: str
    details: dict[str, Any]
    seal: str
    hash: str


class UsedOut(Schema):
    name: str
    runs: int
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int


class UsageOut(Schema):
    since: datetime.datetime
    until: datetime.datetime
    total: UsedOut
    departments: list[UsedOut]
    workspaces: list[UsedOut]
    people: list[UsedOut]
