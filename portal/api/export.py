"""A person's export, sent while it is made."""

from collections.abc import AsyncIterator, Iterator

from django.http import StreamingHttpResponse

from portal.accounts.sessions import actor_of_session
from portal.core.threads import in_database_thread


def export_response(made: Iterator[bytes], session: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        _pieces(made, session),
        content_type="application/zip",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="my-data.zip"',
            "X-Accel-Buffering": "no",
        },
    )


async def _pieces(made: Iterator[bytes], session: str) -> AsyncIterator[bytes]:
    """Ends early, and so without a readable file, where the person is signed out or suspended meanwhile."""
    while piece := await in_database_thread(next, made, b""):
        if not (await in_database_thread(actor_of_session, session)).is_person:
            return
        yield piece
