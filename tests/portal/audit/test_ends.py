"""How a collector may end a connection whose rows it has taken."""

import socket
import ssl
import threading
from pathlib import Path

from appliance.settings.env import SinkAddress
from portal.audit import sinks
from portal.audit.sinks import Message, deliver
from tests.portal.audit.collector import Collector, make_certificate

MESSAGES = [Message("2026-11-24T00:00:00Z", "test.act", b"{}")]


def test_a_collector_that_talks_back_is_read_to_its_end() -> None:
    with socket.create_server(("localhost", 0)) as listening:
        taken: list[bytes] = []

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                while part := connection.recv(4096):
                    taken.append(part)
                connection.sendall(b"250 taken\n")

        thread = threading.Thread(target=serve)
        thread.start()
        deliver(SinkAddress("syslog+tcp", "localhost", listening.getsockname()[1]), MESSAGES)
        thread.join(10)
    assert b"".join(taken).endswith(b"{}")


class EndedBare(ssl.SSLSocket):
    """What some versions of OpenSSL make of a connection that ends without TLS's own end."""

    def unwrap(self) -> socket.socket:
        raise OSError(0, "Error")


def test_an_end_that_openssl_has_no_error_for_counts_where_everything_was_taken(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    collector = Collector(certificate)
    context = ssl.create_default_context(cafile=certificate[0])
    context.sslsocket_class = EndedBare
    plain = socket.create_connection(("localhost", collector.port))
    with context.wrap_socket(plain, server_hostname="localhost") as secure:
        secure.sendall(sinks.framed(MESSAGES[0]))
        sinks._close_and_await_end(secure)
    collector.close()
