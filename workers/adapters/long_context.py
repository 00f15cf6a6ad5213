"""Making a prompt fit as its asker chose: earlier messages summarised, or a long question read in parts."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.chat.choices import CompactionKind
from portal.chat.estimate import about
from portal.chat.selectors import Turn
from workers.adapters.context import LONG_SHARE, room
from workers.adapters.prompt import SYSTEM_PROMPT
from workers.engine.errors import ContextOverflow
from workers.engine.protocol import ChatMessage

SHORT_EDGE = 700
"""Of a question that is long itself, so many characters of its beginning and its end go with each part."""

LEAST_PIECE = 400
MOST_ROUNDS = 3
NOTE_TOKENS = 48, 1024

SUMMARISE = (
    "Summarise the conversation above for yourself, so that you can go on with it: what was asked, what was found, "
    "names, figures and decisions. Write in its language, without a preface."
)
NOTE = (
    "Note down all in this part that bears on the question, with names, figures and places in the text. "
    "If nothing does, say so in a word. Do not answer the question yet."
)
NOTES_HEAD = "The text is too long to be read at once. These are notes on each of its parts:"

Ask = Callable[[Sequence[ChatMessage], int], Awaitable[str]]
"""Messages and the longest answer, in tokens; gives the answer."""

Step = Callable[[str, int, int], None]
"""Tells of a step: its name, and which part of how many is begun; one more than there are, when it is done."""


@dataclass(frozen=True, slots=True)
class Made:
    """What stands for a message, or for the branch up to it, from now on."""

    kind: CompactionKind
    message: uuid.UUID
    text: str
    messages: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Shortener:
    limit: int
    ask: Ask
    step: Step

    async def compact(self, turns: Sequence[Turn]) -> tuple[list[Turn], Made] | None:
        """All but the last exchange as a summary. None where there is nothing to summarise."""
        cut = _first_kept(turns, self.limit // LONG_SHARE)
        older = list(turns[:cut])
        last = older[-1].message if older else None
        # A summary alone gets no shorter by being summarised.
        if last is None or all(turn.role == "summary" for turn in older):
            return None
        self.step("compact", 1, 1)
        text = "\n\n".join(f"{turn.role}: {turn.text}" for turn in older)
        summary = await self._summary(text)
        self.step("compact", 2, 1)
        messages = sum(turn.stands_for if turn.role == "summary" else 1 for turn in older)
        made = Made(CompactionKind.HISTORY, last, summary, messages, about(text), about(summary))
        return [Turn("summary", summary, (), last, stands_for=messages), *turns[cut:]], made

    def history_is_long(self, turns: Sequence[Turn]) -> bool:
        return sum(about(turn.text) for turn in turns[:-1]) > self.limit // LONG_SHARE

    async def read_in_parts(self, turns: Sequence[Turn]) -> tuple[list[Turn], Made, int]:
        """The last question with notes on what is long in it instead of that; and how many parts were read."""
        question = turns[-1]
        long = about(question.text) > self.limit // LONG_SHARE
        asked = _edges(question.text) if long else question.text
        sources = [(document.name, document.text) for document in question.documents]
        sources += [("the text", question.text)] if long or not sources else []
        before = sum(about(text) for _, text in sources)
        pieces = [(name, piece) for name, text in sources for piece in split(text, self._piece_characters(text))]
        count, notes = len(pieces), ""
        for _ in range(MOST_ROUNDS):
            notes = await self._notes(pieces, asked)
            if about(notes) <= room(self.limit) // 2:
                break
            pieces = [("the notes", piece) for piece in split(notes, self._piece_characters(notes))]
        text = f"{NOTES_HEAD}\n\n{notes}\n\n{asked}"
        message = question.message or uuid.UUID(int=0)
        made = Made(CompactionKind.NOTES, message, text, 1, before, about(text))
        return [*turns[:-1], replace(question, text=text, documents=())], made, count

    async def _notes(self, pieces: Sequence[tuple[str, str]], asked: str) -> str:
        most = min(NOTE_TOKENS[1], max(NOTE_TOKENS[0], room(self.limit) // (2 * len(pieces))))
        notes = []
        for number, (name, piece) in enumerate(pieces, start=1):
            self.step("read", number, len(pieces))
            found = await self._on_piece(f"Part {number} of {len(pieces)} of {name}:", piece, asked, most)
            notes.append(f"Part {number} of {name}: {found or '(nothing)'}")
        self.step("read", len(pieces) + 1, len(pieces))
        return "\n\n".join(notes)

    async def _on_piece(self, head: str, piece: str, asked: str, most: int) -> str:
        try:
            return await self._said(f"{head}\n\n{piece}\n\nThe question: {asked}\n\n{NOTE}", most)
        except ContextOverflow:
            # The estimate was wrong for this text: by halves it fits in the end.
            if len(piece) < LEAST_PIECE:
                raise
            middle = len(piece) // 2
            halves = [await self._on_piece(head, half, asked, most) for half in (piece[:middle], piece[middle:])]
            return "\n".join(halves)

    async def _summary(self, text: str) -> str:
        """Of a text of any length, piece after piece, each with the summary of what stands before it."""
        most = max(NOTE_TOKENS[0], min(NOTE_TOKENS[1], room(self.limit) // LONG_SHARE))
        summary = ""
        for piece in split(text, self._piece_characters(text)):
            summary = await self._summary_of(f"Summary so far: {summary}\n\n" if summary else "", piece, most)
        return summary

    async def _summary_of(self, so_far: str, piece: str, most: int) -> str:
        try:
            return await self._said(f"{so_far}{piece}\n\n{SUMMARISE}", most)
        except ContextOverflow:
            if len(piece) < LEAST_PIECE:
                raise
            middle = len(piece) // 2
            first = await self._summary_of(so_far, piece[:middle], most)
            return await self._summary_of(f"Summary so far: {first}\n\n", piece[middle:], most)

    async def _said(self, text: str, most: int) -> str:
        return (await self.ask([ChatMessage("system", SYSTEM_PROMPT), ChatMessage("user", text)], most)).strip()

    def _piece_characters(self, text: str) -> int:
        tokens = max(64, room(self.limit) // 2)
        return max(LEAST_PIECE, len(text) * tokens // max(1, about(text)))


def split(text: str, most: int) -> list[str]:
    """Pieces of at most so many characters, which end with a paragraph, a line or a word where there is one."""
    pieces = []
    while len(text) > most:
        window = text[:most]
        ends = (window.rfind(mark) + len(mark) for mark in ("\n\n", "\n", " ") if window.rfind(mark) > most // 2)
        cut = next(ends, most)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _first_kept(turns: Sequence[Turn], most: int) -> int:
    """Where what is kept begins: with the last exchange, or with the last question where that exchange is long."""
    last = len(turns) - 1
    exchange = turns[max(0, last - 2) : last]
    fits = sum(about(turn.text) for turn in exchange) <= most
    begins = [turn.role for turn in exchange] == ["user", "assistant"] and last > 2
    return last - 2 if fits and begins else last


def _edges(text: str) -> str:
    return text if len(text) <= 2 * SHORT_EDGE else f"{text[:SHORT_EDGE]} […] {text[-SHORT_EDGE:]}"


def payload_of(made: Made, parts: int = 0) -> dict[str, Any]:
    sizes = {"messages": made.messages, "before": made.before, "after": made.after}
    return sizes | ({"parts": parts} if parts else {})
