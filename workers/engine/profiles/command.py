"""The command line and environment that serve a profile."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from workers.engine.address import EngineAddress
from workers.engine.profiles.profile import EngineKind, ModelProfile

# A name that no resolver answers: an empty list of domains would allow every one.
BLOCKED_MEDIA_DOMAIN: Final = "blocked.invalid"

# Nothing leaves the machine: usage statistics, hub look-ups, redirects of media fetches.
PRIVATE_ENVIRONMENT: Final = {
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_DO_NOT_TRACK": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_MEDIA_URL_ALLOW_REDIRECTS": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "OTEL_SDK_DISABLED": "true",
}

_VLLM_ARGUMENTS: Final = (
    "--scheduling-policy=priority",
    "--generation-config=vllm",
    f"--allowed-media-domains={BLOCKED_MEDIA_DOMAIN}",
    "--enable-prompt-tokens-details",
    "--enable-force-include-usage",
    "--sse-keep-alive-interval=15",
    "--disable-uvicorn-access-log",
)


@dataclass(frozen=True, slots=True)
class EngineCommand:
    """`env` is what the engine gets beyond the harmless part of the supervisor's environment."""

    argv: tuple[str, ...]
    env: dict[str, str] = field(repr=False)  # holds the key


def command(
    profile: ModelProfile,
    address: EngineAddress,
    weights_dir: Path,
    *,
    api_key: str | None = None,
    python: str = sys.executable,
) -> EngineCommand:
    """How to serve `profile` at `address` from the weights in `weights_dir`.

    The key goes by environment, where other users of the machine cannot read it.
    """
    weights = weights_dir / profile.weights
    match profile.kind:
        case EngineKind.VLLM:
            argv = _vllm(profile, address, weights, python)
            key_name = "VLLM_API_KEY"
        case EngineKind.CPU:
            argv = _cpu(profile, address, weights, python)
            key_name = "ENGINE_API_KEY"
        case EngineKind.SCRIPTED:
            argv = [python, "-m", "workers.engine.scripted", *_listen(address), *profile.args]
            key_name = "ENGINE_API_KEY"
    key = {key_name: api_key} if api_key else {}
    return EngineCommand(tuple(argv), {**PRIVATE_ENVIRONMENT, **profile.env, **key})


def _vllm(profile: ModelProfile, address: EngineAddress, weights: Path, python: str) -> list[str]:
    argv = [str(Path(python).with_name("vllm")), "serve", str(weights), *_listen(address)]
    argv += [
        f"--served-model-name={profile.served_name}",
        f"--max-model-len={profile.context_length}",
        f"--max-num-seqs={profile.max_num_seqs}",
        f"--max-num-queued-reqs={profile.max_in_flight}",
        *_VLLM_ARGUMENTS,
    ]
    if profile.reasoning_parser:
        argv.append(f"--reasoning-parser={profile.reasoning_parser}")
    if profile.tool_parser:
        argv += ["--enable-auto-tool-choice", f"--tool-call-parser={profile.tool_parser}"]
    if profile.thinking == "template":
        # Thinking is asked for, never met by default.
        argv.append(f"--default-chat-template-kwargs={json.dumps({'enable_thinking': False})}")
    if not profile.images:
        argv.append("--language-model-only")
    return [*argv, *profile.args]


def _cpu(profile: ModelProfile, address: EngineAddress, weights: Path, python: str) -> list[str]:
    return [
        *(python, "-m", "workers.engine.cpu_server", *_listen(address)),
        f"--model-file={weights}",
        f"--served-model-name={profile.served_name}",
        f"--slots={profile.max_num_seqs}",
        f"--context-length={profile.context_length}",
        *profile.args,
    ]


def _listen(address: EngineAddress) -> list[str]:
    if address.socket is not None:
        return [f"--uds={address.socket}"]
    return [f"--host={address.host}", f"--port={address.port}"]
