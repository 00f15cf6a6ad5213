"""OpenDocument spreadsheets, read as a stream: what repeats is not made."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from workers.ingestion.errors import DAMAGED, ENCRYPTED, TOO_LARGE, Unreadable
from workers.ingestion.page import Page, gathered, shortened, table_row
from workers.ingestion.parsers.packed import opened
from workers.ingestion.source import Source

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
MOST_COLUMNS = 16_384


def read(source: Source) -> Iterator[Page]:
    with opened(source) as archive:
        if b"manifest:encryption-data" in archive.read("META-INF/manifest.xml"):
            raise Unreadable(ENCRYPTED)
        try:
            with archive.open("content.xml") as content:
                yield from _sheets(content, source.limits.rows)
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise Unreadable(DAMAGED) from error


def _sheets(content: Any, most: int) -> Iterator[Page]:  # noqa: ANN401 - what zipfile opens
    events = iterparse(content, events=("start", "end"), forbid_dtd=True)
    for event, element in events:
        if event == "start" and element.tag == f"{_TABLE}table":
            title = shortened(element.get(f"{_TABLE}name", ""))
            yield from gathered(_rows(events, most), title, separator="\n")


def _rows(events: Any, most: int) -> Iterator[str]:  # noqa: ANN401
    number = 0
    for event, element in events:
        if event == "end" and element.tag == f"{_TABLE}table":
            element.clear()
            return
        if event != "end" or element.tag != f"{_TABLE}table-row":
            continue
        repeated = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
        cells = _cells(element)
        element.clear()
        if cells and number + repeated > most:
            raise Unreadable(TOO_LARGE)
        for _ in range(repeated if cells else 0):
            number += 1
            yield f"{number} {table_row(cells)}"
        number += 0 if cells else repeated


def _cells(row: Any) -> list[str]:  # noqa: ANN401 - an element
    cells: list[str] = []
    for cell in row:
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        text = _shown(cell)
        if not text and len(cells) + repeated > MOST_COLUMNS:
            break
        if len(cells) + repeated > MOST_COLUMNS:
            raise Unreadable(TOO_LARGE)
        cells += [text] * repeated
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _shown(cell: Any) -> str:  # noqa: ANN401
    kind = cell.get(f"{_OFFICE}value-type", "")
    said = "\n".join("".join(part.itertext()) for part in cell.iter(f"{_TEXT}p"))
    value = cell.get(f"{_OFFICE}date-value") or cell.get(f"{_OFFICE}value") if kind in ("date", "float") else said
    formula = cell.get(f"{_TABLE}formula", "")
    return f"{value or said} ({formula.removeprefix('of:')})" if formula else str(value or said)
