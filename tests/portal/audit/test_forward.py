"""Rows reach the company's collector: all, in order, twice only after a cut; and acts never wait for it."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test import Client, override_settings

from appliance.settings.env import BadSetting, Environment, SinkAddress
from portal.audit import forward as room
from portal.audit import gauges, sinks
from portal.audit.forward import forward
from portal.audit.heads_copy import lines_after
from portal.audit.journal import Act, record_acts
from portal.audit.models import Entry, Head, Standing
from portal.audit.services import note_head
from portal.audit.sinks import Message, NotTaken, deliver
from portal.audit.standing import journal_state, standing, update_standing
from portal.core.actor import system_actor
from tests.portal.audit.collector import Collector, make_certificate
from tests.portal.audit.conftest import ACTOR, act
from tests.portal.audit.test_copies import file_limit
from workers.tasks.audit import forward_rows

TLS, TCP = "syslog+tls", "syslog+tcp"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "SILENCE_SECONDS", 1.0)
    monkeypatch.setattr(room, "_said_late", -1e9)


@pytest.fixture(params=[TLS, TCP])
def collector(
    request: pytest.FixtureRequest, certificate: tuple[Path, Path], quick: None, committed: None
) -> Iterator[Collector]:
    made = Collector(certificate if request.param == TLS else None)
    address = SinkAddress(request.param, "localhost", made.port)
    with override_settings(AUDIT_FORWARD=address, AUDIT_FORWARD_CA=certificate[0]):
        yield made
    if made.listening.fileno() >= 0:
        made.close()


def acts(count: int) -> None:
    with transaction.atomic():
        record_acts(system_actor("test"), [Act("run.view", details={"word": "文件"}) for _ in range(count)])


def forward_and_leave() -> None:
    forward()
    connection.close()


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_rows_arrive_in_order(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BATCH", 40)
    acts(100)
    forward_rows()
    assert collector.seqs() == list(range(1, 101))
    assert collector.connections == 3
    acts(1)
    assert forward() == 1
    assert forward() == 0
    assert collector.seqs() == list(range(1, 102))
    header = collector.messages[0].split(" ")
    assert header[0] == "<110>1"
    assert (header[3], header[5], header[6]) == ("appliance", "run.view", "-")
    assert collector.events()[0]["unmapped"]["details"] == {"word": "文件"}


@pytest.mark.parametrize("cuts", [[0], [1], [17], [39], [5, 0, 33, 1]])
def test_after_cuts_every_row_arrives(collector: Collector, cuts: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that was cut comes again from its beginning; nothing is left out, nothing passes another."""
    monkeypatch.setattr(room, "BATCH", 40)
    collector.cut_after = [cut or None for cut in cuts]
    acts(200)
    for _ in range(len(cuts) + 1):
        forward()
    seen = collector.seqs()
    assert list(dict.fromkeys(seen)) == list(range(1, 201))
    for before, after in pairwise(seen):
        assert after == before + 1 or after % 40 == 1
    assert standing().forwarded_seq == 200
    assert standing().problem == ""


def test_a_collector_that_stalls_holds_nobody_up(collector: Collector) -> None:
    acts(5)
    collector.stalls = True
    sending = threading.Thread(target=forward_and_leave)
    sending.start()
    until(lambda: collector.connections > 0)
    started = time.monotonic()
    acts(50)
    assert time.monotonic() - started < 1
    assert forward() == 0
    sending.join()
    assert standing().forwarded_seq == 0
    assert standing().problem
    collector.stalls = False
    until(lambda: forward() > 0 or standing().forwarded_seq == 55)
    assert list(dict.fromkeys(collector.seqs())) == list(range(1, 56))


def test_a_collector_without_a_goodbye_is_believed(collector: Collector) -> None:
    """Many end a TLS connection without its own end; that everything was acknowledged says as much."""
    collector.says_goodbye = False
    acts(20)
    assert forward() == 20
    assert collector.seqs() == list(range(1, 21))
    assert forward() == 0


@pytest.mark.parametrize("manner", ["nonsense", "reset"])
def test_a_collector_that_breaks_off_is_not_believed(
    committed: None, quick: None, certificate: tuple[Path, Path], manner: str
) -> None:
    """It has read every row, and nothing says that it keeps them."""
    made = Collector(certificate)
    made.breaks_off = manner
    acts(3)
    with override_settings(AUDIT_FORWARD=SinkAddress(TLS, "localhost", made.port), AUDIT_FORWARD_CA=certificate[0]):
        assert forward() == 0
        assert standing().problem
        made.breaks_off = ""
        assert forward() > 0
    made.close()


def test_a_collector_that_is_not_there(collector: Collector) -> None:
    acts(3)
    collector.close()
    assert forward() == 0
    assert "refused" in standing().problem.lower()
    assert journal_state().lag == 3


def test_a_collector_that_nobody_vouches_for_gets_nothing(
    committed: None, quick: None, certificate: tuple[Path, Path]
) -> None:
    made = Collector(certificate)
    acts(3)
    with override_settings(AUDIT_FORWARD=SinkAddress(TLS, "localhost", made.port), AUDIT_FORWARD_CA=None):
        assert forward() == 0
    assert "certificate" in standing().problem.lower()
    assert made.messages == []
    made.close()


def test_checkpoints_are_sent_as_they_stand(collector: Collector, heads: Path) -> None:
    acts(3)
    note_head(ACTOR)
    forward()
    acts(1)
    note_head(ACTOR)
    forward()
    forward()
    sent = [event["message"] for event in collector.events() if event["class_uid"] == 0]
    assert sent == heads.read_text().splitlines()
    assert len(sent) == 2


def test_a_shorter_database_begins_where_it_ends(collector: Collector) -> None:
    acts(3)
    update_standing(forwarded_seq=500)
    forward()
    acts(2)
    assert forward() == 2
    assert collector.seqs() == [4, 5]


def test_a_file_takes_lines(committed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"half": ')
    with override_settings(AUDIT_FORWARD=SinkAddress("file", path=path)):
        acts(3)
        assert forward() == 3
        act()
        assert forward() == 1
    half, *lines = path.read_bytes().splitlines()
    assert half == b'{"half": '
    assert [orjson.loads(line)["metadata"]["sequence"] for line in lines] == [1, 2, 3, 4]
    with override_settings(AUDIT_FORWARD=SinkAddress("file", path=tmp_path / "nowhere" / "audit")):
        act()
        assert forward() == 0
    assert "No such file" in standing().problem


def test_nothing_is_forwarded_without_a_sink(committed: None) -> None:
    acts(3)
    assert forward() == 0
    assert journal_state().lag is None
    assert not Standing.objects.exists()


def test_a_late_sink_is_said_in_log_metrics_and_console(
    collector: Collector, caplog: pytest.LogCaptureFixture, client: Client
) -> None:
    acts(30)
    collector.close()
    with override_settings(AUDIT_FORWARD_LAG_ROWS=20):
        forward()
        forward()
        assert sum("audit.forwarding_is_late" in record.getMessage() for record in caplog.records) == 1
        assert journal_state().is_late
    assert not journal_state().is_late
    shown = client.get("/metrics").content.decode()
    assert "appliance_audit_rows 30.0" in shown
    assert "appliance_audit_forward_lag_rows 30.0" in shown
    assert [item.name for item in gauges.JournalGauges().describe()] == []


def test_metrics_come_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError

    monkeypatch.setattr(gauges, "journal_state", gone)
    assert list(gauges.JournalGauges().collect()) == []


def test_without_a_sink_there_is_no_lag(committed: None) -> None:
    assert [item.name for item in gauges.JournalGauges().collect()] == ["appliance_audit_rows"]
    assert [str(item) for item in (Standing(), Head(seq=3, hash="ab"), Entry(seq=1, action="run.view"))] == [
        "noted 0, forwarded 0",
        "3 ab",
        "1 run.view",
    ]


def test_the_last_part_of_the_lines_is_found_from_the_end(tmp_path: Path) -> None:
    path = tmp_path / "heads"
    assert lines_after(path, 0) == []
    lines = [b"%d %s 2026-11-24T00:00:00+00:00 s.%s\n" % (seq, b"a" * 64, b"b" * 64) for seq in range(1, 3_001)]
    path.write_bytes(b"".join(lines) + b"3001 torn")
    for seq in (0, 1, 1_500, 2_999):
        assert lines_after(path, seq) == lines[seq:]
    assert lines_after(path, 3_000) == []


def test_what_is_not_acknowledged_is_not_taken(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    """The other side ends politely while bytes are still under way."""
    one, other = socket.socketpair()
    with one, other:
        monkeypatch.setattr(sinks, "SILENCE_SECONDS", 0.05)
        monkeypatch.setattr("portal.audit.sinks.fcntl.ioctl", lambda *_: b"\1\0\0\0")
        with pytest.raises(NotTaken):
            sinks._await_acknowledgement(one)


def test_a_closed_connection_is_an_error() -> None:
    """The other side ended politely, and then broke off what was still under way."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        one = socket.create_connection(server.getsockname())
        other, _ = server.accept()
        one.sendall(b"x" * 100)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()
        with one, pytest.raises(OSError, match="reset"):
            sinks._await_acknowledgement(one)


def test_a_tick_ends(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "TICK_SECONDS", 0)
    acts(3)
    assert forward() == 0


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    with file_limit(10), pytest.raises(NotTaken, match="disk"):
        deliver(SinkAddress("file", path=tmp_path / "rows"), [Message("2026", "x", b"{}" * 10)])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("syslog+tls://logs.example:6514", SinkAddress(TLS, "logs.example", 6514)),
        ("syslog+tcp://[::1]:601", SinkAddress(TCP, "::1", 601)),
        ("file:///var/log/audit%20journal", SinkAddress("file", path=Path("/var/log/audit journal"))),
        ("", None),
    ],
)
def test_sinks_are_read(value: str, expected: SinkAddress | None) -> None:
    assert Environment({"X": value}).sink("X") == expected


@pytest.mark.parametrize(
    "value",
    [
        "logs:6514",
        "syslog+tls://logs",
        "syslog+tls://logs:x",
        "syslog+tls://u@logs:1",
        "file://host/x",
        "file:///",
        "udp://a:1",
        "syslog+tls://logs:6514/path",
        "file:///folder/",
        "syslog+tls://logs:6514?x=1",
        "syslog+tls://:1",
    ],
)
def test_bad_sinks_are_refused(value: str) -> None:
    with pytest.raises(BadSetting, match="X must be"):
        Environment({"X": value}).sink("X")


def test_settings_name_nothing_by_default() -> None:
    assert settings.AUDIT_FORWARD is None
    assert settings.AUDIT_HEADS_SECOND is None
