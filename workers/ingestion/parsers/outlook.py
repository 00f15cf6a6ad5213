from collections.abc import Iterator
from functools import partial
from io import BytesIO

import oxmsg

from workers.ingestion.errors import DAMAGED, Unreadable
from workers.ingestion.inside import pages_inside
from workers.ingestion.page import Page, gathered, shortened
from workers.ingestion.parsers.webpage import as_text
from workers.ingestion.source import Source


def read(source: Source) -> Iterator[Page]:
    """A message as Outlook saves it, with its attachments."""
    try:
        message = oxmsg.Message.load(BytesIO(source.data()))
        to = "; ".join(f"{person.name} <{person.email_address}>" for person in message.recipients)
        subject, body = message.subject or "", (message.body or as_text(message.html_body or "")).strip()
        headers = {"From": message.sender, "To": to, "Date": message.sent_date, "Subject": subject}
        attached = [(item.file_name or "attachment", item.file_bytes) for item in message.attachments]
    except Exception as error:
        # The library checks little: whatever goes wrong in it means that the file is not what it should be.
        raise Unreadable(DAMAGED) from error
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    yield from gathered(["\n".join(lines), body], shortened(subject))
    for name, data in attached:
        source.budget.unpack(len(data or b""))
        yield from pages_inside(source, shortened(name), partial(bytes, data or b""))
