"""The account of a person who is erased: closed first, and made anonymous when everything else of theirs is gone."""

from collections.abc import Collection, Iterator
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import CASCADE, Model

from portal.accounts.choices import PlatformRole
from portal.accounts.models import User
from portal.accounts.services import suspend_person
from portal.core.actor import Actor

SHORT = 12


def erased_name(person: User) -> str:
    return f"erased-{person.pk.hex[:SHORT]}"


def is_erased(person: User) -> bool:
    return person.username == erased_name(person)


def close_account(actor: Actor, person: User) -> None:
    """No way in is left, so that nothing new is stored. Raises Conflict: the last platform administrator."""
    suspend_person(actor, person)
    person.refresh_from_db()
    person.set_unusable_password()
    person.save(update_fields=["password"])


def anonymise(person: User, *, kept: Collection[type[Model]] = ()) -> dict[str, int]:
    """Take the name from the row, and delete whatever Django would delete with it. Returns the rows by table.

    The row stays, because the journal and others name its id; so do rows of the models that are ``kept``.
    """
    gone = {"django_session": end_sessions(person)}
    for relation in User._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and getattr(relation, "on_delete", None) is CASCADE):
            continue
        if relation.related_model in kept:
            continue
        related: Any = relation.related_model
        _, deleted = related._base_manager.filter(**{relation.field.name: person}).delete()  # type: ignore[union-attr]
        for label, count in deleted.items():
            gone[label] = gone.get(label, 0) + count
    person.username = erased_name(person)
    person.first_name = person.last_name = person.email = ""
    person.platform_role = PlatformRole.NONE
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_login = None
    person.set_unusable_password()
    person.save()
    return {name: count for name, count in gone.items() if count}


def end_sessions(person: User) -> int:
    return sum(session.delete()[0] for session in _sessions(person))


def _sessions(person: User) -> Iterator[Session]:
    """A session says only inside whose it is."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            yield session
