import csv
import itertools
from collections.abc import Iterator

from workers.ingestion.errors import DAMAGED, TOO_LARGE, Unreadable
from workers.ingestion.page import Page, gathered, table_row
from workers.ingestion.parsers.plain import decoded
from workers.ingestion.source import Source

SAMPLE = 16_384


def read(source: Source) -> Iterator[Page]:
    """Rows of a table; comma, semicolon, tab or bar between them, whichever the file uses."""
    lines = decoded(source.data()).splitlines(keepends=True)
    sample = "".join(itertools.islice(lines, 200))[:SAMPLE]
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        yield from gathered(_rows(csv.reader(lines, dialect), source.limits.rows), separator="\n")
    except csv.Error as error:
        raise Unreadable(DAMAGED) from error


def _rows(rows: Iterator[list[str]], most: int) -> Iterator[str]:
    for number, row in enumerate(rows, start=1):
        if number > most:
            raise Unreadable(TOO_LARGE)
        if row:
            yield f"{number} {table_row(row)}"
