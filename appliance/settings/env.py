"""The one typed reader of the environment.

Every setting comes through here. A value may also stand in a file named by ``<NAME>_FILE`` (secrets of compose and
Kubernetes). Bad values raise :class:`BadSetting`, which names the variable and never shows the value.
"""

import ipaddress
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadSetting(ImproperlyConfigured):
    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} {problem}")
        self.name = name


@dataclass(frozen=True, slots=True)
class SinkAddress:
    """``scheme`` is ``syslog+tls``, ``syslog+tcp`` (both with host and port) or ``file`` (with a path)."""

    scheme: str
    host: str = ""
    port: int = 0
    path: Path = Path()


class Environment:
    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str | None = None) -> str:
        """The value of ``name``, or of the file that ``<name>_FILE`` names; without either, ``default``.

        Raises:
            BadSetting: neither is set and there is no default, both are set, or the file cannot be read.
        """
        direct, file_name = self._values.get(name), self._values.get(f"{name}_FILE")
        if direct and file_name:
            raise BadSetting(name, f"and {name}_FILE are both set; set one of them")
        if file_name:
            try:
                return Path(file_name).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise BadSetting(
                    f"{name}_FILE", f"names a file that cannot be read ({type(error).__name__})"
                ) from error
        if direct:
            return direct
        if default is None:
            raise BadSetting(name, "is not set")
        return default

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, "1" if default else "0").lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise BadSetting(name, "must be 1 or 0")

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            raise BadSetting(name, "must be a whole number") from None
        if not least <= number <= most:
            raise BadSetting(name, f"must lie between {least} and {most}")
        return number

    def seconds(self, name: str, default: float, *, least: float, most: float) -> float:
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            raise BadSetting(name, "must be a number of seconds") from None
        if not least <= number <= most:
            raise BadSetting(name, f"must lie between {least} and {most} seconds")
        return number

    def choice(self, name: str, default: str, known: Iterable[str]) -> str:
        """One of ``known``; the default need not be."""
        value, choices = self.text(name, default), sorted(known)
        if value != default and value not in choices:
            raise BadSetting(name, f"must be one of {', '.join(choices)}")
        return value

    def words(self, name: str, default: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def networks(self, name: str, default: str = "") -> list[Network]:
        """Addresses and networks, such as ``10.0.0.0/8,::1``."""
        try:
            return [ipaddress.ip_network(word) for word in self.words(name, default)]
        except ValueError:
            raise BadSetting(name, "must be addresses or networks, with commas between") from None

    def proxies(self, name: str) -> list[str]:
        """Addresses and networks as ``networks`` takes them, or ``*`` for all; empty where nothing is set."""
        words = self.words(name)
        return words if words == ["*"] else [str(network) for network in self.networks(name)]

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().resolve()

    def optional_path(self, name: str) -> Path | None:
        value = self.text(name, "")
        return Path(value).expanduser().resolve() if value else None

    def sink(self, name: str) -> SinkAddress | None:
        """``syslog+tls://host:port``, ``syslog+tcp://host:port`` or ``file:///path``; None where nothing is set."""
        value = self.text(name, "")
        if not value:
            return None
        form = "must be syslog+tls://host:port, syslog+tcp://host:port or file:///path"
        try:
            url = urlsplit(value)
            port = url.port
        except ValueError:
            raise BadSetting(name, form) from None
        if url.query or url.fragment or url.username is not None:
            raise BadSetting(name, form)
        if url.scheme == "file" and not url.netloc and len(url.path) > 1 and not url.path.endswith("/"):
            return SinkAddress("file", path=Path(unquote(url.path)))
        if url.scheme in {"syslog+tls", "syslog+tcp"} and url.hostname and port and url.path in {"", "/"}:
            return SinkAddress(url.scheme, url.hostname, port)
        raise BadSetting(name, form)

    def database(self, name: str, default: str) -> dict[str, str]:
        """``postgresql://user:password@host:port/database`` as Django's keys; ``?host=`` may name a socket folder."""
        url = urlsplit(self.text(name, default))
        if url.scheme not in {"postgresql", "postgres"}:
            raise BadSetting(name, "must be a postgresql:// address; PostgreSQL is the only database")
        try:
            port = url.port
        except ValueError:
            raise BadSetting(name, "has a port that is not a number") from None
        if not url.path.strip("/"):
            raise BadSetting(name, "names no database")
        query = dict(parse_qsl(url.query))
        return {
            "NAME": unquote(url.path.strip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": query.get("host", url.hostname or ""),
            "PORT": str(query.get("port", port or "")),
        }


env = Environment(os.environ)
