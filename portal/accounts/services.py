"""Changing people, which platform administrators do. Nobody is deleted: a suspended person keeps the row."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from portal.accounts.choices import PlatformRole
from portal.accounts.models import User
from portal.audit.journal import Act, Target, record, record_acts
from portal.audit.scene import because_of_platform_role
from portal.core.actor import Actor
from portal.core.errors import Conflict, Forbidden, Invalid

INVITED_FIELDS = frozenset({"username", "first_name", "last_name", "email"})
# Rows of one statement: PostgreSQL takes 65,535 values.
BATCH = 1_000
PERSON_FIELDS = INVITED_FIELDS | {"platform_role"}


def _require_administrator(actor: Actor) -> None:
    if not (actor.is_platform_administrator or actor.kind == "system"):
        raise Forbidden
    because_of_platform_role(actor)


def people_exist() -> bool:
    return User.objects.exists()


@transaction.atomic
def create_person(actor: Actor, values: Mapping[str, str], password: str, *, any_password: bool = False) -> User:
    """A person with the given fields (of ``PERSON_FIELDS``, ``username`` among them).

    ``any_password`` takes a weak one, which is for the sample company alone: whoever starts it chooses.

    Raises:
        Invalid: a field is unknown or malformed, the name is taken, or the password is too weak.
    """
    _require_administrator(actor)
    person = User()
    _assign(person, values)
    if not any_password:
        check_password_strength(person, password)
    person.set_password(password)
    person.save(force_insert=True)
    record(
        actor,
        "person.manage",
        Target("person", person.pk),
        details={"change": "created", "platform_role": person.platform_role},
    )
    return person


def add_invited(actor: Actor, values: Mapping[str, str]) -> User:
    """A person without a password yet, in the caller's transaction, which has checked that the actor may invite.

    Raises:
        Invalid: a field is not of ``INVITED_FIELDS`` or malformed, or the name is taken.
    """
    person = invited_person(values)
    _require_free(person)
    add_all_invited(actor, [person])
    return person


@transaction.atomic
def create_administrator(actor: Actor, username: str, password: str, *, another: bool = False) -> User:
    """The first platform administrator; a later one only where ``another`` says that it is meant.

    Raises:
        Conflict: there is an administrator already.
        Invalid: as for ``create_person``.
    """
    with connection.cursor() as cursor:
        # First starts at once: each waits here for the one before it, and then finds its administrator.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('first administrator', 0))")
    if not another and User.objects.filter(platform_role=PlatformRole.ADMINISTRATOR).exists():
        raise Conflict(_("There is a platform administrator already."), code="administrator_exists")
    return create_person(actor, {"username": username, "platform_role": PlatformRole.ADMINISTRATOR}, password)


def invited_person(values: Mapping[str, str]) -> User:
    """The row of a person to invite, checked but for the name being free, and not written yet. Raises Invalid."""
    person = User()
    _assign(person, values, INVITED_FIELDS, unique=False)
    person.set_unusable_password()
    return person


def add_all_invited(actor: Actor, people: Sequence[User]) -> None:
    """Write rows of ``invited_person`` whose names are free, in the transaction of the caller."""
    User.objects.bulk_create(people, batch_size=BATCH)
    record_acts(
        actor, [Act("person.manage", Target("person", person.pk), details={"change": "invited"}) for person in people]
    )


@transaction.atomic
def change_person(actor: Actor, person: User, values: Mapping[str, str]) -> None:
    """Set the given fields (of ``PERSON_FIELDS``).

    Raises:
        Invalid: a field is unknown or malformed, or the name is taken.
        Conflict: the appliance would have no administrator left.
    """
    _require_administrator(actor)
    administrators = _locked_administrators()
    current = User.objects.select_for_update().get(pk=person.pk)
    changed = {name: value for name, value in values.items() if getattr(current, name, None) != value}
    if not changed:
        return
    if "platform_role" in changed:
        _require_another(administrators, leaving=current)
    _assign(current, changed)
    current.save(update_fields=list(changed))
    details = {"change": "fields", "fields": sorted(changed)}
    if "platform_role" in changed:
        details["platform_role"] = current.platform_role
    record(actor, "person.manage", Target("person", person.pk), details=details)


@transaction.atomic
def suspend_person(actor: Actor, person: User) -> None:
    """Close every way in for the person. Suspending twice changes nothing.

    Raises:
        Conflict: the appliance would have no administrator left.
    """
    _require_administrator(actor)
    administrators = _locked_administrators()
    current = User.objects.select_for_update().get(pk=person.pk)
    if not current.is_active:
        return
    _require_another(administrators, leaving=current)
    current.is_active = False
    current.save(update_fields=["is_active"])
    record(actor, "person.manage", Target("person", person.pk), details={"change": "suspended"})


@transaction.atomic
def reactivate_person(actor: Actor, person: User) -> None:
    _require_administrator(actor)
    current = User.objects.select_for_update().get(pk=person.pk)
    if current.is_active:
        return
    current.is_active = True
    current.save(update_fields=["is_active"])
    record(actor, "person.manage", Target("person", person.pk), details={"change": "reactivated"})


@transaction.atomic
def set_password(actor: Actor, person: User, password: str) -> None:
    """Give the person a new password; sessions begun with the old one end.

    Raises:
        Invalid: the password is too weak.
    """
    _require_administrator(actor)
    current = User.objects.select_for_update().get(pk=person.pk)
    check_password_strength(current, password)
    current.set_password(password)
    current.save(update_fields=["password"])
    record(actor, "person.manage", Target("person", person.pk), details={"change": "password"})


def _assign(
    person: User, values: Mapping[str, str], fields: frozenset[str] = PERSON_FIELDS, *, unique: bool = True
) -> None:
    unknown = values.keys() - fields
    if unknown:
        raise Invalid(_("A person has no field named %(name)s.") % {"name": sorted(unknown)[0]}, code="unknown_field")
    for name, value in values.items():
        setattr(person, name, value)
    try:
        person.full_clean(exclude=["password"], validate_unique=unique)
    except ValidationError as error:
        raise _invalid_person(error) from None
    if unique and "username" in values:
        _refuse_namesake(person)


def _require_free(person: User) -> None:
    try:
        person.validate_unique()
    except ValidationError as error:
        raise _invalid_person(error) from None
    _refuse_namesake(person)


def _refuse_namesake(person: User) -> None:
    """Signing in takes a name in capitals and small letters alike. Raises Invalid."""
    if User.objects.filter(username__iexact=person.username).exclude(pk=person.pk).exists():
        raise Invalid(_("A person of this name exists already."), code="invalid_person", details={"field": "username"})


def _invalid_person(error: ValidationError) -> Invalid:
    name, messages = next(iter(error.message_dict.items()))
    return Invalid(messages[0], code="invalid_person", details={"field": name})


def check_password_strength(person: User, password: str) -> None:
    """Raises Invalid."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="weak_password") from None


def _locked_administrators() -> list[User]:
    # Locked first and in one order, so that two administrators who suspend each other do not both succeed.
    return list(
        User.objects.select_for_update().filter(platform_role=PlatformRole.ADMINISTRATOR, is_active=True).order_by("pk")
    )


def _require_another(administrators: list[User], *, leaving: User) -> None:
    if [administrator.pk for administrator in administrators] == [leaving.pk]:
        raise Conflict(
            _("This is the last platform administrator. Appoint another one first."), code="last_administrator"
        )
