"""What `/api` takes and gives. Ids are UUIDs, times are ISO 8601 in UTC."""

import datetime
import uuid
from typing import Annotated, Any, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import ConfigDict, FailFast, Field

T = TypeVar("T")

MOST_ATTACHMENTS = 20


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
    context_tokens: int


class RunOut(Schema):
    id: uuid.UUID
    state: str
    thinking: str
    attempts: int
    error_code: str
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int


class MessageOut(Schema):
    id: uuid.UUID
    parent: uuid.UUID | None
    author: Literal["user", "assistant"]
    text: str
    reasoning: str
    created_at: datetime.datetime
    run: RunOut | None


class ConversationOut(Schema):
    id: uuid.UUID
    workspace: uuid.UUID
    title: str
    thinking: str
    active_at: datetime.datetime


class ConversationIn(Strict):
    workspace: uuid.UUID
    title: str = ""
    # With a text the first question is asked at once.
    text: str | None = None
    thinking: str = "off"


class QuestionIn(Strict):
    text: str
    thinking: str = "off"
    attachments: Annotated[list[uuid.UUID], FailFast(), Field(max_length=MOST_ATTACHMENTS)] = []


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


class RegenerateIn(Strict):
    thinking: str = "off"


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
