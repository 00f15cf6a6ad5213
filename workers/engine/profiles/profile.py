"""The model profile and its reader."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, StringConstraints, ValidationError, model_validator

from workers.engine.protocol import Sampling

_FOLDER: Final = Path(__file__).with_name("models")

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Version = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)+$")]


class EngineKind(StrEnum):
    VLLM = "vllm"
    CPU = "cpu"
    SCRIPTED = "scripted"


class ProfileError(ValueError):
    """A profile that cannot be read; the message names the file and what is wrong with it."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SamplingProfile(_Data):
    """What the model's makers recommend for one way of asking."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=0)
    min_p: float | None = Field(default=None, ge=0, le=1)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)

    def sampling(self) -> Sampling:
        return Sampling(**self.model_dump())


class ModelProfile(_Data):
    """One model served in one way.

    Attributes:
        model: the model's published name; shown, never fetched.
        weights: folder (vLLM) or file (CPU engine) below the weights folder.
        served_name: the name that requests carry.
        thinking: `template` where the chat template has `enable_thinking`, else `none`.
        thinking_budget: whether the engine keeps to `thinking_token_budget`.
        context_length: tokens of input and output together.
        max_num_seqs: requests worked on at once.
        max_in_flight: requests waiting and running together; more get HTTP 503. vLLM only.
        gpus: GPUs that the arguments are for; 0 needs none.
        vram_gb: least GPU memory over all of them.
        max_output_tokens: for most questions, as the model's makers advise.
        args, env: of the engine, beyond what `command` always sets.
    """

    key: Name
    title: str
    kind: EngineKind
    model: str
    weights: Name
    served_name: Name
    licence: str
    images: bool = False
    thinking: Literal["template", "none"] = "none"
    thinking_budget: bool = False
    reasoning_parser: Name | None = None
    tool_parser: Name | None = None
    context_length: PositiveInt
    max_num_seqs: PositiveInt
    max_in_flight: PositiveInt = 1024
    gpus: int = Field(default=0, ge=0)
    vram_gb: int = Field(default=0, ge=0)
    min_vllm_version: Version | None = None
    max_output_tokens: PositiveInt = 32768
    sampling_thinking: SamplingProfile = SamplingProfile()
    sampling_plain: SamplingProfile = SamplingProfile()
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}

    @model_validator(mode="after")
    def _room_for_what_runs(self) -> Self:
        if self.max_in_flight < self.max_num_seqs:
            raise ValueError("max_in_flight must be at least max_num_seqs")
        return self

    def sampling(self, *, thinking: bool) -> Sampling:
        return (self.sampling_thinking if thinking else self.sampling_plain).sampling()


def read_profile(path: Path) -> ModelProfile:
    """Read one file; its name without `.toml` is the profile's key.

    Raises:
        ProfileError: missing, not TOML, or not a profile.
    """
    try:
        return ModelProfile.model_validate({"key": path.stem, **tomllib.loads(path.read_text())})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"model profile {path.name}: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise ProfileError(f"model profile {path.name}: {faults}") from error


def load_profiles(folder: Path = _FOLDER) -> dict[str, ModelProfile]:
    """All profiles of a folder by key.

    Raises:
        ProfileError: one of them cannot be read.
    """
    return {path.stem: read_profile(path) for path in sorted(folder.glob("*.toml"))}


def load_profile(key: str, folder: Path = _FOLDER) -> ModelProfile:
    """The profile `key`.

    Raises:
        ProfileError: there is none of that name, or it cannot be read.
    """
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if key not in known:
        raise ProfileError(f"no model profile {key!r}; known are {', '.join(known)}")
    return read_profile(folder / f"{key}.toml")
