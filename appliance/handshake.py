"""uvicorn's WebSocket protocol, with an answer to handshakes whose headers are too large.

`websockets` writes that answer (414, 431, or the end of the connection), but uvicorn sends it only where an event comes
with it, and so leaves the client and its connection waiting.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class SocketProtocol(WebSocketsSansIOProtocol):
    """Named by `uvicorn --ws appliance.handshake:SocketProtocol`."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.handshake_complete = self.close_sent = True
            self.transport.close()
