from pathlib import Path

import pytest

from workers.engine.address import EngineAddress
from workers.engine.lint import MIN_VLLM_VERSION, Severity, Subject, lint, required_version
from workers.engine.process import child_environment
from workers.engine.profiles import EngineKind, ModelProfile, command, load_profile, load_profiles
from workers.engine.profiles.profile import ProfileError

PROFILES = load_profiles()
LOCAL = EngineAddress.parse("http://127.0.0.1:8100")
WEIGHTS = Path("/weights")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_shipped_profiles_pass_the_lint(profile: ModelProfile) -> None:
    engine = command(profile, LOCAL, WEIGHTS, python="/venv/bin/python")
    subject = Subject(
        profile.kind,
        LOCAL,
        engine.argv,
        child_environment(engine, {}),
        engine_version="0.33.0",
        min_vllm_version=required_version(profile),
    )
    assert [finding.code for finding in lint(subject) if finding.severity is Severity.ERROR] == []


def test_the_ladder_of_models_is_there() -> None:
    assert {key for key, profile in PROFILES.items() if profile.kind is EngineKind.VLLM} >= {
        *("qwen3.5-397b-throughput", "qwen3.5-397b-latency", "qwen3.5-397b-1m"),
        *("qwen3.5-122b", "qwen3.5-35b", "qwen3.5-9b", "qwen3.5-4b"),
    }
    assert PROFILES["smollm2-135m"].kind is EngineKind.CPU


@pytest.mark.parametrize("profile", [p for p in PROFILES.values() if p.kind is EngineKind.VLLM], ids=lambda p: p.key)
def test_vllm_profiles_are_complete(profile: ModelProfile) -> None:
    assert profile.licence == "Apache-2.0"
    assert profile.thinking == "template"
    assert (profile.reasoning_parser, profile.tool_parser) == ("qwen3", "qwen3_coder")
    assert profile.gpus >= 1
    assert required_version(profile) >= MIN_VLLM_VERSION
    thinking, plain = profile.sampling(thinking=True), profile.sampling(thinking=False)
    assert thinking.top_p == 0.95
    assert (plain.temperature, plain.top_p, plain.top_k) == (0.7, 0.8, 20)


def test_vllm_command_line() -> None:
    engine = command(PROFILES["qwen3.5-397b-1m"], LOCAL, WEIGHTS, api_key="secret", python="/venv/bin/python")
    assert engine.argv[:3] == ("/venv/bin/vllm", "serve", "/weights/Qwen3.5-397B-A17B-FP8")
    assert {"--host=127.0.0.1", "--port=8100", "--max-model-len=1010000", "--scheduling-policy=priority"} < set(
        engine.argv
    )
    assert "--language-model-only" in engine.argv
    assert engine.env["VLLM_ALLOW_LONG_MAX_MODEL_LEN"] == "1"
    assert engine.env["VLLM_API_KEY"] == "secret"
    assert "secret" not in " ".join(engine.argv)
    assert "secret" not in repr(engine)


def test_unix_socket_command_line() -> None:
    engine = command(PROFILES["smollm2-135m"], EngineAddress.parse("unix:/run/e.sock"), WEIGHTS)
    assert "--uds=/run/e.sock" in engine.argv
    assert not any(argument.startswith("--port") for argument in engine.argv)


VALID = """
title = "T"
kind = "vllm"
model = "m"
weights = "w"
served_name = "s"
licence = "MIT"
context_length = 10
max_num_seqs = 1
"""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("not toml", "profile bad.toml"),
        (VALID + "surprise = 1", "surprise"),
        (VALID.replace('"vllm"', '"other"'), "kind"),
        (VALID.replace("context_length = 10", "context_length = 0"), "context_length"),
        (VALID.replace('weights = "w"', 'weights = "../etc"'), "weights"),
        (VALID.replace('licence = "MIT"', ""), "licence"),
        (VALID + "gpus = -1", "gpus"),
        (VALID.replace("max_num_seqs = 1", "max_num_seqs = 9") + "max_in_flight = 8", "max_in_flight"),
        (VALID + "[sampling_plain]\ntop_p = 2.0", "top_p"),
    ],
)
def test_bad_profiles_are_refused_by_name(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(ProfileError, match=fault):
        load_profile("bad", tmp_path)


def test_valid_profile_text_is_valid(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(VALID)
    assert load_profile("good", tmp_path).key == "good"


@pytest.mark.parametrize("key", ["none", "../models/scripted", ""])
def test_unknown_profiles_are_refused(key: str) -> None:
    with pytest.raises(ProfileError, match="no model profile"):
        load_profile(key)
