"""What the lint judges and what it says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from workers.engine.address import EngineAddress
from workers.engine.profiles.profile import EngineKind

# The first release without the leak of forced text into other users' answers and later advisories.
MIN_VLLM_VERSION: Final = "0.33.0"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One trap found; the supervisor serves nothing while there is one of severity `error`."""

    severity: Severity
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged.

    Attributes:
        env: the engine's whole environment.
        engine_version: the installed or attached vLLM's; None if unknown.
        sends_cache_salt: whether requests carry a salt set by the server.
    """

    kind: EngineKind
    address: EngineAddress
    argv: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    engine_version: str | None = None
    min_vllm_version: str = MIN_VLLM_VERSION
    sends_cache_salt: bool = True

    def values(self, flag: str) -> list[str]:
        """The values given to `flag`, as `--flag value` or `--flag=value`; "" for a bare flag."""
        found = []
        for index, argument in enumerate(self.argv):
            name, has_value, value = argument.partition("=")
            if name.replace("_", "-") == flag:
                following = self.argv[index + 1] if index + 1 < len(self.argv) else ""
                found.append(value if has_value else "" if following.startswith("-") else following)
        return found

    def names(self) -> list[str]:
        return [argument.partition("=")[0].replace("_", "-") for argument in self.argv if argument.startswith("--")]

    @property
    def prefix_caching(self) -> bool:
        """vLLM caches prefixes unless told not to; the last word counts."""
        words = [name for name in self.names() if name in ("--enable-prefix-caching", "--no-enable-prefix-caching")]
        return not words or words[-1] == "--enable-prefix-caching"


def release(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(number) for number in found.group().split(".")) if found else ()
