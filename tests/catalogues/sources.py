"""What the code and the templates say to people: the messages that catalogues translate.

Babel reads Python; Django turns a template into something that reads like it, so that one extractor serves both and
no GNU gettext is needed.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from django.utils.translation.template import templatize

ROOMS = ("portal", "templates", "appliance")
KEYWORDS = {
    **{name: spec for name, spec in DEFAULT_KEYWORDS.items() if spec},
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


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
        for _, function, texts, comments in extract_python(
            BytesIO(text.encode()), list(KEYWORDS), ["Translators:"], {}
        ):
            _add(found, function, texts, comments, place)
    return found


def _add(found: Catalog, function: str | None, texts: object, comments: list[str], place: str) -> None:
    spec = KEYWORDS.get(function or "")
    given = texts if isinstance(texts, tuple | list) else (texts,)
    context = None
    if spec and isinstance(spec[0], tuple):
        context, given = given[0], given[1:]
        spec = tuple(index - 1 for index in spec[1:])
    wanted = [given[index - 1] for index in (spec or (1,)) if index <= len(given)]
    if not wanted or not all(isinstance(text, str) and text for text in wanted):
        return
    message = tuple(wanted) if len(wanted) > 1 else wanted[0]
    found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
