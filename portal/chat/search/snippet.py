"""The part of a message that answers a search, with what was found marked."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.chat.search.words import PIECE, Term, folded

# Before and after the first hit.
BEFORE, AFTER = 60, 180
# So far into a message a hit is looked for.
READ = 60_000


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_hit: bool = False


def snippet(text: str, terms: Sequence[Term]) -> list[Piece]:
    """One line around the first hit; without any, the beginning."""
    hits = _joined(_hits(text, terms))
    first = next(hits, None)
    start = max(0, first[0] - BEFORE) if first else 0
    end = min(len(text), (first[0] if first else 0) + AFTER)
    # Not in the middle of a word, nor of a character with its accents.
    while 0 < start < (first[0] if first else 0) and not text[start - 1].isspace() and _is_part(text[start]):
        start += 1
    while end < len(text) and end - start < BEFORE + AFTER + 20 and _is_part(text[end]):
        end += 1
    pieces = [Piece("…")] if start else []
    at = start
    for begin, stop in _within(first, hits, end):
        pieces += [Piece(_line(text[at:begin])), Piece(_line(text[begin:stop]), is_hit=True)]
        at = stop
    pieces.append(Piece(_line(text[at:end]) + ("…" if end < len(text) else "")))
    return [piece for piece in pieces if piece.text]


def _within(first: tuple[int, int] | None, others: Iterator[tuple[int, int]], end: int) -> Iterator[tuple[int, int]]:
    if first is None:
        return
    yield first[0], min(first[1], end)
    for begin, stop in others:
        if stop > end:
            return
        yield begin, stop


def _hits(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    for piece in PIECE.finditer(text, 0, READ):
        plain = folded(piece[0])
        if any(term.matches(plain) for term in terms if not term.is_unspaced):
            yield piece.span()
        elif len(plain) == len(piece[0]):
            for term in terms:
                if term.is_unspaced:
                    yield from (_moved(found, piece.start()) for found in re.finditer(re.escape(term.text), plain))


def _moved(found: re.Match[str], by: int) -> tuple[int, int]:
    return found.start() + by, found.end() + by


def _joined(hits: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those of one token come in the order of the terms, and pairs overlap."""
    current: tuple[int, int] | None = None
    for begin, stop in sorted(hits):
        if current and begin <= current[1]:
            current = current[0], max(current[1], stop)
            continue
        if current:
            yield current
        current = begin, stop
    if current:
        yield current


def _is_part(character: str) -> bool:
    return not character.isspace() and not unicodedata.category(character).startswith(("Lo", "P"))


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
