"""Where rows are forwarded to: syslog over TLS or TCP (RFC 5424, octet counting of RFC 6587 and 5425), or a file.

Syslog has no answer that says a message has arrived. A connection is therefore used for one batch and closed from this
side first; only where the other side has read to that end and closes as well, with nothing left unacknowledged, are
the messages taken to have arrived. Whatever else happens, the batch is sent again, and rows may come twice.
"""

import fcntl
import os
import socket
import ssl
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0
# ioctl of Linux: bytes that were written and are not acknowledged by the other side.
SIOCOUTQ = 0x5411
# Facility 13 is "log audit".
FACILITY = 13
INFORMATIONAL, WARNING = 6, 4


class SinkAddress(Protocol):
    """As ``appliance.settings.env`` reads it."""

    @property
    def scheme(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def path(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Message:
    """``body`` is one JSON object without a line's end; ``name`` an action; ``at`` RFC 3339."""

    at: str
    name: str
    body: bytes
    severity: int = INFORMATIONAL


class NotTaken(OSError):
    """The sink was reached, and it is not certain that it has read everything."""


def deliver(address: SinkAddress, messages: Sequence[Message], *, ca: Path | None = None) -> None:
    """Returns once the sink has taken all messages, in their order.

    Raises:
        OSError: it has not, or that is not certain; some or all may have arrived.
    """
    if address.scheme == "file":
        _append(address.path, messages)
        return
    with _connected(address, ca) as connection:
        connection.sendall(b"".join(map(framed, messages)))
        _close_and_await_end(connection)


def framed(message: Message) -> bytes:
    """RFC 5424 with its length before it."""
    header = f"<{FACILITY * 8 + message.severity}>1 {message.at} {_HOST} appliance {os.getpid()} {message.name[:32]} - "
    text = header.encode() + message.body
    return b"%d %b" % (len(text), text)


_HOST = "".join(letter for letter in socket.gethostname() if 32 < ord(letter) < 127)[:255] or "-"


@contextmanager
def _connected(address: SinkAddress, ca: Path | None) -> Iterator[socket.socket]:
    with socket.create_connection((address.host, address.port), timeout=CONNECT_SECONDS) as plain:
        plain.settimeout(SILENCE_SECONDS)
        if address.scheme == "syslog+tcp":
            yield plain
            return
        context = ssl.create_default_context(cafile=ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with context.wrap_socket(plain, server_hostname=address.host) as secure:
            yield secure


def _close_and_await_end(connection: socket.socket) -> None:
    if isinstance(connection, ssl.SSLSocket):
        try:
            # Waits for the other side's own end, which comes after it has read everything.
            connection.unwrap()
        except ssl.SSLError as error:
            if not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
                raise
        except OSError as error:
            # What Python's ssl calls it where the other side ended the connection without TLS's own end.
            if error.errno != 0:
                raise
        else:
            return
        _await_acknowledgement(connection)
        return
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass
    _await_acknowledgement(connection)


def _await_acknowledgement(connection: socket.socket) -> None:
    """The other side ended the connection politely; did it so with everything in its hands?

    Raises:
        OSError: it had closed before everything was there.
    """
    deadline = time.monotonic() + SILENCE_SECONDS
    while True:
        left = struct.unpack("i", fcntl.ioctl(connection.fileno(), SIOCOUTQ, b"\0\0\0\0"))[0]
        error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        if not left:
            return
        if time.monotonic() > deadline:
            raise NotTaken("the sink closed before it had everything")
        time.sleep(0.01)


def _append(path: Path, messages: Sequence[Message]) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with open(descriptor, "r+b", buffering=0) as file:  # noqa: PTH123 - a descriptor of its own mode
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        # A full disk or a crash left half a line; the next must not be glued to it.
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        written = (b"\n" if torn else b"") + b"".join(message.body + b"\n" for message in messages)
        if file.write(written) != len(written):
            raise NotTaken("the file took a part only; is the disk full?")
        os.fsync(descriptor)
