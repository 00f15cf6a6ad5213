"""Whether a prompt fits into the engine's context, and what it was made of.

No token is shorter than a byte, so what fits by its bytes needs no counting; the rest is counted by the engine's own
tokenizer. Where the engine has none, the figures are estimates, and the engine's own refusal decides.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from portal.chat.estimate import about
from portal.chat.selectors import Turn
from workers.adapters.prompt import document_text, messages_of
from workers.engine.errors import EngineError
from workers.engine.protocol import ChatMessage

# What a chat template puts around a message, at most.
TOKENS_AROUND = 12
# Of the context so much is kept for the answer, at least.
ANSWER_SHARE, LEAST_ANSWER = 8, 1024
# A question that takes more than this part of the context is worth reading in parts.
LONG_SHARE = 4


class Tokenizer(Protocol):
    async def count_tokens(self, model: str, texts: Sequence[str]) -> list[int]: ...


class ContextTooLong(EngineError):
    code = "context_too_long"
    message = "This is longer than the model can read at once."

    def __init__(self, sent: "Sent") -> None:
        super().__init__()
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Sent:
    """What a model was given: counts and ids, never content. ``limit`` 0: not known."""

    limit: int = 0
    counted: bool = False
    system: int = 0
    # Of the workspace; they are part of ``system``.
    instructions: int = 0
    history_messages: int = 0
    history: int = 0
    documents: tuple[tuple[uuid.UUID, int], ...] = ()
    question: int = 0
    answer_limit: int | None = None
    # Thoughts of earlier answers, which no prompt carries.
    thoughts_left_out: int = 0
    compacted: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    choices: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return self.system + self.history + sum(tokens for _, tokens in self.documents) + self.question

    def payload(self) -> dict[str, Any]:
        optional = {
            "instructions": self.instructions,
            "compacted": self.compacted,
            "parts": self.parts,
            "choices": list(self.choices),
        }
        return {
            "limit": self.limit,
            "counted": self.counted,
            "tokens": self.total,
            "system": self.system,
            "history": {"messages": self.history_messages, "tokens": self.history},
            "documents": [{"id": str(pk), "tokens": tokens} for pk, tokens in self.documents],
            "question": self.question,
            "answer_limit": self.answer_limit,
            "dropped": {"thoughts": self.thoughts_left_out},
        } | {name: value for name, value in optional.items() if value}


def least_answer(limit: int) -> int:
    return min(LEAST_ANSWER, limit // ANSWER_SHARE)


def room(limit: int) -> int:
    """For the prompt."""
    return limit - least_answer(limit)


def most_tokens(messages: Sequence[ChatMessage]) -> int:
    """An upper bound."""
    return sum(len(str(message.content).encode(errors="replace")) + TOKENS_AROUND for message in messages)


async def fitted(
    tokenizer: Tokenizer,
    model: str,
    turns: Sequence[Turn],
    limit: int,
    answer: int | None,
    *,
    instructions: str = "",
) -> Sent:
    """The parts of the prompt, and how long its answer may become.

    Args:
        limit: of the engine's context; 0 where nobody knows it.
        answer: the longest answer that is asked for.
        instructions: of the workspace.

    Raises:
        ContextTooLong: it does not fit, by the engine's own count.
    """
    messages = messages_of(turns, instructions=instructions)
    sent = _estimated(turns, limit, answer, instructions)
    if not limit or most_tokens(messages) + (answer or least_answer(limit)) <= limit:
        return sent
    sent = await counted(tokenizer, model, turns, sent, instructions)
    if sent.counted and sent.total > room(limit):
        raise ContextTooLong(replace(sent, choices=choices(sent)))
    left = max(limit - sent.total, least_answer(limit))
    # vLLM refuses an answer that could not fit behind its prompt.
    return replace(sent, answer_limit=min(answer, left) if answer else None)


async def counted(tokenizer: Tokenizer, model: str, turns: Sequence[Turn], sent: Sent, instructions: str = "") -> Sent:
    """The same by the engine's tokenizer; as it was where there is none."""
    messages = messages_of(turns, instructions=instructions)
    system, *earlier, question = [str(message.content) for message in messages]
    documents = [document_text(document) for document in _documents(turns)]
    try:
        texts = [system, instructions, "\n".join(earlier), question, *documents]
        counts = await tokenizer.count_tokens(model, texts)
    except EngineError:
        return sent
    head, told, history, whole, *sizes = counts
    around = TOKENS_AROUND * len(earlier)
    named = tuple((pk, size) for (pk, _), size in zip(sent.documents, sizes, strict=True))
    own = max(0, whole - sum(sizes))
    return replace(
        sent,
        counted=True,
        system=head + TOKENS_AROUND,
        instructions=told,
        history=history + around,
        documents=named,
        question=own + TOKENS_AROUND,
    )


def choices(sent: Sent) -> tuple[str, ...]:
    """What helps besides another engine."""
    long = sent.question + sum(tokens for _, tokens in sent.documents) > sent.limit // LONG_SHARE
    return (*(["compact"] if sent.history_messages else []), *(["parts"] if long or not sent.history_messages else []))


def refused(sent: Sent, limit: int | None) -> ContextTooLong:
    """The engine's own refusal, which is right whatever was counted."""
    known = replace(sent, limit=limit or sent.limit)
    return ContextTooLong(replace(known, choices=choices(known)))


def _documents(turns: Sequence[Turn]) -> list[Any]:
    """Of the question. Those of earlier ones are history."""
    return list(turns[-1].documents) if turns else []


def _estimated(turns: Sequence[Turn], limit: int, answer: int | None, instructions: str) -> Sent:
    messages = messages_of(turns, instructions=instructions)
    system, *earlier, question = [str(message.content) for message in messages]
    documents = tuple((document.id, document.tokens or about(document.text)) for document in _documents(turns))
    summaries = [turn for turn in turns if turn.compaction is not None]
    given = sum(about(document_text(item)) for item in _documents(turns))
    compacted: dict[str, Any] = {}
    if summaries:
        compacted = {
            "messages": sum(turn.stands_for for turn in summaries),
            "compactions": [str(turn.compaction) for turn in summaries],
        }
    return Sent(
        limit=limit,
        system=about(system) + TOKENS_AROUND,
        instructions=about(instructions),
        history_messages=sum(turn.role != "summary" for turn in turns[:-1]),
        history=sum(about(text) + TOKENS_AROUND for text in earlier),
        documents=documents,
        question=max(0, about(question) - given) + TOKENS_AROUND,
        answer_limit=answer,
        thoughts_left_out=sum(turn.had_thoughts for turn in turns),
        compacted=compacted,
    )
