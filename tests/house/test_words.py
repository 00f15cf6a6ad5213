"""What people read goes through the catalogues. Each list of exceptions says why nobody translates those."""

import ast
from pathlib import Path

import pytest

from tests.house.source import ROOT, Source, sources
from tests.house.words import (
    bare_labels,
    bare_messages,
    bare_sentences,
    bare_strings,
    bare_text,
    constants_of,
    eager_at_import,
    errors_of,
    files,
    shadowed,
)

# Names of a format and of keys, the name of an icon in a font of icons, and a choice that the style sheet reads.
TEXTS = {"CSV", "Ctrl K", "dock_to_right", "yes,no"}
# A code point, as the standard writes it.
STRINGS = {"`U+${part.charCodeAt(0).toString(16).toUpperCase()}`"}
# The API's own description is English, and so is what monitors read; the sample company is content. The catalogue knows
# the live settings from their registry, whose words are translated where they are shown. Applications have code names.
LABELS_ELSEWHERE = ("portal/api/", "portal/audit/", "portal/console/sample", "portal/configuration/registry.py")


def python() -> list[Source]:
    return [source for source in sources("portal") if not source.is_migration and "management" not in source.path.parts]


def test_messages_of_errors_are_translated() -> None:
    errors = errors_of(sources("portal"))
    assert {"Invalid", "Held", "Refused"} <= errors
    constants = constants_of(sources("portal"))
    assert [str(found) for source in python() for found in bare_messages(source, errors, constants)] == []


def test_labels_are_translated() -> None:
    elsewhere = [source for source in python() if source.name.startswith(LABELS_ELSEWHERE)]
    shown = [source for source in python() if source not in elsewhere and source.path.name != "apps.py"]
    assert [str(found) for source in shown for found in bare_labels(source)] == []


def test_sentences_that_are_handed_on_are_translated() -> None:
    spoken = [source for source in python() if not source.name.startswith("portal/console/sample")]
    assert [str(found) for source in spoken for found in bare_sentences(source)] == []


def test_nothing_is_translated_once_for_all_when_a_module_is_read() -> None:
    assert [str(found) for source in python() for found in eager_at_import(source)] == []


def test_the_name_that_translates_is_thrown_away_nowhere() -> None:
    assert [str(found) for source in python() for found in shadowed(source)] == []


def test_text_of_templates_is_translated() -> None:
    found = [
        item
        for path in files(".html", "templates", "portal")
        for item in bare_text(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert [str(item) for item in found if item.text not in TEXTS] == []
    assert {item.text for item in found} == TEXTS, "an exception that nothing needs"


def test_browser_modules_say_only_what_comes_with_the_page() -> None:
    modules = [path for path in files(".js", "portal") if "vendor" not in path.parts]
    assert len(modules) > 40
    found = [
        item
        for path in modules
        for item in bare_strings(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert [str(item) for item in found if item.text not in STRINGS] == []
    assert {item.text for item in found} >= STRINGS, "an exception that nothing needs"


def source_of(text: str) -> Source:
    return Source(Path("sample.py"), text, ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        'raise Invalid("No.")',
        'raise Invalid(f"No {name}.")',
        'raise Invalid("No %s." % name)',
        'raise Invalid("No {}.".format(name))',
        'raise Invalid("" if fine else "No.")',
        'problem = "No."\nraise Invalid(problem, code="no")',
        'raise Invalid(message="No.")',
        'error = Invalid("No.")',
        'raise forms.ValidationError("No.")',
    ],
)
def test_a_bare_message_is_found(text: str) -> None:
    assert list(bare_messages(source_of(text), frozenset({"Invalid", "ValidationError"})))


def test_a_sentence_that_is_handed_on_is_found() -> None:
    assert list(bare_sentences(source_of('refuse_held(conversation, "It has to be kept.")')))
    assert not list(bare_sentences(source_of('refuse_held(conversation, _("It has to be kept."))')))
    assert not list(bare_sentences(source_of('read(row, "audit.jsonl", "role given")')))


def test_a_message_that_another_module_names_is_found() -> None:
    constants = constants_of((source_of('HELD = "Kept."'),))
    using = source_of("from there import HELD\nraise Invalid(HELD)")
    assert list(bare_messages(using, frozenset({"Invalid"}), constants))


@pytest.mark.parametrize(
    "text",
    [
        'raise Invalid(_("No %(name)s.") % {"name": name}, code="no")',
        'raise Invalid(ngettext("1 file", "%(n)s files", n) % {"n": n})',
        "raise Invalid",
        'raise NotFound(reason="role")',
        'raise ValueError("not for people")',
        "raise Invalid(error.message)",
    ],
)
def test_a_translated_message_is_left_alone(text: str) -> None:
    assert not list(bare_messages(source_of(text), frozenset({"Invalid", "NotFound"})))


@pytest.mark.parametrize(
    "text",
    [
        'field(label="Name")',
        'class Page:\n    heading = "Pages"',
        'class Form:\n    help_text: str = "Name"',
        'context = {"title": f"Row {number}"}',
        'messages.success(request, "Saved.")',
        'self.message_user(request, "Saved.")',
        '@display(description="state")\ndef state(): ...',
    ],
)
def test_a_bare_label_is_found(text: str) -> None:
    assert list(bare_labels(source_of(text)))


def test_an_eager_translation_at_import_is_found() -> None:
    eager = "from django.utils.translation import gettext as _\n"
    assert list(eager_at_import(source_of(f'{eager}LABEL = _("Name")')))
    assert list(eager_at_import(source_of(f'{eager}def f(a=_("Name")): ...')))
    assert not list(eager_at_import(source_of(f'{eager}def f(): return _("Name")')))
    lazy = "from django.utils.translation import gettext_lazy as _\n"
    assert not list(eager_at_import(source_of(f'{lazy}LABEL = _("Name")')))


def test_a_shadowed_name_is_found() -> None:
    assert list(shadowed(source_of('def f():\n    first, _ = pair\n    return _("Name")')))
    assert not list(shadowed(source_of('def f():\n    return [a for a, _ in pairs], _("Name")')))


@pytest.mark.parametrize(
    "text",
    [
        "<p>Words</p>",
        "<p>{{ name }} is here</p>",
        "{% if a %}yes{% else %}{% translate 'no' %}{% endif %}",
        '<input placeholder="Search">',
        '<button aria-label="Close {{ name }}">×</button>',
        '<ul data-lost="The list is lost."></ul>',
        '<p>{{ what|default:"Everything" }}</p>',
        "<p>{{ on|yesno:'on,off' }}</p>",
    ],
)
def test_bare_text_of_a_template_is_found(text: str) -> None:
    assert list(bare_text("sample.html", text))


@pytest.mark.parametrize(
    "text",
    [
        "<p>{% translate 'Words' %}</p>",
        "{% blocktranslate %}Words for {{ name }}{% endblocktranslate %}",
        '<p class="two words" id="x">{{ name|default:"–" }} &nbsp; 12</p>',
        "{# Words #}<script>const words = 1;</script>",
        '<i data-state="ready" data-load="/page/?before=1"></i>',
    ],
)
def test_translated_text_of_a_template_is_left_alone(text: str) -> None:
    assert not list(bare_text("sample.html", text))


@pytest.mark.parametrize(
    "text",
    [
        'node.textContent = "Stop";',
        'announce("Copied.");',
        'button.setAttribute("aria-label", "Close");',
        'const label = "The answer failed";',
        "show(`Reading part ${part} of ${of}`);",
        'const hint = "Thinking…";',
        'if (/["`]/.test(a)) show("Nothing was found.");',
    ],
)
def test_a_bare_string_of_a_module_is_found(text: str) -> None:
    assert list(bare_strings("sample.js", text))


@pytest.mark.parametrize(
    "text",
    [
        'node.textContent = text("stop");',
        '// The answer failed, say.\nnode.className = "button button--primary";',
        'if (event.key === "Escape") stop();',
        "throw new Error(`No sentence is named ${name}`);",
        'node.textContent = "×";',
    ],
)
def test_what_nobody_reads_is_left_alone(text: str) -> None:
    assert not list(bare_strings("sample.js", text))
