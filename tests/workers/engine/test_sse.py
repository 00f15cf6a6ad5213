import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.engine.sse import EventSplitter, EventTooLarge

line_end = st.sampled_from([b"\n", b"\r\n", b"\r"])
payload_line = st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"").replace(b"\r", b""))
noise = st.sampled_from([b": keep-alive", b"event: message", b"id: 7", b"retry: 10", b":"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A stream and the payloads that it holds."""
    stream, payloads = b"", []
    for _ in range(draw(st.integers(0, 6))):
        end = draw(line_end)
        lines = draw(st.lists(payload_line, min_size=1, max_size=3))
        payloads.append(b"\n".join(lines))
        for line in lines:
            if draw(st.booleans()):
                stream += draw(noise) + end
            # Without a space after the colon the payload must not start with one.
            stream += (b"data:" if draw(st.booleans()) and not line.startswith(b" ") else b"data: ") + line + end
        stream += end
    return stream, payloads


@given(streams(), st.data())
def test_events_survive_any_cut(stream_and_payloads: tuple[bytes, list[bytes]], data: st.DataObject) -> None:
    stream, payloads = stream_and_payloads
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    splitter = EventSplitter()
    events: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        events += splitter.feed(stream[start:end])
    assert events == payloads
    assert not splitter.pending


@given(streams())
def test_events_survive_single_bytes(stream_and_payloads: tuple[bytes, list[bytes]]) -> None:
    stream, payloads = stream_and_payloads
    splitter = EventSplitter()
    assert [event for byte in stream for event in splitter.feed(bytes([byte]))] == payloads


def test_multibyte_text_cut_inside_a_character() -> None:
    event = "data: عقد ✅\n\n".encode()
    splitter = EventSplitter()
    assert splitter.feed(event[:8]) == []
    assert splitter.feed(event[8:]) == ["عقد ✅".encode()]


def test_unfinished_event_is_not_handed_out() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: half\n") == []
    assert splitter.pending


@pytest.mark.parametrize("chunk", [b"data: " + b"x" * 200, b"x" * 200, b"data: " + b"x" * 60 + b"\n"])
def test_unbounded_event_is_refused(chunk: bytes) -> None:
    splitter = EventSplitter(limit=100)

    def feed_for_long() -> None:
        for _ in range(4):
            splitter.feed(chunk)

    with pytest.raises(EventTooLarge):
        feed_for_long()
