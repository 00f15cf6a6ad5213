"""`/api/settings`: the settings that a platform administrator may change while the appliance runs."""

import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from portal.accounts.door import actor_of
from portal.api.shapes import Error, Page, Strict
from portal.configuration.access import enter_settings
from portal.configuration.selectors import Change, Current, current_settings, history, newest_version
from portal.configuration.services import change
from portal.core.actor import Actor
from portal.core.declare import declares

router = Router()

PAGE = 50
REFUSALS = {400: Error, 401: Error, 403: Error, 404: Error, 409: Error, 413: Error, 415: Error, 503: Error}

Value = StrictBool | StrictInt | StrictFloat | StrictStr


class SettingOut(Schema):
    """``version`` is the number of the setting's last change, 0 without one."""

    name: str
    section: str
    title: str
    help: str
    kind: str
    unit: str
    limits: str
    choices: list[str]
    value: Value
    default: Value
    is_default: bool
    # A stored value that no longer fits; the default is used instead.
    stale: str
    version: int
    changed_by: str
    changed_at: datetime.datetime | None


class SettingsOut(Schema):
    """``version`` goes back with a change, which is refused where one of its settings was changed since."""

    version: int
    items: list[SettingOut]
    next: str | None = None


class SettingsIn(Strict):
    """A value of null is the default again."""

    version: Annotated[int, Field(ge=0, lt=2**63)]
    values: dict[str, Value | None]
    note: str = ""


class VersionOut(Schema):
    version: int
    setting: str
    old: str
    new: str
    changed_by: str
    at: datetime.datetime
    note: str
    reverts: int | None


@router.get("", response={200: SettingsOut, **REFUSALS})
@declares("settings.view")
def read_settings(request: HttpRequest) -> SettingsOut:
    actor = actor_of(request)
    enter_settings(actor)
    return _settings_out(actor)


@router.patch("", response={200: SettingsOut, **REFUSALS})
@declares("settings.change")
def change_settings(request: HttpRequest, body: SettingsIn) -> SettingsOut:
    """Several at once, all or none. In force everywhere within five seconds."""
    actor = actor_of(request)
    enter_settings(actor)
    change(actor, body.values, body.note, based_on=body.version)
    return _settings_out(actor)


@router.get("/history", response={200: Page[VersionOut], **REFUSALS})
@declares("settings.view")
def read_history(
    request: HttpRequest, setting: str = "", cursor: Annotated[int | None, Field(ge=1, lt=2**63)] = None
) -> Page[VersionOut]:
    """Newest first; of one setting, or of all."""
    actor = actor_of(request)
    enter_settings(actor)
    found = history(actor, setting, before=cursor, limit=PAGE + 1)
    more = str(found[PAGE - 1].version) if len(found) > PAGE else None
    return Page(items=[_version_out(item) for item in found[:PAGE]], next=more)


def _settings_out(actor: Actor) -> SettingsOut:
    # The number first: what is changed between the two queries is then noticed when it comes back.
    version = newest_version(actor)
    return SettingsOut(version=version, items=[_setting_out(item) for item in current_settings(actor)])


def _setting_out(item: Current) -> SettingOut:
    setting = item.setting
    return SettingOut(
        name=setting.name,
        section=setting.section,
        title=setting.title,
        help=setting.help,
        kind=setting.kind,
        unit=setting.unit,
        limits=setting.limits(),
        choices=list(setting.choices),
        value=item.value,
        default=setting.default,
        is_default=item.is_default,
        stale=item.stale,
        version=item.version,
        changed_by=item.changed_by,
        changed_at=item.changed_at,
    )


def _version_out(item: Change) -> VersionOut:
    return VersionOut(
        version=item.version,
        setting=item.name,
        old=item.old,
        new=item.new,
        changed_by=item.changed_by,
        at=item.at,
        note=item.note,
        reverts=item.reverts,
    )
