"""Why a file could not be read, and what to do about it, in words."""

from django.utils.translation import gettext as _


def problem(code: str) -> str:
    known = {
        "encrypted": _("This file asks for a password. Save it without one, then add it again."),
        "damaged": _("This file is damaged or not complete. Open and save it again, then add it."),
        "ambiguous": _("This file claims to be two kinds of file at once. Save it anew as one of them."),
        "unsupported": _("Files of this kind cannot be read. Save it as PDF, a current Office format or text."),
        "empty": _("There is no text in this file."),
        "too_large": _("What this file unpacks to is too large. Split it, or reduce its size."),
        "too_long": _("There is more text in this file than can be read. Split it."),
        "too_deep": _("Files are packed too deep inside each other. Unpack them first."),
        "timeout": _("Reading this file took too long. Split it, or save it as PDF."),
        "memory": _("Reading this file took too much memory. Split it, or save it as PDF."),
        "crashed": _("This file could not be read. Save it in another format, then add it again."),
        "worker_lost": _("Reading was interrupted several times. Remove the file, then add it again."),
    }
    return known.get(code, known["crashed"])
