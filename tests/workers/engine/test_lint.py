from dataclasses import replace
from pathlib import Path

import pytest

from workers.engine.address import EngineAddress
from workers.engine.lint import Severity, Subject, lint, lint_attached
from workers.engine.profiles import EngineKind, command, load_profile

ADDRESS = EngineAddress.parse("http://127.0.0.1:8100")
ENGINE = command(load_profile("qwen3.5-397b-latency"), ADDRESS, Path("/weights"))
GOOD = Subject(EngineKind.VLLM, ADDRESS, ENGINE.argv, ENGINE.env, engine_version="0.33.0")


def codes(subject: Subject, severity: Severity = Severity.ERROR) -> list[str]:
    return [finding.code for finding in lint(subject) if finding.severity is severity]


def with_args(*args: str) -> Subject:
    return replace(GOOD, argv=(*GOOD.argv, *args))


def without(text: str) -> Subject:
    return replace(GOOD, argv=tuple(argument for argument in GOOD.argv if not argument.startswith(text)))


def with_env(**env: str) -> Subject:
    return replace(GOOD, env={**GOOD.env, **env})


def test_the_good_one_is_good() -> None:
    assert lint(GOOD) == []


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (None, ["vllm_missing"]),
        ("0.32.9", ["vllm_too_old"]),
        ("0.9.2", ["vllm_too_old"]),
        ("garbage", ["vllm_too_old"]),
        ("0.33.0", []),
        ("0.33.0+cpu", []),
        ("0.100.0", []),
        ("1.0", []),
    ],
)
def test_version(version: str | None, expected: list[str]) -> None:
    assert codes(replace(GOOD, engine_version=version)) == expected


def test_version_that_the_profile_needs() -> None:
    assert codes(replace(GOOD, min_vllm_version="0.40.0")) == ["vllm_too_old"]
    assert codes(replace(GOOD, min_vllm_version="0.20.0", engine_version="0.32.0")) == ["vllm_too_old"]


@pytest.mark.parametrize(
    ("mtp", "caching", "expected"),
    [
        (True, (), ["mtp_with_prefix_caching"]),
        (True, ("--enable-prefix-caching",), ["mtp_with_prefix_caching"]),
        (True, ("--no-enable-prefix-caching",), []),
        (True, ("--no-enable-prefix-caching", "--enable_prefix_caching"), ["mtp_with_prefix_caching"]),
        (False, (), []),
        (False, ("--enable-prefix-caching",), []),
    ],
)
def test_multi_token_prediction_with_prefix_caching(mtp: bool, caching: tuple[str, ...], expected: list[str]) -> None:
    subject = without("--no-enable-prefix-caching")
    argv = tuple(argument for argument in subject.argv if mtp or not argument.startswith("--speculative"))
    assert codes(replace(subject, argv=(*argv, *caching))) == expected


def test_speculation_given_as_two_arguments() -> None:
    subject = replace(
        GOOD, argv=("vllm", "--speculative-config", '{"method":"MTP"}', "--allowed-media-domains", "a.invalid")
    )
    assert codes(subject) == ["mtp_with_prefix_caching"]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (with_env(VLLM_NO_USAGE_STATS="0", DO_NOT_TRACK="0"), "telemetry_on"),
        (with_env(HF_HUB_OFFLINE="0"), "hub_online"),
        (without("--allowed-media-domains"), "media_fetching"),
        (with_args("--allowed-media-domains=example.com"), "media_fetching"),
        (with_args("--allowed-media-domains", ""), "media_fetching"),
        (with_env(VLLM_MEDIA_URL_ALLOW_REDIRECTS="1"), "media_redirects"),
        (with_args("--trust-remote-code"), "unsafe_flag"),
        (with_args("--trust_remote_code"), "unsafe_flag"),
        (with_args("--trust-remote"), "unsafe_flag"),
        (with_args("--enable-log-requests"), "unsafe_flag"),
        (with_args("--enable-log-outputs"), "unsafe_flag"),
        (with_args("--trust-request-chat-template"), "unsafe_flag"),
        (with_args("--trust-request-anything-new"), "unsafe_flag"),
        (with_args("--allowed-local-media-path=/"), "unsafe_flag"),
        (with_env(VLLM_SERVER_DEV_MODE="1"), "unsafe_setting"),
        (with_env(VLLM_ALLOW_RUNTIME_LORA_UPDATING="True"), "unsafe_setting"),
        (with_env(PYTHONOPTIMIZE="1"), "unsafe_setting"),
        (with_env(VLLM_LOGGING_LEVEL="debug"), "debug_log"),
        (replace(GOOD, address=EngineAddress.parse("http://0.0.0.0:8000")), "exposed_address"),
        (replace(GOOD, address=EngineAddress.parse("http://8.8.8.8:8000")), "exposed_address"),
        (replace(GOOD, address=EngineAddress.parse("http://engine.example.com:8000")), "exposed_address"),
    ],
)
def test_each_trap_is_found_alone(subject: Subject, expected: str) -> None:
    assert codes(subject) == [expected]


@pytest.mark.parametrize("args", [("--enable-expert-parallel",), ("--enable-lora",), ("--host=127.0.0.1",)])
def test_harmless_flags_pass(args: tuple[str, ...]) -> None:
    assert codes(with_args(*args)) == []


@pytest.mark.parametrize("name", ["VLLM_SERVER_DEV_MODE", "PYTHONOPTIMIZE"])
@pytest.mark.parametrize("value", ["", "0", "false"])
def test_settings_that_are_off_pass(name: str, value: str) -> None:
    assert codes(with_env(**{name: value})) == []


def test_prefix_caching_needs_salts() -> None:
    caching = command(load_profile("qwen3.5-397b-throughput"), ADDRESS, Path("/weights"))
    assert codes(replace(GOOD, argv=caching.argv, sends_cache_salt=False)) == ["no_cache_salt"]
    assert codes(replace(GOOD, sends_cache_salt=False)) == []


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("unix:/run/engine.sock", False),
        ("http://10.0.0.5:8000", True),
        ("http://engine:8000", True),
    ],
)
def test_open_paths_on_a_network_are_told(address: str, warned: bool) -> None:
    subject = replace(GOOD, address=EngineAddress.parse(address))
    assert codes(subject) == []
    assert (codes(subject, Severity.WARNING) == ["open_paths"]) is warned


def test_cpu_engine() -> None:
    cpu = Subject(EngineKind.CPU, ADDRESS, env={"OMP_WAIT_POLICY": "passive"})
    assert lint(cpu) == []
    assert codes(replace(cpu, env={}), Severity.WARNING) == ["spinning_threads"]
    assert codes(replace(cpu, address=EngineAddress.parse("http://0.0.0.0:1"))) == ["exposed_address"]


@pytest.mark.parametrize(
    ("version", "address", "salts", "expected"),
    [
        ("0.33.0", "http://10.0.0.5:8000", True, []),
        (None, "http://10.0.0.5:8000", True, []),
        ("scripted", "http://10.0.0.5:8000", True, []),
        ("0.32.0", "http://10.0.0.5:8000", True, ["vllm_too_old"]),
        ("0.33.0", "http://10.0.0.5:8000", False, ["no_cache_salt"]),
        ("0.33.0", "https://gpu.example.com", True, ["exposed_address"]),
    ],
)
def test_attached_engines(version: str | None, address: str, salts: bool, expected: list[str]) -> None:
    subject = Subject(EngineKind.VLLM, EngineAddress.parse(address), engine_version=version, sends_cache_salt=salts)
    assert [finding.code for finding in lint_attached(subject)] == expected


def test_every_finding_says_what_to_do() -> None:
    findings = lint(Subject(EngineKind.VLLM, EngineAddress.parse("http://8.8.8.8"), sends_cache_salt=False))
    assert len({finding.code for finding in findings}) >= 6
    assert all(finding.message and finding.remedy for finding in findings)


@pytest.mark.parametrize(
    "url", ["", "engine", "ftp://a", "http://", "unix:relative", "unix:/" + "a" * 120, "http://u:p@a", "http://a?b=c"]
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"address|socket"):
        EngineAddress.parse(url)
