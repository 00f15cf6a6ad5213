"""What the code and the templates say to people: the messages that catalogues translate.

Babel reads Python; Django turns a template into something that reads like it, so that one extractor serves both and
no GNU gettext is needed. What is data, and translated where it is shown, is read from the data.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

from portal.configuration.registry import REGISTRY
from portal.core.catalogue import CATALOGUE

ROOMS = ("portal", "templates", "appliance")
# Which of a function's arguments are text; with a context, that is the first.
TEXTS: dict[str, tuple[int, ...]] = {
    "_": (0,),
    "gettext": (0,),
    "gettext_lazy": (0,),
    "gettext_noop": (0,),
    "ngettext": (0, 1),
    "ngettext_lazy": (0, 1),
    "pgettext": (1,),
    "pgettext_lazy": (1,),
    "npgettext": (1, 2),
}
WITH_CONTEXT = {name for name, places in TEXTS.items() if places[0] == 1}


def files(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if (
                path.suffix in {".py", ".html", ".txt"}
                and "migrations" not in path.parts
                and "static" not in path.parts
            ):
                yield path


def messages_of(root: Path) -> Catalog:
    """Every message, with the files in which it stands; without line numbers, which change with each edit."""
    found = Catalog(charset="utf-8")
    for path in files(root):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # What is not text to translate is blotted out, and where it began a line means nothing.
            text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
        place = path.relative_to(root).as_posix()
        # Babel's own annotation of what it yields is another one's.
        read: Any = extract_python
        for _, function, texts, comments in read(BytesIO(text.encode()), list(TEXTS), ["Translators:"], {}):
            _add(found, function, texts if isinstance(texts, tuple) else (texts,), comments, place)
    for place, text in texts_of_data():
        found.add(text, locations=[(place, 0)])
    return found


def texts_of_data() -> Iterator[tuple[str, str]]:
    """What the actions and the live settings say, with the file in which they stand."""
    for action in CATALOGUE.values():
        yield "portal/core/catalogue.py", action.description
    for setting in REGISTRY.values():
        for text in (setting.section, setting.title, setting.help, setting.unit, *setting.choices):
            if text:
                yield "portal/configuration/registry.py", text


def _add(found: Catalog, function: str, arguments: Sequence[object], comments: list[str], place: str) -> None:
    texts = [arguments[index] for index in TEXTS[function] if index < len(arguments)]
    if len(texts) < len(TEXTS[function]) or not all(isinstance(text, str) and text for text in texts):
        return
    context = str(arguments[0]) if function in WITH_CONTEXT else None
    message = tuple(map(str, texts)) if len(texts) > 1 else str(texts[0])
    found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
