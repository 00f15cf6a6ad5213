"""Reading a table of people: CSV as spreadsheets write it. What it says is checked in ``people_import``."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from portal.core.errors import Invalid, TooLarge

COLUMNS = ("username", "first_name", "last_name", "email", "department", "role")
OPTIONAL = frozenset({"first_name", "last_name", "email"})
SEPARATORS = ",;\t"
# A spreadsheet that opens a later export would run them.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` is that of the file, the first line being 1."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    code: str
    message: str
    field: str = ""


def read_table(text: str) -> tuple[list[Line], list[Problem]]:
    """The lines of a table, and what is wrong with those that cannot be read.

    Raises:
        Invalid: the text is no table, or lacks a column.
        TooLarge: it has more lines than an import may have.
    """
    if "\0" in text:
        raise Invalid(_("The table holds NUL characters."), code="bad_characters")
    rows = _rows(text.removeprefix("\ufeff"))
    try:
        first = next(rows)[1]
    except StopIteration:
        raise Invalid(_("The table is empty."), code="empty") from None
    columns = _columns(first)
    lines, problems = list[Line](), list[Problem]()
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(lines) + len(problems) == settings.PEOPLE_IMPORT_LINES:
            limit = settings.PEOPLE_IMPORT_LINES
            raise TooLarge(
                _("A table may have %(limit)s lines at most.") % {"limit": f"{limit:,}"}, details={"limit": limit}
            )
        problem = _unreadable(number, row, columns)
        if problem:
            problems.append(problem)
        else:
            cells = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
            lines.append(Line(number, cells))
    return lines, problems


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    header = text.partition("\n")[0]
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(header, SEPARATORS)
    except csv.Error:
        dialect = "excel"
    separator = dialect if isinstance(dialect, str) else dialect.delimiter
    reader = csv.reader(
        text.splitlines(keepends=True), delimiter="," if separator == "excel" else separator, strict=True
    )
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(
                _("Line %(begins)s is not CSV: %(error)s.") % {"begins": begins, "error": error},
                code="not_csv",
                details={"line": begins},
            ) from None
        yield begins, row


def _columns(first: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in first]
    unknown = next((name for name in names if name not in COLUMNS), None)
    if unknown is not None or len(set(names)) != len(names):
        shown = ", ".join(COLUMNS)
        raise Invalid(
            _("The first line names the columns, each once: %(shown)s.") % {"shown": shown}, code="unknown_column"
        )
    missing = [name for name in COLUMNS if name not in names and name not in OPTIONAL]
    if missing:
        raise Invalid(
            _("The table lacks the column %(missing)s.") % {"missing": missing[0]},
            code="missing_column",
            details={"columns": missing},
        )
    return names


def _unreadable(number: int, row: list[str], columns: list[str]) -> Problem | None:
    if len(row) != len(columns):
        return Problem(
            number,
            "cells",
            _("The line has %(row)s cells, the first one %(columns)s.") % {"row": len(row), "columns": len(columns)},
        )
    for name, cell in zip(columns, row, strict=True):
        if len(cell) > LONGEST_CELL:
            return Problem(
                number,
                "too_long",
                _("The cell is longer than %(longest_cell)s characters.") % {"longest_cell": f"{LONGEST_CELL:,}"},
                name,
            )
        if cell.startswith(FORMULA):
            return Problem(number, "formula", _("A cell must not begin like a formula (= + - @)."), name)
    return None
