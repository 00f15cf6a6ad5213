"""The catalogues of translations, made ready for Django, which reads only their compiled form."""

import os
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(source: Path, target: Path) -> int:
    """Compile each ``LOCALE/LC_MESSAGES/django.po`` below ``source`` whose compiled form below ``target`` is older.

    Returns how many were compiled. A catalogue is whole at every moment: several may compile at once.
    """
    compiled = 0
    for path in sorted(source.glob("*/LC_MESSAGES/django.po")):
        made = target / path.relative_to(source).with_suffix(".mo")
        stamp = path.stat().st_mtime_ns
        if made.exists() and made.stat().st_mtime_ns == stamp:
            continue
        made.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parent.parent.name)
        # Babel would write the singular as every form of a plural that nobody has translated; Django falls back itself.
        for message in [message for message in catalogue if message.id and not _is_translated(message)]:
            catalogue.delete(message.id, message.context)
        part = made.with_suffix(".part")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        os.utime(part, ns=(stamp, stamp))
        part.replace(made)
        compiled += 1
    return compiled


def _is_translated(message: Message) -> bool:
    return all([message.string] if isinstance(message.string, str) else message.string or [""])
