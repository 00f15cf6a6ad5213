"""Every flag and variable that a profile sends is one that vLLM knows. The GPU profiles cannot be served here."""

import json
import os
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.contract.vllm.folders import ROOT
from workers.engine.address import EngineAddress
from workers.engine.profiles import EngineCommand, EngineKind, command, load_profiles

pytestmark = pytest.mark.vllm

PROFILES = {key: profile for key, profile in load_profiles().items() if profile.kind is EngineKind.VLLM}
TCP = EngineAddress.parse("http://127.0.0.1:8100")
UNIX = EngineAddress.parse("unix:/run/engine.sock")
ANY = next(iter(PROFILES.values()))

WRONG = {
    "an unknown flag": (("--enable-nothing",), {}, "--enable-nothing"),
    "a wrong value": (("--max-model-len=many",), {}, "max-model-len"),
    "an unknown parser": (("--tool-call-parser=none",), {}, "unknown tool parser none"),
    "an unknown speculative setting": (('--speculative-config={"methods":"mtp"}',), {}, "methods"),
    "an unknown setting": ((), {"VLLM_NOTHING": "1"}, "VLLM_NOTHING"),
    "a wrong setting": ((), {"VLLM_DEEP_GEMM_WARMUP": "never"}, "VLLM_DEEP_GEMM_WARMUP"),
}


def commands() -> dict[str, EngineCommand]:
    weights = Path("/weights")
    found = {
        f"{key} {address}": command(profile, address, weights, api_key="key")
        for key, profile in PROFILES.items()
        for address in (TCP, UNIX)
    }
    right = command(ANY, TCP, weights)
    for name, (flags, settings, _) in WRONG.items():
        found[name] = replace(right, argv=(*right.argv, *flags), env={**right.env, **settings})
    return found


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """What vLLM says, all asked at once: importing it takes seconds."""
    done = subprocess.run(
        [os.environ["CONTRACT_VLLM_PYTHON"], "-m", "tests.contract.vllm.parse"],
        input=json.dumps({name: asdict(engine) for name, engine in commands().items()}),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])  # vLLM may have logged before it
    return answer


@pytest.mark.parametrize("address", [TCP, UNIX], ids=["tcp", "unix"])
@pytest.mark.parametrize("key", PROFILES)
def test_vllm_knows_all_that_a_profile_sends(faults: dict[str, list[str]], key: str, address: EngineAddress) -> None:
    assert faults[f"{key} {address}"] == []


@pytest.mark.parametrize("name", WRONG)
def test_what_vllm_does_not_know_is_found(faults: dict[str, list[str]], name: str) -> None:
    assert any(WRONG[name][2] in fault for fault in faults[name])
