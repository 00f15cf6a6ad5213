import datetime
import itertools
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from workers.ingestion.errors import DAMAGED, TOO_LARGE, Unreadable
from workers.ingestion.page import Page, gathered, shortened, table_row
from workers.ingestion.parsers.packed import opened
from workers.ingestion.source import Source

Cells = Sequence[Any]

CHUNK = 1 << 20


def read(source: Source) -> Iterator[Page]:
    """Every sheet row by row: values with their types, and beside the value of a formula the formula.

    What a sheet says of its own size is not believed. Formulas are text; nothing is computed.
    """
    with opened(source) as archive:
        has_formulas = _has_formulas(archive)
    source.file.seek(0)
    try:
        values = openpyxl.load_workbook(source.file, read_only=True, data_only=True, keep_links=False)
        formulas = (
            openpyxl.load_workbook(source.file, read_only=True, data_only=False, keep_links=False)
            if has_formulas
            else None
        )
        for sheet in values.worksheets:
            title = shortened(sheet.title)
            rows = _rows(sheet)
            beside = _rows(formulas[sheet.title]) if formulas else itertools.repeat(())
            lines = _lines(rows, beside, source.limits.rows)
            yield from gathered(lines, title, separator="\n")
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
    ) as e:
        raise Unreadable(DAMAGED) from e


def _has_formulas(archive: zipfile.ZipFile) -> bool:
    """A second reading for the formulas takes as long as the first: not where there are none."""
    for item in archive.infolist():
        if not item.filename.startswith("xl/worksheets/"):
            continue
        with archive.open(item) as part:
            before = b""
            while chunk := part.read(CHUNK):
                if b"<f>" in before + chunk or b"<f " in before + chunk:
                    return True
                before = chunk[-2:]
    return False


def _rows(sheet: Any) -> Iterator[Cells]:  # noqa: ANN401 - a worksheet of a reading mode that has no type
    sheet.reset_dimensions()
    return iter(sheet.iter_rows(values_only=True))


def _lines(rows: Iterator[Cells], formulas: Iterator[Cells], most: int) -> Iterator[str]:
    width = 0
    for number, (row, beside) in enumerate(zip(rows, formulas, strict=False), start=1):
        if number > most:
            raise Unreadable(TOO_LARGE)
        while row and row[-1] is None:
            row = row[:-1]
        if not row:
            continue
        cells = [_cell(value, beside[at] if at < len(beside) else None) for at, value in enumerate(row)]
        yield f"{number} {table_row(cells)}"
        width = max(width, len(cells))


def _cell(value: object, formula: object) -> str:
    text = shown(value)
    return f"{text} ({formula})".strip() if isinstance(formula, str) and formula.startswith("=") else text


def shown(value: object) -> str:
    """Numbers as they are kept, moments in ISO 8601; what is text and looks like a number is in quotes."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f'"{value}"' if _looks_like_number(value) else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    return str(value)


def _looks_like_number(text: str) -> bool:
    return text[:1] in "0123456789+-." and text.replace(".", "", 1).lstrip("+-").isdecimal()
