"""The chain of roles, grants and denials behind a decision, as a shape."""

from typing import Literal

from ninja import Schema

from portal.api.administration.present import person_out
from portal.api.administration.shapes import PersonOut
from portal.departments.explain import Explanation, How


class NamedOut(Schema):
    kind: str
    name: str


class GroundOut(Schema):
    how: How
    effect: Literal["gives", "takes"]
    # Through whom it reaches the person, and where it stands.
    subject: NamedOut
    place: NamedOut
    note: str


class ExplanationOut(Schema):
    person: PersonOut
    right: str
    allowed: bool
    grounds: list[GroundOut]


def explanation_out(found: Explanation) -> ExplanationOut:
    return ExplanationOut(
        person=person_out(found.person),
        right=found.right,
        allowed=found.allowed,
        grounds=[
            GroundOut(
                how=ground.how,
                effect="gives" if ground.gives else "takes",
                subject=NamedOut(kind=ground.subject[0], name=ground.subject[1]),
                place=NamedOut(kind=ground.place[0], name=ground.place[1]),
                note=ground.note,
            )
            for ground in found.grounds
        ],
    )
