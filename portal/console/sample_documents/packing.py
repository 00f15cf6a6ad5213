"""Office files without the moment at which they were made."""

import io
import re
import zipfile

_MOMENT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
MADE = b"2026-06-29T08:00:00Z"
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def repacked(data: bytes) -> bytes:
    """The same archive with one moment in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(given.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = given.read(name)
            if name == "docProps/core.xml":
                content = _MOMENT.sub(rb"\g<1>" + MADE, content)
            made.writestr(zipfile.ZipInfo(name, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
