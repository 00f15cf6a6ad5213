"""Inviting people from a table: all of them or none, by the rights that inviting each by hand would take."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.models import User
from portal.accounts.selectors import people_called
from portal.accounts.services import BATCH, INVITED_FIELDS, add_all_invited, invited_person
from portal.audit.journal import Act, Target, record, record_acts
from portal.audit.scene import taken_back
from portal.core.actor import Actor
from portal.core.errors import Conflict, Invalid
from portal.departments.access import require_anywhere
from portal.departments.authority import OWN, one_change_at_a_time
from portal.departments.models import Membership
from portal.departments.services.memberships import give_role
from portal.departments.services.people_places import Place, Places
from portal.departments.services.people_table import Line, Problem, read_table

MOST_PROBLEMS = 50

Key: TypeAlias = tuple[uuid.UUID, uuid.UUID, uuid.UUID]
"""Person, department and role of a membership."""


@dataclass(frozen=True, slots=True)
class Imported:
    """``people`` were invited, ``roles`` given to people who were here; ``unchanged`` lines said what is so already."""

    people: int
    roles: int
    unchanged: int


class Refused(Invalid):
    code = "import_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        shown = [asdict(problem) for problem in sorted(problems, key=lambda item: item.line)[:MOST_PROBLEMS]]
        message = ngettext(
            "1 line is not right. Nothing was imported.",
            "%(lines)s lines are not right. Nothing was imported.",
            len(problems),
        ) % {"lines": f"{len(problems):,}"}
        details = {"problems": shown, "more": len(problems) - len(shown)}
        super().__init__(message, details=details)


@transaction.atomic
def import_people(actor: Actor, text: str, *, dry_run: bool = False) -> Imported:
    """Invite the people of a table; those who are here already, with the same fields, are given the role.

    Importing the same table again changes nothing. A dry run checks everything and changes nothing.

    Raises:
        Forbidden: the actor manages nobody's membership.
        Invalid: the text is no table of people. ``Refused`` names the lines that are not right.
        TooLarge: the table has too many lines.
        Conflict: somebody else made one of the people meanwhile.
    """
    one_change_at_a_time()
    if actor.kind != "system":
        require_anywhere(actor, "membership.manage")
    lines, problems = read_table(text)
    work = _Import(actor, Places(actor), people_called(line.cells["username"] for line in lines), problems)
    for line in lines:
        work.read(line)
    if work.problems:
        raise Refused(work.problems)
    try:
        done = work.write(len(lines))
    except IntegrityError as error:
        raise Conflict from error
    record(actor, "person.import", details={"people": done.people, "roles": done.roles, "unchanged": done.unchanged})
    if dry_run:
        transaction.set_rollback(True)
        taken_back("dry run")
    return done


@dataclass(slots=True)
class _Import:
    """``here`` are the people who exist, ``new`` those to be invited; both by their names in small letters."""

    actor: Actor
    places: Places
    here: dict[str, User]
    problems: list[Problem]
    new: dict[str, User] = field(default_factory=dict)
    wanted: dict[Key, tuple[User, Place]] = field(default_factory=dict)

    def read(self, line: Line) -> None:
        person = self._person(line)
        place = self.places.at(line.cells["department"], line.cells["role"])
        if not isinstance(place, Place):
            self._refuse(line, *place)
        elif person is not None and person.pk == self.actor.id:
            self._refuse(line, "own_rights", str(OWN), "username")
        elif person is not None:
            self.wanted[person.pk, place.department.pk, place.role.pk] = (person, place)

    def _person(self, line: Line) -> User | None:
        values = {name: line.cells[name] for name in INVITED_FIELDS}
        try:
            person = invited_person(values)
        except Invalid as error:
            self._refuse(line, error.code, error.message, str(error.details.get("field", "")))
            return None
        name = person.username.lower()
        other = self.here.get(name) or self.new.setdefault(name, person)
        if any(getattr(other, column) != getattr(person, column) for column in INVITED_FIELDS):
            message = _("There is a person of this name already, with other fields.")
            self._refuse(line, "duplicate_person", message, "username")
            return None
        return other

    def write(self, lines: int) -> Imported:
        add_all_invited(self.actor, list(self.new.values()))
        invited = {person.pk for person in self.new.values()}
        # Their places were checked once each; nothing of a new person can stand in the way.
        fresh = [
            Membership(person=person, department=place.department, role=place.role)
            for person, place in self.wanted.values()
            if person.pk in invited
        ]
        Membership.objects.bulk_create(fresh, batch_size=BATCH)
        record_acts(self.actor, [_given(membership) for membership in fresh])
        standing = self._standing()
        missing = [pair for key, pair in self.wanted.items() if key[0] not in invited and key not in standing]
        for person, place in missing:
            give_role(self.actor, person, place.department, place.role)
        return Imported(len(invited), len(missing), lines - len(fresh) - len(missing))

    def _standing(self) -> set[Key]:
        here = [person.pk for person in self.here.values()]
        return set(Membership.objects.filter(person__in=here).values_list("person_id", "department_id", "role_id"))

    def _refuse(self, line: Line, code: str, message: str, column: str = "") -> None:
        self.problems.append(Problem(line.number, code, message, column))


def _given(membership: Membership) -> Act:
    """As ``give_role`` records it."""
    details = {"change": "role given", "person": str(membership.person_id), "role": str(membership.role_id)}
    return Act("membership.manage", Target("department", membership.department_id), details=details)
