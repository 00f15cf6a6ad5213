"""Changing settings: checked, written as versions, in the journal, and in force everywhere within seconds."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Act, Target, record_acts
from portal.configuration.access import require_administrator
from portal.configuration.kinds import LiveSetting, Value
from portal.configuration.live import known
from portal.configuration.models import Version
from portal.configuration.registry import setting_named
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.text import clean_text

NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Step:
    """What a change would do to one setting; ``new`` None is the default again."""

    setting: LiveSetting
    old: Value | None
    new: Value | None

    @property
    def shown(self) -> tuple[str, str]:
        """Before and after, as people read it."""
        first, second = (self.setting.worded(self._effective(value)) for value in (self.old, self.new))
        return first, second

    def _effective(self, value: Value | None) -> Value:
        return self.setting.default if value is None else value


def preview(actor: Actor, values: Mapping[str, object], *, based_on: int | None = None) -> list[Step]:
    """What ``change`` would do now; nothing where it would do nothing. Raises as ``change`` does."""
    require_administrator(actor)
    checked = _checked(values)
    if based_on is not None:
        _require_unchanged(checked, based_on)
    return _steps(checked)


def change(actor: Actor, values: Mapping[str, object], note: str = "", *, based_on: int | None = None) -> list[Version]:
    """Give settings new values, all or none; None stands for the default. What is as it was makes no version.

    Args:
        based_on: the newest version that the actor had seen; without it nothing is compared.

    Raises:
        Forbidden: the actor is no platform administrator.
        Invalid: a setting is unknown, or a value does not fit; its details name the field.
        Conflict: one of these settings was changed since ``based_on``.
    """
    require_administrator(actor)
    checked = _checked(values)
    cleaned = _clean_note(note)
    with transaction.atomic():
        _one_at_a_time()
        if based_on is not None:
            _require_unchanged(checked, based_on)
        return _write(actor, _steps(checked), cleaned)


def revert(actor: Actor, version_id: int, note: str = "", *, based_on: int | None = None) -> Version | None:
    """Bring back the value of a version, as a new one. None where it is in force already.

    Raises:
        Forbidden: the actor is no platform administrator.
        NotFound: there is no such version.
        Invalid: its value no longer fits the setting's limits, or the setting is gone.
        Conflict: the setting was changed since ``based_on``.
    """
    require_administrator(actor)
    version = version_named(version_id)
    checked = _checked({version.setting: version.value})
    cleaned = _clean_note(note)
    with transaction.atomic():
        _one_at_a_time()
        if based_on is not None:
            _require_unchanged(checked, based_on)
        written = _write(actor, _steps(checked), cleaned, version)
    return written[0] if written else None


def version_named(version_id: int) -> Version:
    """Raises NotFound."""
    found = Version.objects.filter(pk=version_id).first() if 0 < version_id < 2**63 else None
    if found is None:
        raise NotFound
    return found


def _checked(values: Mapping[str, object]) -> dict[str, Value | None]:
    if not values:
        raise Invalid(_("Name at least one setting."), code="no_settings", details={"field": "values"})
    return {name: _checked_one(name, value) for name, value in values.items()}


def _checked_one(name: str, value: object) -> Value | None:
    setting = setting_named(name)
    return None if value is None else setting.checked(value)


def _clean_note(note: str) -> str:
    return clean_text(note, limit=NOTE_LENGTH, name="note") if note.strip() else ""


def _one_at_a_time() -> None:
    """So that numbers grow in the order of the commits, and nobody changes what another one has just compared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('live settings', 0))")


def _require_unchanged(names: Mapping[str, object], based_on: int) -> None:
    newer = Version.objects.filter(setting__in=list(names), pk__gt=based_on).order_by("pk")
    changed = list(dict.fromkeys(newer.values_list("setting", flat=True)))
    if changed:
        titles = ", ".join(_(setting_named(name).title) for name in changed)
        raise Conflict(
            _("Changed by somebody else in the meantime: %(titles)s.") % {"titles": titles},
            code="changed",
            details={"settings": changed},
        )


def _steps(values: Mapping[str, Value | None]) -> list[Step]:
    newest = Version.objects.filter(setting__in=list(values)).order_by("setting", "-pk").distinct("setting")
    stored = {row.setting: row.value for row in newest}
    steps = [Step(setting_named(name), _fitting(name, stored.get(name)), new) for name, new in values.items()]
    return [step for step in steps if not _is_so_already(step, stored.get(step.setting.name))]


def _is_so_already(step: Step, stored: object) -> bool:
    """A stored value that no longer fits counts as the default, and yet has to be replaced by whatever is chosen."""
    return stored == step.new or (stored is None and step.new == step.setting.default)


def _fitting(name: str, value: object) -> Value | None:
    try:
        return _checked_one(name, value)
    except Invalid:
        return None


def _write(actor: Actor, steps: list[Step], note: str, reverts: Version | None = None) -> list[Version]:
    moment = now()
    written = [
        Version(
            setting=step.setting.name,
            value=step.new,
            changed_by_id=actor.id,
            changed_by_name=actor.name[:150],
            at=moment,
            note=note,
            reverts=reverts,
        )
        for step in steps
    ]
    for version in written:
        version.save(force_insert=True)
    if written:
        record_acts(actor, [_act(step, version) for step, version in zip(steps, written, strict=True)])
        transaction.on_commit(known.refresh)
    return written


def _act(step: Step, version: Version) -> Act:
    details = {"old": step.old, "new": step.new, "version": version.pk}
    if version.reverts_id:
        details["reverts"] = version.reverts_id
    return Act("settings.change", Target("setting", step.setting.name), details=details)
