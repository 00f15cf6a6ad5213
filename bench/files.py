"""How long documents take until they can be asked about: parsing in the sandboxed child process.

``python -m bench.files`` makes a PDF of 300 pages, one of ten scanned pages, and a workbook of 100,000 rows.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.table import Row, print_table
from tests.workers.ingestion import made
from workers.ingestion.page import Page
from workers.ingestion.reader import read_file

LINE = "The carrier hands over each consignment with its papers, and says at once where one of them is late."
COLUMNS = 10


def pages_of_text(count: int) -> bytes:
    return made.pdf("\n".join(f"{number}.{line} {LINE}" for line in range(40)) for number in range(count))


def rows(count: int) -> bytes:
    heads = [f"Column {number}" for number in range(COLUMNS)]
    body = ([number, f"HAM-RTM {number % 97}", number * 1.25, *range(COLUMNS - 3)] for number in range(count))
    return made.workbook([heads, *body])


def measured(folder: Path, name: str, make: Callable[[], bytes]) -> tuple[float, int, float]:
    """Seconds, pages, and the peak of memory of the largest child so far in MB."""
    path = folder / "upload"
    path.write_bytes(make())
    began = time.monotonic()
    pages = sum(isinstance(told, Page) for told in read_file(path, name))
    return time.monotonic() - began, pages, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def file_rows() -> list[Row]:
    found = []
    with tempfile.TemporaryDirectory(prefix="appliance-bench-") as name:
        folder = Path(name)
        seconds, pages, memory = measured(folder, "report.pdf", lambda: pages_of_text(300))
        found.append(Row(f"PDF of {pages} pages", seconds, "s", 20))
        found.append(Row("… memory of the child", memory, "MB", 512))
        scanned = made.scan("Delivery note 4711\nRotterdam, 12 pallets\n" * 8, (1654, 2339))
        seconds, _, memory = measured(folder, "scan.pdf", lambda: made.pdf([], picture=scanned))
        found.append(Row("one scanned page of A4", seconds, "s"))
        seconds, pages, memory = measured(folder, "freight.xlsx", lambda: rows(100_000))
        found.append(Row(f"workbook of 100,000 rows and {COLUMNS} columns ({pages} pages)", seconds, "s", 30))
        found.append(Row("… memory of the child", memory, "MB", 512))
    return found


if __name__ == "__main__":
    print_table(file_rows())
