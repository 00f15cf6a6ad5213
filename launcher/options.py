"""What the environment asks of the launcher. Portal and worker read the same names, and more, for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from launcher.errors import LauncherError

DEFAULT_PORT = 8000
DEFAULT_HOST = "127.0.0.1"

PROFILES = Path("workers/engine/profiles/models")
"""Where the checkout keeps the profiles of models, one file each."""

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Options:
    """Where to run, and which services are given instead of the embedded ones."""

    root: Path
    data: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    sample: bool = True
    database_url: str | None = None
    redis_url: str | None = None
    engine_url: str | None = None
    engine_model: str = ""
    engine_key: str | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """What to open in a browser on this machine."""
        host = DEFAULT_HOST if self.host in {"0.0.0.0", "::", ""} else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def read_options(environment: Mapping[str, str], root: Path) -> Options:
    """Raises LauncherError, naming the variable, where a value cannot be used."""
    data = Path(environment.get("APPLIANCE_DATA") or root / "var").expanduser()
    engine_url = _address(environment, "APPLIANCE_ENGINE_URL", {"http", "https"})
    _check_profile(environment.get("APPLIANCE_ENGINE_PROFILE") or "", root)
    return Options(
        root=root,
        data=(root / data).resolve(),
        host=environment.get("APPLIANCE_HOST") or DEFAULT_HOST,
        port=_port(environment.get("PORT") or str(DEFAULT_PORT)),
        sample=_flag("APPLIANCE_SAMPLE", environment.get("APPLIANCE_SAMPLE") or "1"),
        database_url=_address(environment, "APPLIANCE_DATABASE_URL", {"postgresql", "postgres"}),
        redis_url=_address(environment, "APPLIANCE_REDIS_URL", {"redis", "rediss"}),
        engine_url=engine_url,
        engine_model=_engine_model(environment, engine_url),
        engine_key=_text(environment, "APPLIANCE_ENGINE_API_KEY"),
    )


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise LauncherError("PORT must be a number from 1 to 65535.")
    return int(value)


def _flag(name: str, value: str) -> bool:
    if value.lower() not in _TRUE | _FALSE:
        raise LauncherError(f"{name} must be 1 or 0.")
    return value.lower() in _TRUE


def _address(environment: Mapping[str, str], name: str, schemes: set[str]) -> str | None:
    value = _text(environment, name)
    if value is None:
        return None
    if urlsplit(value).scheme not in schemes:
        raise LauncherError(f"{name} must be an address that begins with {' or '.join(sorted(schemes))}://")
    return value


def _engine_model(environment: Mapping[str, str], engine_url: str | None) -> str:
    model = _text(environment, "APPLIANCE_ENGINE_MODEL") or ""
    if model and engine_url is None:
        raise LauncherError(
            "APPLIANCE_ENGINE_MODEL names a model of a given engine: set APPLIANCE_ENGINE_URL too, "
            "or choose an engine to start with APPLIANCE_ENGINE_PROFILE."
        )
    return model


def _check_profile(name: str, root: Path) -> None:
    known = sorted(path.stem for path in (root / PROFILES).glob("*.toml"))
    if name and name not in known:
        raise LauncherError(f"APPLIANCE_ENGINE_PROFILE names no profile; known are {', '.join(known)}.")


def _text(environment: Mapping[str, str], name: str) -> str | None:
    """The variable, or the content of the file that its twin names."""
    return environment.get(name) or _content(environment.get(f"{name}_FILE"), name) or None


def _content(file: str | None, name: str) -> str | None:
    if not file:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LauncherError(f"{name}_FILE names a file that cannot be read ({type(error).__name__}).") from error
