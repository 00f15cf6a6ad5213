"""The languages of the interface. English is what the code says; each other has a catalogue in ``portal/locale``."""

from pathlib import Path

SOURCE = "en"
# The code of a browser, the name in the language itself, and the folder of its catalogue.
LANGUAGES = [
    ("en", "English", "en"),
    ("ar", "العربية", "ar"),
    ("de", "Deutsch", "de"),
    ("es", "Español", "es"),
    ("fr", "Français", "fr"),
    ("hi", "हिन्दी", "hi"),
    ("id", "Bahasa Indonesia", "id"),
    ("ja", "日本語", "ja"),
    ("pl", "Polski", "pl"),
    ("pt-br", "Português (Brasil)", "pt_BR"),
    ("sw", "Kiswahili", "sw"),
    ("zh-hans", "简体中文", "zh_Hans"),
]
CATALOGUES = Path(__file__).resolve().parent.parent.parent / "portal" / "locale"
