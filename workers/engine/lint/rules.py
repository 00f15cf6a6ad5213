"""The traps, one function each."""

from collections.abc import Iterator
from typing import Final

from workers.engine.lint.findings import MIN_VLLM_VERSION, Finding, Severity, Subject, release


def _error(code: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, code, message, remedy)


def _warning(code: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.WARNING, code, message, remedy)


def exposure(subject: Subject) -> Iterator[Finding]:
    if not subject.address.is_private:
        yield _error(
            "exposed_address",
            "The engine's address can be reached from outside a private network.",
            "Listen on a unix socket, on 127.0.0.1 or on an address of the internal network.",
        )


def attached_exposure(subject: Subject) -> Iterator[Finding]:
    if not subject.address.is_private:
        yield _warning(
            "exposed_address",
            "The engine's address does not look like one of a private network.",
            "Make sure that it leads to a machine of your own, and that only the workers reach it.",
        )


def version(subject: Subject) -> Iterator[Finding]:
    least = max(subject.min_vllm_version, MIN_VLLM_VERSION, key=release)
    if subject.engine_version is None:
        yield _error("vllm_missing", "vLLM's version cannot be read.", f"Install vLLM {least} or newer.")
    elif release(subject.engine_version) < release(least):
        yield _error(
            "vllm_too_old",
            f"vLLM {subject.engine_version} has known faults that reach other users' answers.",
            f"Install vLLM {least} or newer.",
        )


def speculation(subject: Subject) -> Iterator[Finding]:
    if subject.prefix_caching and any("mtp" in value.lower() for value in subject.values("--speculative-config")):
        yield _error(
            "mtp_with_prefix_caching",
            "Multi-token prediction together with prefix caching can corrupt answers silently.",
            "Pass --no-enable-prefix-caching, or drop --speculative-config.",
        )


def telemetry(subject: Subject) -> Iterator[Finding]:
    if subject.env.get("VLLM_NO_USAGE_STATS") != "1" and subject.env.get("DO_NOT_TRACK") != "1":
        yield _error("telemetry_on", "vLLM would send usage statistics.", "Set VLLM_NO_USAGE_STATS=1.")
    if subject.env.get("HF_HUB_OFFLINE") != "1":
        yield _error("hub_online", "The engine could fetch from a model hub.", "Set HF_HUB_OFFLINE=1.")


def media(subject: Subject) -> Iterator[Finding]:
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


def unsafe_flags(subject: Subject) -> Iterator[Finding]:
    for name in subject.names():
        # Abbreviations count too: the engine's own parser accepts them.
        reason = next((why for flag, why in _UNSAFE_FLAGS.items() if flag.startswith(name) and len(name) > 5), None)
        if reason is None and name.startswith("--trust-request"):
            reason = "trusts what a request brings"
        if reason is not None:
            yield _error("unsafe_flag", f"{name} {reason}.", f"Drop {name}.")


def unsafe_settings(subject: Subject) -> Iterator[Finding]:
    for name, reason in _UNSAFE_SETTINGS.items():
        if subject.env.get(name, "0").lower() not in ("", "0", "false"):
            yield _error("unsafe_setting", f"{name} {reason}.", f"Unset {name}.")
    if subject.env.get("VLLM_LOGGING_LEVEL", "").upper() == "DEBUG":
        yield _error("debug_log", "vLLM's debug log holds content.", "Set VLLM_LOGGING_LEVEL to INFO.")


def cache_salt(subject: Subject) -> Iterator[Finding]:
    if subject.prefix_caching and not subject.sends_cache_salt:
        yield _error(
            "no_cache_salt",
            "Departments would share one prefix cache, and its timing tells what others asked.",
            "Configure the secret that cache salts are made from.",
        )


def open_paths(subject: Subject) -> Iterator[Finding]:
    if subject.address.socket is None and subject.address.host not in ("127.0.0.1", "::1", "localhost"):
        yield _warning(
            "open_paths",
            "vLLM's key guards /v1 only; /invocations, /tokenize and /metrics answer every caller on that network.",
            "Listen on a unix socket, or let only the workers reach the engine's network.",
        )


def waiting_threads(subject: Subject) -> Iterator[Finding]:
    if subject.env.get("OMP_WAIT_POLICY", "").lower() != "passive":
        yield _warning(
            "spinning_threads",
            "The CPU engine's waiting threads would take the cores that the portal needs.",
            "Set OMP_WAIT_POLICY=passive.",
        )


def no_model(_subject: Subject) -> Iterator[Finding]:
    yield _warning("no_model", "The scripted engine plays parts; it answers nothing.", "Use it for tests only.")
