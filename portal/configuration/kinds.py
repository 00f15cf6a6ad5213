"""What a live setting is, and which values it takes."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _

from portal.core.errors import Invalid

Value = bool | int | float | str
Kind = Literal["integer", "flag", "text", "choice", "duration"]

UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d{1,9})\s*(s|min|h|d)?", re.ASCII)
_ON, _OFF = frozenset({"on", "1", "true", "yes"}), frozenset({"off", "0", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSetting:
    """``least`` and ``most`` bound a number, or the length of a text in characters; durations are in seconds.

    Where ``environment`` names a setting of the installation, that one is the default.
    """

    name: str
    kind: Kind
    section: str
    title: str
    help: str
    default_value: Value = ""
    environment: str = ""
    least: int = 0
    most: int = 0
    unit: str = ""
    choices: tuple[str, ...] = ()

    @property
    def default(self) -> Value:
        if not self.environment:
            return self.default_value
        found: Value = getattr(settings, self.environment)
        # The environment's seconds may have fractions; most have none.
        return int(found) if isinstance(found, float) and found.is_integer() else found

    @property
    def default_shown(self) -> str:
        return self.worded(self.default)

    def checked(self, value: object) -> Value:
        """``value`` as it is stored. Raises Invalid, with the setting as its field."""
        if self.kind == "flag":
            return value if isinstance(value, bool) else self._refuse(_("%(title)s is either on or off."))
        if self.kind == "integer" or self.kind == "duration":
            if type(value) is not int:
                seconds = self.kind == "duration"
                whole = _("%(title)s must be a whole number.")
                self._refuse(_("%(title)s must be a whole number of seconds.") if seconds else whole)
            within = self.least <= value <= self.most
            return value if within else self._refuse(_("%(title)s must lie between %(least)s and %(most)s."))
        if not isinstance(value, str):
            self._refuse(_("%(title)s must be a text."))
        if self.kind == "choice":
            return value if value in self.choices else self._refuse(_("%(title)s must be one of %(limits)s."))
        return self._checked_text(value)

    def parsed(self, text: str) -> Value:
        """The value that a person wrote. Raises Invalid."""
        plain = text.strip()
        if self.kind == "flag":
            word = plain.lower()
            return self.checked(word in _ON if word in _ON | _OFF else text)
        if self.kind == "integer":
            digits = re.sub(r"[\s,_]", "", plain)
            return self.checked(int(digits) if re.fullmatch(r"-?\d{1,18}", digits, re.ASCII) else text)
        if self.kind == "duration":
            return self.checked(_seconds(plain) if plain else text)
        return self.checked(plain)

    def shown(self, value: Value) -> str:
        """As people read it, and as ``parsed`` takes it."""
        if self.kind == "flag":
            return "on" if value else "off"
        if self.kind == "duration" and isinstance(value, int | float):
            return _duration(value)
        if self.kind == "integer":
            return f"{value:,}"
        return str(value)

    def worded(self, value: Value) -> str:
        """As people read it in their own language, where nothing parses it again."""
        if self.kind == "flag":
            return _("on") if value else _("off")
        return _(str(value)) if self.kind == "choice" and value else self.shown(value)

    def limits(self) -> str:
        if self.kind == "flag":
            return _("on or off")
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "text":
            return _("%(least)s to %(most)s characters") % {"least": self.least, "most": self.most}
        return _("%(least)s to %(most)s") % {"least": self.shown(self.least), "most": self.shown(self.most)}

    def _checked_text(self, value: str) -> str:
        if not self.least <= len(value) <= self.most:
            self._refuse(_("%(title)s must have %(limits)s."))
        # NUL and half surrogates cannot be stored; line breaks and other controls do not belong into one line.
        if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value):
            self._refuse(_("%(title)s must be one line of text."))
        if value != value.strip():
            self._refuse(_("%(title)s must not begin or end with a space."))
        return value

    def _refuse(self, problem: str) -> NoReturn:
        details: dict[str, Any] = {"field": self.name, "limits": self.limits()}
        bounds = {"least": self.shown(self.least), "most": self.shown(self.most)}
        values = {"title": _(self.title), "limits": details["limits"]} | bounds
        raise Invalid(problem % values, code="bad_value", details=details)


def _seconds(text: str) -> int | None:
    """``12 h``, ``1 d 12 h``, ``90 min``, or a number of seconds; None where it is something else."""
    parts = list(_PART.finditer(text))
    if _PART.sub("", text).strip() or not parts or (len(parts) > 1 and any(part[2] is None for part in parts)):
        return None
    return sum(int(part[1]) * UNITS[part[2] or "s"] for part in parts)


def _duration(seconds: float) -> str:
    if seconds != int(seconds):
        return f"{seconds:g} s"
    left, parts = int(seconds), []
    for unit, size in sorted(UNITS.items(), key=lambda item: -item[1]):
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts) or "0 s"
