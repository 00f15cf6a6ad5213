"""The catalogues beside the code: bringing them up to what the code says, and finding where they differ."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from appliance.settings.languages import CATALOGUES, LANGUAGES, SOURCE
from tests.catalogues.sources import messages_of

ROOT = Path(__file__).resolve().parent.parent.parent
PLACES = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}|%[sd]")


def translated() -> list[str]:
    """The languages that have a catalogue, as the folders are called."""
    return [locale for code, _, locale in LANGUAGES if code != SOURCE]


def update() -> None:
    """Write each catalogue anew: what the code no longer says goes, what is new stands in it without translation."""
    template = messages_of(ROOT)
    for locale in translated():
        path = path_of(locale)
        found = read(locale)
        found.update(template, no_fuzzy_matching=True)
        found.obsolete.clear()
        found.fuzzy = False
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, found, sort_output=True, include_lineno=False, omit_header=False, width=120)


def problems() -> Iterator[str]:
    """One line for each message that a catalogue lacks, has too much, or translates with other placeholders."""
    wanted = {_key(message): message for message in messages_of(ROOT) if message.id}
    for locale in translated():
        stored = {_key(message): message for message in read(locale) if message.id}
        for key in wanted.keys() | stored.keys():
            if key not in stored:
                yield f"{locale}: lacks {key[0]!r}"
            elif key not in wanted:
                yield f"{locale}: has {key[0]!r}, which the code no longer says"
            else:
                yield from (f"{locale}: {problem} {key[0]!r}" for problem in _flaws(stored[key]))


def read(locale: str) -> Catalog:
    path = path_of(locale)
    if not path.exists():
        return Catalog(locale=locale, project="appliance", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def path_of(locale: str) -> Path:
    return CATALOGUES / locale / "LC_MESSAGES" / "django.po"


def _key(message: Message) -> tuple[str, str, str]:
    texts = message.id if isinstance(message.id, tuple | list) else (message.id, "")
    return texts[0], texts[1], message.context or ""


def _flaws(message: Message) -> Iterator[str]:
    stored = message.string if isinstance(message.string, tuple | list) else (message.string,)
    texts = [text or "" for text in stored]
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    if not all(texts):
        yield "does not translate"
        return
    if message.fuzzy:
        yield "is unsure of"
    places = set(PLACES.findall(ids[-1]))
    for text in texts:
        # One and few may be said without their number.
        used = set(PLACES.findall(text))
        if not used <= places or (len(texts) == 1 and used != places):
            yield f"has other placeholders ({', '.join(sorted(used ^ places))}) in"
    if ids[0].startswith("\n") != texts[0].startswith("\n") or ids[0].endswith("\n") != texts[0].endswith("\n"):
        yield "begins or ends with another line break in"
