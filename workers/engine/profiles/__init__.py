"""Model profiles: which model, how it is served, how it is asked. The profiles are the TOML files in `models`."""

from workers.engine.profiles.command import EngineCommand, command
from workers.engine.profiles.profile import EngineKind, ModelProfile, load_profile, load_profiles

__all__ = ["EngineCommand", "EngineKind", "ModelProfile", "command", "load_profile", "load_profiles"]
