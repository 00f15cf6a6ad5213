"""Where an engine listens: a TCP address or a unix socket."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_UNIX = "unix:"
_SOCKET_PATH_LIMIT = 107  # sun_path of Linux, less its closing NUL


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """`http(s)://host:port` or `unix:/path`; `socket` is set for the second kind only.

    Attributes:
        base_url: for HTTP clients, without a trailing slash and without `/v1`.
    """

    base_url: str
    host: str = ""
    port: int = 0
    socket: Path | None = None

    @classmethod
    def parse(cls, url: str) -> "EngineAddress":
        """Read an address; a trailing `/v1` is accepted and dropped.

        Raises:
            ValueError: not an address of either kind.
        """
        if url.startswith(_UNIX):
            return cls._parse_unix(url.removeprefix(_UNIX))
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an engine address is http://host:port, https://host:port or unix:/path")
        if parts.username or parts.query or parts.fragment:
            raise ValueError("an engine address carries no user, query or fragment")
        path = parts.path.rstrip("/").removesuffix("/v1")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return cls(base_url=f"{parts.scheme}://{parts.netloc}{path}", host=parts.hostname, port=port)

    @classmethod
    def _parse_unix(cls, text: str) -> "EngineAddress":
        path = Path(text)
        if not path.is_absolute():
            raise ValueError("a unix socket address is unix: and an absolute path")
        if len(text.encode()) > _SOCKET_PATH_LIMIT:
            raise ValueError(f"a unix socket path has at most {_SOCKET_PATH_LIMIT} bytes")
        return cls(base_url="http://engine", socket=path)

    @property
    def is_private(self) -> bool:
        """Whether only this machine or a private network can reach it, judged by the address alone.

        A host name counts as private when it has no dot (a compose service) or ends like one of an
        internal network.
        """
        if self.socket is not None:
            return True
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return "." not in self.host or self.host.endswith((".internal", ".local", ".lan"))
        return (address.is_private or address.is_loopback) and not address.is_unspecified

    def __str__(self) -> str:
        return f"{_UNIX}{self.socket}" if self.socket is not None else self.base_url
