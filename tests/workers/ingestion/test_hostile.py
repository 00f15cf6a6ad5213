"""Hostile files: a typed error on that file within ten seconds and 512 MB, and the process that asked lives on."""

import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workers.ingestion import made
from workers.ingestion.errors import (
    AMBIGUOUS,
    DAMAGED,
    EMPTY,
    ENCRYPTED,
    TIMEOUT,
    TOO_LARGE,
    TOO_LONG,
    UNSUPPORTED,
    Unreadable,
)
from workers.ingestion.limits import STANDARD, Limits
from workers.ingestion.page import Page
from workers.ingestion.reader import ROOT, read_file

SECONDS = 10
# The limit of memory and the interpreter's own start.
MEGABYTES = 512

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def encrypted_zip() -> bytes:
    data = bytearray(made.zipped({"a.txt": b"secret"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def nested_zip(levels: int) -> bytes:
    data = b"the innermost"
    for level in range(levels):
        data = made.zipped({f"{level}.zip" if level else "a.txt": data})
    return data


def lying_zip() -> bytes:
    """The directory says ten bytes, and a hundred million come."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"\x00" * 100_000_000)
    data = bytearray(out.getvalue())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def bomb_in_word() -> bytes:
    document = made.LAUGHS + b"]><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
    return made.replaced(
        made.word("x"), "word/document.xml", document + b"<w:body><w:p>&m;</w:p></w:body></w:document>"
    )


def bomb_in_workbook() -> bytes:
    sheet = (
        made.LAUGHS
        + b"]><worksheet xmlns='%s'><sheetData><row><c t='str'><v>&m;</v></c></row></sheetData></worksheet>"
        % MAIN.encode()
    )
    return made.replaced(made.workbook([[1]]), SHEET, sheet)


def rows_without_end() -> bytes:
    sheet = f"<worksheet xmlns='{MAIN}'><dimension ref='A1:XFD10000000'/><sheetData>" + (
        "<row r='10000000'><c r='A10000000'><v>1</v></c></row></sheetData></worksheet>"
    )
    return made.replaced(made.workbook([[1]]), SHEET, sheet.encode())


def bomb_in_ods() -> bytes:
    content = made.LAUGHS + b"]><x>&m;</x>"
    return made.replaced(made.ods(""), "content.xml", content)


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str | None]] = {
    "zip bomb": ("bomb.zip", lambda: made.zipped({"zeros.txt": b"\x00" * 300_000_000}), TOO_LARGE),
    "zip that lies": ("lies.zip", lying_zip, None),
    "zip of too many": ("many.zip", lambda: made.zipped({f"{n}.txt": b"x" for n in range(2_000)}), TOO_LARGE),
    "encrypted zip": ("secret.zip", encrypted_zip, ENCRYPTED),
    "xml bomb in docx": ("laugh.docx", bomb_in_word, DAMAGED),
    "xml bomb in xlsx": ("laugh.xlsx", bomb_in_workbook, DAMAGED),
    "xml bomb in ods": ("laugh.ods", bomb_in_ods, DAMAGED),
    "picture of 50,000 by 50,000": ("huge.png", made.huge_png, TOO_LARGE),
    "picture that ends early": ("short.png", lambda: made.huge_png(4_000, 4_000), DAMAGED),
    "ten million rows": ("rows.xlsx", rows_without_end, TOO_LARGE),
    "ten million rows of ods": (
        "rows.ods",
        lambda: made.ods(
            '<table:table-row table:number-rows-repeated="10000000"><table:table-cell office:value-type="string">'
            "<text:p>x</text:p></table:table-cell></table:table-row>"
        ),
        TOO_LARGE,
    ),
    "columns without end": (
        "columns.ods",
        lambda: made.ods(
            '<table:table-row><table:table-cell office:value-type="string" table:number-columns-repeated="2000000000">'
            "<text:p>x</text:p></table:table-cell></table:table-row>"
        ),
        TOO_LARGE,
    ),
    "encrypted pdf": ("secret.pdf", made.encrypted_pdf, ENCRYPTED),
    "truncated docx": ("half.docx", lambda: (data := made.word("x" * 9_000))[: len(data) // 2], DAMAGED),
    "truncated pdf": ("half.pdf", lambda: b"%PDF-1.7\n1 0 obj\n<<", DAMAGED),
    "pdf and zip at once": ("both.pdf", lambda: made.pdf(["x"]) + made.zipped({"a.txt": b"x"}), AMBIGUOUS),
    "zip behind something": ("both.zip", lambda: b"PK  padding" + made.zipped({"a.txt": b"x"}), AMBIGUOUS),
    "pdf behind something": ("both.html", lambda: b"<html>\n" + made.pdf(["x"]), AMBIGUOUS),
    "not what its name says": ("sheet.xlsx", lambda: b"just text", DAMAGED),
    "old office": ("old.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, UNSUPPORTED),
    "a program": ("run.bin", lambda: b"\x7fELF" + bytes(range(256)) * 10, UNSUPPORTED),
    "nothing": ("empty.txt", lambda: b"", EMPTY),
    "only white space": ("blank.txt", lambda: b" \n" * 100, EMPTY),
}  # fmt: skip


def refusal(path: Path, name: str, limits: Limits = STANDARD) -> str | None:
    try:
        for _ in read_file(path, name, limits):
            pass
    except Unreadable as problem:
        return problem.code
    return None


APART = """
import json, resource, sys
from pathlib import Path
from workers.ingestion.errors import Unreadable
from workers.ingestion.reader import read_file
code = None
try:
    for _ in read_file(Path(sys.argv[1]), sys.argv[2]):
        pass
except Unreadable as error:
    code = error.code
print(json.dumps([code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def refusal_apart(path: Path, name: str) -> tuple[str | None, int]:
    """The refusal, and the most memory in KiB that its reading took: asked in a process that has had no other child."""
    done = subprocess.run(
        [sys.executable, "-c", APART, str(path), name], cwd=ROOT, capture_output=True, text=True, check=True
    )
    code, kilobytes = json.loads(done.stdout)
    return code, kilobytes


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_in_time(tmp_path: Path, case: str) -> None:
    name, make, expected = HOSTILE[case]
    path = tmp_path / "upload"
    path.write_bytes(make())
    began = time.monotonic()
    code, kilobytes = refusal_apart(path, name)
    assert code == expected
    assert time.monotonic() - began < SECONDS
    assert kilobytes / 1024 < MEGABYTES


def test_a_lying_entry_is_one_bad_entry(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(lying_zip())
    pages = [told for told in read_file(path, "lies.zip") if isinstance(told, Page)]
    assert len(pages) == 1
    assert "could not be read" in pages[0].text or len(pages[0].text) <= 10


def test_zips_inside_each_other_end(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(nested_zip(12))
    pages = [told for told in read_file(path, "deep.zip") if isinstance(told, Page)]
    assert ["could not be read: too deep" in page.text for page in pages] == [True]


def test_scripts_of_markup_are_neither_run_nor_shown(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    (page,) = (told for told in read_file(path, "logo.svg") if isinstance(told, Page))
    assert "<script>" in page.text, "an SVG is shown as the text that it is"
    path.write_bytes(
        b"<!doctype html><body onload=alert(1)><script>alert(2)</script><p>Terms</p><img src=http://x/y.png>"
    )
    (page,) = (told for told in read_file(path, "page.html") if isinstance(told, Page))
    assert page.text == "Terms"


def test_a_name_of_any_length_and_kind(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    for name in ("n" * 4_000 + ".txt", "../../etc/passwd", "a\x00b\n.txt", "\ud800.txt", "ع" * 4_000):
        path.write_bytes(b"plain")
        assert refusal(path, name) is None, name[:20]
    path.write_bytes(made.zipped({f"../../{'x' * 4_000}/passwd": b"inside"}))
    (page,) = (told for told in read_file(path, "names.zip") if isinstance(told, Page))
    assert page.text == "inside"
    assert len(page.title) <= 200


def test_too_much_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"some words here\n" * 20_000)
    assert refusal(path, "long.txt", Limits(characters=100_000)) == TOO_LONG
    assert refusal(path, "long.txt", Limits(pages=3)) == TOO_LONG


def test_whoever_is_silent_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(made.workbook([[n] * 40 for n in range(3_000)]))
    began = time.monotonic()
    assert refusal(path, "slow.xlsx", Limits(silence=0.05)) == TIMEOUT
    assert time.monotonic() - began < 5
