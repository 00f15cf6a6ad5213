"""Mail as files: one message, or a box of them; attachments are read as files of their own."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage

from workers.ingestion.errors import DAMAGED, Unreadable
from workers.ingestion.inside import pages_inside
from workers.ingestion.page import Page, gathered, shortened
from workers.ingestion.parsers.webpage import as_text
from workers.ingestion.source import Source

_FROM_LINE = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def read(source: Source) -> Iterator[Page]:
    yield from message_pages(source, source.data())


def read_box(source: Source) -> Iterator[Page]:
    data = source.data()
    starts = [match.end() for match in _FROM_LINE.finditer(data) if _begins_message(data, match.start())]
    if not starts:
        raise Unreadable(DAMAGED)
    ends = [data.rfind(b"From ", 0, start) for start in starts[1:]] + [len(data)]
    for start, end in zip(starts, ends, strict=True):
        source.budget.enter()
        yield from message_pages(source, data[start:end])


def _begins_message(data: bytes, at: int) -> bool:
    return at == 0 or data[max(0, at - 2) : at].endswith(b"\n\n") or data[max(0, at - 4) : at].endswith(b"\r\n\r\n")


def message_pages(source: Source, data: bytes) -> Iterator[Page]:
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
    except (ValueError, LookupError, RecursionError) as error:
        raise Unreadable(DAMAGED) from error
    if not isinstance(message, EmailMessage) or not message.keys():
        raise Unreadable(DAMAGED)
    headers = [f"{name}: {value}" for name in _SHOWN if (value := _header(message, name))]
    yield from gathered(["\n".join(headers), _body(message)], shortened(_header(message, "Subject")))
    for part in message.iter_attachments():
        if isinstance(part, EmailMessage):
            yield from _attachment(source, part)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, IndexError, AttributeError):
        # The library's reading of a broken header fails in many ways; the letter is worth reading without it.
        return ""


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if not isinstance(part, EmailMessage):
        return ""
    try:
        content = part.get_content()
    except (LookupError, ValueError, AssertionError):
        payload = part.get_payload(decode=True)
        content = payload.decode("latin-1") if isinstance(payload, bytes) else ""
    return as_text(str(content)) if part.get_content_subtype() == "html" else str(content).strip()


def _attachment(source: Source, part: EmailMessage) -> Iterator[Page]:
    try:
        name = shortened(part.get_filename() or f"attachment.{part.get_content_subtype()}")
        if part.get_content_type() == "message/rfc822":
            data = part.get_content().as_bytes()
        else:
            payload = part.get_payload(decode=True)
            data = payload if isinstance(payload, bytes) else b""
    except (LookupError, ValueError, AttributeError, KeyError):
        name, data = "attachment", b""
    source.budget.unpack(len(data))
    yield from pages_inside(source, name, lambda: data)
