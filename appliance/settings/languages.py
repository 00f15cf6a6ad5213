"""The languages of the interface. English is what the code says; each other has a catalogue in ``portal/locale``."""

from pathlib import Path

SOURCE = "en"
# The code of a browser, the name in the language itself, and the folder of its catalogue.
LANGUAGES = [
    ("en", "English", "en"),
    ("de", "Deutsch", "de"),
]
CATALOGUES = Path(__file__).resolve().parent.parent.parent / "portal" / "locale"
