"""Who speaks, as the model is told it where more than one person asks.

What a question is given as depends on the branch down to it alone. What stands before it stays as it was, and the
engine's prefix cache goes on serving it: names begin with the first question of a second person, which says whose the
earlier ones were.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portal.accounts.models import User

EARLIER = "(The questions so far were asked by {name}. From here on, each begins with the name of who asks it.)"


@dataclass(frozen=True, slots=True)
class Speaker:
    name: str
    username: str


@dataclass(slots=True)
class Speakers:
    """Of one branch, told its questions from the top down."""

    people: Mapping[uuid.UUID, Speaker]
    _labels: dict[uuid.UUID, str] = field(default_factory=dict)

    def said(self, person: uuid.UUID, question: str) -> str:
        earlier = list(self._labels.values())
        if person not in self._labels:
            self._labels[person] = self._label(person, earlier)
            joins = len(earlier) == 1
        else:
            joins = False
        if len(self._labels) < 2:
            return question
        told = f"{EARLIER.format(name=earlier[0])}\n\n" if joins else ""
        return f"{told}{self._labels[person]}: {question}"

    def _label(self, person: uuid.UUID, taken: Iterable[str]) -> str:
        speaker = self.people.get(person, Speaker("?", "?"))
        name = " ".join(speaker.name.split())
        return f"{name} ({speaker.username})" if name in taken else name


def speakers(people: Iterable[uuid.UUID]) -> dict[uuid.UUID, Speaker]:
    found = User.objects.filter(pk__in=set(people))
    return {person.pk: Speaker(person.display_name(), person.username) for person in found}
