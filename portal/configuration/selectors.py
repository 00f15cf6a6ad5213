"""The settings, their history, and what differs between two versions. Without the right to see them there are none."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import JSONField, OuterRef, Subquery
from django.utils.translation import gettext as _

from portal.configuration.access import may_administer
from portal.configuration.kinds import LiveSetting, Value
from portal.configuration.models import Version
from portal.configuration.registry import REGISTRY
from portal.core.actor import Actor
from portal.core.errors import Invalid

HISTORY_PAGE = 50


@dataclass(frozen=True, slots=True)
class Current:
    """A setting as it stands. ``version`` is 0 where it was never changed."""

    setting: LiveSetting
    value: Value
    is_default: bool
    # What is stored and no longer fits; the default is used instead.
    stale: str = ""
    version: int = 0
    changed_by: str = ""
    changed_at: datetime.datetime | None = None

    @property
    def shown(self) -> str:
        return self.setting.shown(self.value)


@dataclass(frozen=True, slots=True)
class Change:
    """A version beside what the setting was before. Names of settings that are gone keep their stored values."""

    version: int
    name: str
    title: str
    old: str
    new: str
    changed_by: str
    at: datetime.datetime
    note: str
    reverts: int | None
    is_known: bool
    value: object


@dataclass(frozen=True, slots=True)
class Difference:
    name: str
    title: str
    old: str
    new: str


def current_settings(actor: Actor) -> list[Current]:
    """In the order of the registry."""
    if not may_administer(actor):
        return []
    newest = _newest_until(None)
    return [_current(setting, newest.get(setting.name)) for setting in REGISTRY.values()]


def newest_version(actor: Actor) -> int:
    """The number that a form remembers, to notice what changed since."""
    if not may_administer(actor):
        return 0
    return Version.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def history(actor: Actor, name: str = "", *, before: int | None = None, limit: int = HISTORY_PAGE) -> list[Change]:
    """Newest first, of one setting or of all."""
    if not may_administer(actor):
        return []
    earlier = Version.objects.filter(setting=OuterRef("setting"), pk__lt=OuterRef("pk")).order_by("-pk")
    found = Version.objects.order_by("-pk").annotate(
        old=Subquery(earlier.values("value")[:1], output_field=JSONField(null=True))
    )
    if name:
        found = found.filter(setting=name)
    if before is not None:
        found = found.filter(pk__lt=before)
    return [_change(row, row.old) for row in found[:limit]]


def difference(actor: Actor, a: int, b: int) -> list[Difference]:
    """What the settings were after version ``a`` and after version ``b``, where they differ. 0: nothing changed yet.

    Raises:
        Invalid: there is no such version.
    """
    if not may_administer(actor):
        return []
    wanted = {a, b} - {0}
    if Version.objects.filter(pk__in=wanted).count() != len(wanted):
        raise Invalid(_("There is no such version."), code="unknown_version")
    before, after = _newest_until(a), _newest_until(b)
    found = []
    for name in sorted(before.keys() | after.keys(), key=_place):
        old, new = (rows[name].value if name in rows else None for rows in (before, after))
        if old != new:
            found.append(Difference(name, title_of(name), shown(name, old), shown(name, new)))
    return found


def title_of(name: str) -> str:
    return _(REGISTRY[name].title) if name in REGISTRY else name


def shown(name: str, value: object) -> str:
    """A stored value as people read it, whatever it is."""
    setting = REGISTRY.get(name)
    if setting is None:
        return "" if value is None else str(value)
    if value is None:
        return (_("%(value)s (default)") % {"value": setting.worded(setting.default)}).lstrip()
    try:
        return setting.worded(setting.checked(value))
    except Invalid:
        return str(value)


def _newest_until(version: int | None) -> dict[str, Version]:
    found = Version.objects.order_by("setting", "-pk").distinct("setting")
    return {row.setting: row for row in (found if version is None else found.filter(pk__lte=version))}


def _current(setting: LiveSetting, row: Version | None) -> Current:
    if row is None:
        return Current(setting, setting.default, is_default=True)
    value, stale = setting.default, ""
    if row.value is not None:
        try:
            value = setting.checked(row.value)
        except Invalid:
            stale = str(row.value)
    is_default = row.value is None or bool(stale)
    return Current(setting, value, is_default, stale, row.pk, row.changed_by_name, row.at)


def _change(row: Version, old: object) -> Change:
    return Change(
        version=row.pk,
        name=row.setting,
        title=title_of(row.setting),
        old=shown(row.setting, old),
        new=shown(row.setting, row.value),
        changed_by=row.changed_by_name,
        at=row.at,
        note=row.note,
        reverts=row.reverts_id,
        is_known=row.setting in REGISTRY,
        value=row.value,
    )


def _place(name: str) -> tuple[int, str]:
    names: Sequence[str] = list(REGISTRY)
    return (names.index(name) if name in REGISTRY else len(names), name)
