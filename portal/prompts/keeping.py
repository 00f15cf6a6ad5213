"""What retention has to know of prompts: one's own go with the person and are in his export; none has an age."""

import uuid
from collections.abc import Iterator, Sequence

import orjson
from django.db.models import Model

from portal.core.actor import Actor
from portal.prompts.models import Prompt
from portal.retention.keepers import Part, Selection, Tally

EXPORTED = ("id", "created_at", "changed_at", "name", "description", "text")


class PromptKeeper:
    """Those of workspaces and departments are the company's, and go with these. No rule of retention is about them."""

    kind = "prompts"
    # They go with the account, as their foreign key says.
    models: tuple[type[Model], ...] = ()

    def tally(self, selection: Selection) -> list[Tally]:
        return []

    def claim(self, selection: Selection, limit: int) -> list[uuid.UUID]:
        return []

    def parts(self, items: Sequence[uuid.UUID]) -> list[Part]:
        return []

    def release(self, items: Sequence[uuid.UUID]) -> None:
        """Nobody works on them."""

    def forget(self, person: uuid.UUID) -> dict[str, int]:
        return {}

    def export(self, person: uuid.UUID, reader: Actor | None) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "prompts.jsonl", self._lines(person)

    def _lines(self, person: uuid.UUID) -> Iterator[bytes]:
        for row in Prompt.objects.filter(owner_id=person).order_by("pk").values(*EXPORTED):
            yield orjson.dumps(row, default=str) + b"\n"
