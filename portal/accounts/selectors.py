import uuid
from collections.abc import Iterable

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core.errors import NotFound

LONGEST_NAME = 150


def person_called(name: str) -> User:
    """By id or by the exact user name. The caller has checked that whoever asks may name people. Raises NotFound."""
    found = User.objects.filter(pk=as_id).first() if (as_id := _as_id(name)) else None
    if found is None and "\0" not in name:
        found = User.objects.filter(username=name[: LONGEST_NAME + 1]).first()
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def people_called(names: Iterable[str]) -> dict[str, User]:
    """Those whose user names are among the given ones, however they are capitalised; by the name in small letters."""
    wanted = set(names)
    small = [name.lower() for name in wanted]
    found = User.objects.annotate(small=Lower("username")).filter(Q(username__in=wanted) | Q(small__in=small))
    return {person.username.lower(): person for person in found}


def _as_id(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None


def display_names(people: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    return {person.pk: person.display_name() for person in User.objects.filter(pk__in=set(people))}
