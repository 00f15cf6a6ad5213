"""Which values a setting takes, from programs and from people."""

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from portal.configuration.kinds import LiveSetting
from portal.configuration.registry import REGISTRY, SECTIONS, setting_named
from portal.core.errors import Invalid

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
SETTINGS = st.sampled_from(list(REGISTRY.values()))
NUMBERS = [setting for setting in REGISTRY.values() if setting.kind in ("integer", "duration")]
TEXTS = [setting for setting in REGISTRY.values() if setting.kind == "text"]


def refused(setting: LiveSetting, value: object) -> bool:
    try:
        setting.checked(value)
    except Invalid as refusal:
        return names_the_field(refusal, setting)
    return False


def names_the_field(refusal: Invalid, setting: LiveSetting) -> bool:
    assert refusal.details["field"] == setting.name
    assert setting.title in refusal.message
    return True


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.name)
def test_numbers_keep_their_limits(setting: LiveSetting) -> None:
    assert setting.checked(setting.least) == setting.least
    assert setting.checked(setting.most) == setting.most
    for value in (setting.least - 1, setting.most + 1, True, float(setting.least), str(setting.least), None):
        assert refused(setting, value), value


@pytest.mark.parametrize("setting", TEXTS, ids=lambda setting: setting.name)
def test_texts_keep_their_limits(setting: LiveSetting) -> None:
    assert setting.checked("é" * setting.most) == "é" * setting.most
    bad = ["x" * (setting.most + 1), "two\nlines", "nul\0", "\ud800", "esc\x1b[0m", " x", "x ", 5, ["x"]]
    bad += ["x" * (setting.least - 1)] if setting.least else []
    for value in bad:
        assert refused(setting, value), value


def test_choices_and_flags_take_nothing_else() -> None:
    level, flag = REGISTRY["notice_level"], REGISTRY["thinking_by_default"]
    assert level.checked("warning") == "warning"
    assert flag.checked(True) is True
    assert all(refused(level, value) for value in ("Warning", "", 0, None))
    assert all(refused(flag, value) for value in (1, 0, "on", None))


@given(SETTINGS, ANYTHING)
def test_whatever_comes_is_refused_or_fits(setting: LiveSetting, value: object) -> None:
    if not refused(setting, value):
        assert setting.checked(value) == value
        assert setting.parsed(setting.shown(setting.checked(value))) == value


@given(SETTINGS, st.text(max_size=400))
def test_whatever_a_person_writes_is_refused_or_fits(setting: LiveSetting, text: str) -> None:
    try:
        value = setting.parsed(text)
    except Invalid as refusal:
        names_the_field(refusal, setting)
    else:
        assert not refused(setting, value)


@given(st.integers(300, 30 * 86400))
def test_every_duration_is_read_as_it_is_shown(seconds: int) -> None:
    setting = REGISTRY["session_length"]
    assert setting.parsed(setting.shown(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"), [("12 h", 43200), ("1 d 12h", 129600), ("90min", 5400), ("600", 600), ("10 min 30 s", 630)]
)
def test_durations_as_people_write_them(text: str, seconds: int) -> None:
    assert REGISTRY["session_length"].parsed(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "12 x", "12 h 5", "1.5 h", "-5 min", "12 hours", "٣ h", "1 h, 2 min"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Invalid):
        REGISTRY["session_length"].parsed(text)


def test_the_registry_is_sound() -> None:
    for setting in REGISTRY.values():
        assert setting.checked(setting.default) == setting.default, setting.name
        assert setting.help.endswith("."), setting.name
        assert setting.section in SECTIONS
    with pytest.raises(Invalid) as refusal:
        setting_named("SECRET_KEY")
    assert refusal.value.details == {"field": "SECRET_KEY"}


def test_the_environment_stays_the_base() -> None:
    with override_settings(APPLIANCE_QUESTION_LIMIT=4321):
        assert REGISTRY["question_limit"].default == 4321


def test_a_base_with_a_fraction_is_shown_whole() -> None:
    with override_settings(ENGINE_IDLE_SECONDS=1.5):
        assert REGISTRY["idle_time"].default_shown == "1.5 s"
