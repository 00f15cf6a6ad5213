"""A syslog collector: TLS or plain, and in the moods that a real one has."""

import json
import socket
import ssl
import struct
import subprocess
import threading
import time
from pathlib import Path
from typing import Any


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Certificate and key of `localhost`, its own authority."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


class Collector:
    """``cut_after``: connections, one after another, are cut after so many messages; None takes all.

    ``says_goodbye`` false: it ends without TLS's own end, as many do.
    ``breaks_off``: it has read everything, and then talks nonsense below TLS (``"nonsense"``) or resets (``"reset"``).
    """

    def __init__(self, tls: tuple[Path, Path] | None = None) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.cut_after: list[int | None] = []
        self.stalls = False
        self.says_goodbye = True
        self.breaks_off = ""
        self.messages: list[str] = []
        self.connections = 0
        self._context: ssl.SSLContext | None = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*tls)
        self._open = True
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._open = False
        # Closing alone would not wake the thread that accepts.
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(message.split(" - ", 1)[1]) for message in self.messages]

    def seqs(self) -> list[int]:
        return [event["metadata"]["sequence"] for event in self.events() if event["class_uid"]]

    def _serve(self) -> None:
        while self._open:
            try:
                plain, _ = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            try:
                self._take(plain)
            except (OSError, ValueError):
                plain.close()

    def _take(self, plain: socket.socket) -> None:
        connection = self._context.wrap_socket(plain, server_side=True) if self._context else plain
        limit = self.cut_after.pop(0) if self.cut_after else None
        if self.stalls:
            time.sleep(3)
            connection.close()
            return
        taken, buffer = 0, b""
        while piece := connection.recv(700):
            buffer += piece
            while True:
                length, space, rest = buffer.partition(b" ")
                if not space or len(rest) < int(length):
                    break
                self.messages.append(rest[: int(length)].decode())
                buffer = rest[int(length) :]
                taken += 1
                if limit is not None and taken >= limit:
                    connection.close()
                    return
        if isinstance(connection, ssl.SSLSocket) and self.breaks_off:
            self._break_off(socket.socket(fileno=connection.detach()))
            return
        if isinstance(connection, ssl.SSLSocket) and self.says_goodbye:
            connection.unwrap()
        connection.close()

    def _break_off(self, plain: socket.socket) -> None:
        with plain:
            if self.breaks_off == "nonsense":
                plain.sendall(b"nonsense" * 10)
                time.sleep(0.5)
            else:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
