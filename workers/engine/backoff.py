"""Exponential back-off with jitter."""

import random


class Backoff:
    """Pauses in seconds: each drawn from the upper half of a span that doubles up to `limit`.

    The jitter keeps many waiters from coming back in step; the lower bound keeps a crash loop slow.
    """

    __slots__ = ("_first", "_limit", "_span")

    def __init__(self, first: float, limit: float) -> None:
        self._first = first
        self._limit = limit
        self._span = first

    def next(self) -> float:
        span = self._span
        self._span = min(span * 2, self._limit)
        return random.uniform(span / 2, span)  # noqa: S311 - spreads load, keeps no secret

    def reset(self) -> None:
        self._span = self._first
