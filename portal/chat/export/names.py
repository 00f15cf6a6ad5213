"""The name of an exported file, which any system can store, and the header that carries it."""

import re
import unicodedata
from urllib.parse import quote

LONGEST_CHARACTERS = 80
LONGEST_BYTES = 160
FALLBACK = "conversation"

# Reserved by Windows or by shells; control and format characters (which could turn the name around) go as well.
_RESERVED = re.compile(r'[<>:"/\\|?*%;`$&\'!#{}~]+')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_name(title: str, extension: str) -> str:
    """Letters of any language stay; what a file system, a shell or a reader would trip over goes."""
    plain = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", title)
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    words = " ".join(_RESERVED.sub(" ", plain).split())[:LONGEST_CHARACTERS]
    words = words.encode()[:LONGEST_BYTES].decode(errors="ignore").strip(" .-_=+@")
    if not words or _DEVICES.fullmatch(words):
        words = FALLBACK
    return f"{words}.{extension}"


def disposition(name: str) -> str:
    """RFC 6266: a plain name for old programs, and the whole one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^\w .()-]", "", plain).strip(" .-")
    stem, _, extension = plain.rpartition(".")
    if not stem.strip():
        plain = f"{FALLBACK}.{extension or name.rpartition('.')[2]}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
