"""Reading files: the sandboxed child's pages into the portal's room of files."""

import time
import uuid
from contextlib import closing

import structlog

from portal.files import storage
from portal.files.services.reading import Claimed as ClaimedFile
from portal.files.services.reading import ReadPage, claim, progress, refuse, store
from workers.ingestion.errors import CRASHED, Unreadable
from workers.ingestion.limits import STANDARD
from workers.ingestion.page import Page
from workers.ingestion.reader import Found, View, read_file

log = structlog.get_logger(__name__)

# How often the lease is renewed and the progress told.
BEAT_SECONDS = 1.0


class Lost(Exception):
    """The file was removed, or another worker has it."""


def read(file_id: uuid.UUID) -> None:
    """A second ring finds nothing to claim. Whatever happens to the child, the file ends as ready or failed."""
    claimed = claim(file_id)
    if claimed is None:
        return
    try:
        _read(claimed)
    except Unreadable as problem:
        log.info("file.unreadable", code=problem.code)
        refuse(claimed, problem.code)
    except Lost:
        log.info("file.lost")
    except OSError as error:
        log.error("file.not_read", error=type(error).__name__, exc_info=error)
        refuse(claimed, CRASHED)


def _read(claimed: ClaimedFile) -> None:
    pages: list[ReadPage] = []
    kind, view = "", b""
    beat = time.monotonic()
    # Closing ends the child.
    with closing(read_file(storage.path_of(claimed.stored_as), claimed.name, STANDARD)) as told:
        for item in told:
            if isinstance(item, Page):
                pages.append(ReadPage(item.title, item.text))
            elif isinstance(item, Found):
                kind = item.kind
                if item.missing:
                    log.warning("sandbox.incomplete", missing=item.missing)
            elif isinstance(item, View):
                view = item.data
            if time.monotonic() - beat > BEAT_SECONDS:
                beat = time.monotonic()
                if not progress(claimed, len(pages)):
                    raise Lost
    if view:
        storage.keep_view(claimed.stored_as, view)
    if not store(claimed, kind, pages, has_view=bool(view)):
        raise Lost
