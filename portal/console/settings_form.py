"""The form of the live settings: one field each, compared with what the page showed when it was opened."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from portal.configuration.kinds import LiveSetting, Value
from portal.configuration.registry import REGISTRY
from portal.configuration.selectors import Current
from portal.core.errors import Invalid

DEFAULT = "default"
"""The field that names the settings which go back to their defaults."""


class SettingField(forms.CharField):
    def __init__(self, setting: LiveSetting) -> None:
        super().__init__(label=_(setting.title), required=False, widget=_widget(setting), show_hidden_initial=True)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """By what was written, since the page showed it in the same letters. A field that did not come is as it was."""
        return data is not None and str(initial or "").strip() != str(data).strip()


class SettingsForm(forms.Form):
    """``typed`` stands in its fields over what is in force, where the page comes again after somebody else's change."""

    def __init__(
        self, items: Sequence[Current], data: QueryDict | None = None, typed: Mapping[str, str] | None = None
    ) -> None:
        shown = {item.setting.name: item.shown for item in items}
        if typed is not None:
            data = QueryDict(mutable=True)
            data.update({f"initial-{name}": value for name, value in shown.items()})
            data.update(shown | dict(typed))
        super().__init__(data, initial=shown)
        self.items = items
        self.values = dict[str, Value | None]()
        for item in items:
            self.fields[item.setting.name] = SettingField(item.setting)

    def clean(self) -> None:
        """Only what was changed: a default of the installation may lie outside the limits."""
        for name in self.changed_data:
            try:
                self.values[name] = REGISTRY[name].parsed(str(self.data[name]))
            except Invalid as error:
                self.add_error(name, error.message)
        self.values |= dict.fromkeys(defaults_named(self.data))

    def sections(self) -> list[tuple[str, list[tuple[Current, forms.BoundField]]]]:
        found = dict[str, list[tuple[Current, forms.BoundField]]]()
        for item in self.items:
            found.setdefault(item.setting.section, []).append((item, self[item.setting.name]))
        return list(found.items())


def defaults_named(data: Mapping[str, Any]) -> list[str]:
    names: list[str] = data.getlist(DEFAULT) if isinstance(data, QueryDict) else []
    return [name for name in names if name in REGISTRY]


def values_named(data: QueryDict) -> dict[str, Value | None]:
    """What the page of the preview carries. Raises Invalid."""
    values: dict[str, Value | None] = {
        name: setting.parsed(str(data[name])) for name, setting in REGISTRY.items() if name in data
    }
    return values | dict.fromkeys(defaults_named(data))


def carried(values: Mapping[str, Value | None]) -> list[tuple[str, str]]:
    """The hidden fields that ``values_named`` reads."""
    return [(DEFAULT, name) if value is None else (name, REGISTRY[name].shown(value)) for name, value in values.items()]


def _widget(setting: LiveSetting) -> Any:
    described = {"aria-describedby": f"about-{setting.name}"}
    choices = ("on", "off") if setting.kind == "flag" else setting.choices
    if choices:
        return UnfoldAdminSelectWidget(attrs=described, choices=[(choice, _(choice)) for choice in choices])
    numeric = {"inputmode": "numeric"} if setting.kind == "integer" else {}
    return UnfoldAdminTextInputWidget(attrs=described | numeric | {"autocomplete": "off"})
