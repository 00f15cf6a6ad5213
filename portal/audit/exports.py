"""The journal as files: JSON lines in the shape of OCSF, or a table for spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import orjson

from portal.audit import ocsf
from portal.audit.journal import Act, Target
from portal.audit.models import Entry
from portal.audit.selectors import entries
from portal.audit.wanted import Wanted, stream_of
from portal.audit.witness import witness
from portal.core.actor import Actor

Format = Literal["jsonl", "csv"]

COLUMNS = (
    "seq",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "on_behalf_of_id",
    "action",
    "object_type",
    "object_id",
    "outcome",
    "reason",
    "place",
    "address",
    "details",
    "id",
    "seal",
    "previous_hash",
    "hash",
)
# A spreadsheet takes what begins like this for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Sent in pieces of about so many rows.
PIECE_ROWS = 200


def export(actor: Actor, wanted: Wanted, form: Format) -> Iterator[bytes]:
    """The wanted rows as they are read, for an auditor; that they were taken out is recorded first.

    Raises as ``witness`` does: what cannot be recorded is not given out.
    """
    return exported(actor, stream_of(entries(actor).order_by(), wanted), form)


def exported(actor: Actor, rows: Iterable[Entry], form: Format) -> Iterator[bytes]:
    witness(actor, Act("audit.export", Target("journal", "rows"), details={"format": form}))
    return _pieces(map(ocsf.line, rows)) if form == "jsonl" else _pieces(_table(rows))


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    piece: list[bytes] = []
    for line in lines:
        piece.append(line)
        if len(piece) >= PIECE_ROWS:
            yield b"".join(piece)
            piece.clear()
    if piece:
        yield b"".join(piece)


def _table(rows: Iterable[Entry]) -> Iterator[bytes]:
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)

    def line(values: Iterable[str]) -> bytes:
        written.seek(0)
        written.truncate()
        writer.writerow(values)
        return written.getvalue().encode()

    yield line(COLUMNS)
    for row in rows:
        yield line([harmless(CELLS.get(name, _cell)(row, name)) for name in COLUMNS])


def _cell(row: Entry, name: str) -> str:
    value = getattr(row, name)
    return "" if value is None else str(value)


CELLS: dict[str, Callable[[Entry, str], str]] = {
    "at": lambda row, _: row.at.isoformat(timespec="microseconds"),
    "details": lambda row, _: orjson.dumps(ocsf.details_of(row)).decode(),
}


def harmless(cell: str) -> str:
    """No spreadsheet reads it as a formula: an apostrophe before what begins like one."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
