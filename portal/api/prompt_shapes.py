"""What prompts, instructions and first questions take and give on `/api`."""

import datetime
import uuid
from typing import Annotated, Literal, TypeAlias

from ninja import Schema
from pydantic import Field

from portal.api.shapes import Strict

# Of a list in a request; fewer are taken.
MOST_LISTED = 50

Texts: TypeAlias = Annotated[list[str], Field(max_length=MOST_LISTED)]


class PromptVariableOut(Schema):
    name: str
    kind: Literal["text", "long", "choice", "date"]
    # Of a date `today` or a day; of a choice its first one.
    default: str
    choices: list[str]


class PromptPieceOut(Schema):
    """A part of the text, or the name of the variable that stands there."""

    text: str
    variable: str


class PlaceRef(Schema):
    id: uuid.UUID
    name: str


class PromptOut(Schema):
    id: uuid.UUID
    name: str
    description: str
    text: str
    variables: list[PromptVariableOut]
    # The text with its variables taken apart.
    pieces: list[PromptPieceOut]
    # Where both are null it is one's own.
    workspace: PlaceRef | None
    department: PlaceRef | None
    may_change: bool
    changed_at: datetime.datetime


class PromptIn(Strict):
    name: str
    text: str
    description: str = ""
    # At most one of both; without any it is one's own.
    workspace: uuid.UUID | None = None
    department: uuid.UUID | None = None


class PromptPatch(Strict):
    name: str | None = None
    text: str | None = None
    description: str | None = None


class InstructionsOut(Schema):
    workspace: uuid.UUID
    # Empty where there are none.
    text: str


class InstructionsIn(Strict):
    text: str


class FirstQuestionsOut(Schema):
    questions: list[str]
    # Of a workspace: those that its empty conversations offer, its own or its department's.
    shown: list[str]


class FirstQuestionsIn(Strict):
    questions: Texts
