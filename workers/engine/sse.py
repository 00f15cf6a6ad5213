"""Splits a byte stream into the payloads of its server-sent events.

Follows the event stream format of the HTML standard as far as engines use it: lines end with LF,
CRLF or CR, `data` lines of one event are joined with LF, comments and other fields are dropped,
and an event that the stream's end cuts off is not handed out.
"""

DEFAULT_EVENT_LIMIT = 4 * 1024 * 1024


class EventTooLarge(ValueError):
    """An event, or a line in it, is longer than the limit."""


class EventSplitter:
    """Feed it chunks cut anywhere, it returns the events completed by each.

    Args:
        limit: the most bytes that one unfinished event may take.
    """

    __slots__ = ("_after_cr", "_data", "_data_size", "_limit", "_line")

    def __init__(self, limit: int = DEFAULT_EVENT_LIMIT) -> None:
        self._limit = limit
        self._line = b""
        self._data: list[bytes] = []
        self._data_size = 0
        self._after_cr = False

    @property
    def pending(self) -> bool:
        """Whether bytes of an unfinished event are held."""
        return bool(self._line or self._data)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The payloads of the events that `chunk` completes, in order.

        Raises:
            EventTooLarge: an unfinished event passed the limit.
        """
        # Nearly every chunk of an engine is exactly one event; it needs no splitting.
        if (
            not self._line
            and not self._data
            and not self._after_cr
            and chunk.startswith(b"data: ")
            and chunk.endswith(b"\n\n")
            and chunk.find(b"\n") == len(chunk) - 2
            and b"\r" not in chunk
        ):
            return [chunk[6:-2]]
        return self._split(chunk)

    def _split(self, chunk: bytes) -> list[bytes]:
        if self._after_cr and chunk:
            # A CR ended the previous chunk and its line; an LF here belongs to that line end.
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if chunk.endswith(b"\r"):
            self._after_cr = True
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = chunk.split(b"\n")
        lines[0] = self._line + lines[0]
        self._line = lines.pop()
        events: list[bytes] = []
        for line in lines:
            self._take(line, events)
        if len(self._line) + self._data_size > self._limit:
            raise EventTooLarge(f"an event of the stream is longer than {self._limit} bytes")
        return events

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if not line:
            if self._data:
                events.append(b"\n".join(self._data))
                self._data.clear()
                self._data_size = 0
        elif line.startswith(b"data:"):
            payload = line[6:] if line.startswith(b"data: ") else line[5:]
            self._data.append(payload)
            self._data_size += len(payload)
        elif line == b"data":
            self._data.append(b"")
