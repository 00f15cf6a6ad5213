from collections.abc import Iterator
from functools import partial

from workers.ingestion.inside import pages_inside
from workers.ingestion.page import Page, shortened
from workers.ingestion.parsers.packed import opened, read_entry
from workers.ingestion.source import Source


def read(source: Source) -> Iterator[Page]:
    """The files in a ZIP in the order of their names; nothing is written anywhere, so no name can lead astray."""
    with opened(source) as archive:
        items = sorted((item for item in archive.infolist() if not item.is_dir()), key=lambda item: item.filename)
        for item in items:
            yield from pages_inside(source, shortened(item.filename), partial(read_entry, archive, item))
