"""What is asked of an engine in a run, answers and steps on the way to them alike."""

import hashlib
import hmac
import uuid
from collections.abc import Sequence

from django.conf import settings

from portal.runs.services.lease import Claim
from workers.adapters.engines import profile_of
from workers.engine.protocol import ChatMessage, ChatRequest, Sampling, Thinking


def thinks(claim: Claim) -> bool:
    return claim.thinking != "off" and claim.engine_thinks and not claim.answer_now


def answer_limit(claim: Claim) -> int | None:
    profile = profile_of(claim.engine_profile)
    return profile.max_output_tokens if profile else None


def sees(claim: Claim) -> bool:
    profile = profile_of(claim.engine_profile)
    return bool(profile and profile.images)


def request_for(
    claim: Claim,
    messages: Sequence[ChatMessage],
    *,
    thinking: bool,
    max_tokens: int | None,
    step: str = "",
) -> ChatRequest:
    """``step`` tells a run's requests apart."""
    profile = profile_of(claim.engine_profile)
    return ChatRequest(
        model=claim.engine_model,
        messages=messages,
        thinking=Thinking(thinking, claim.thinking_budget if thinking else None),
        sampling=profile.sampling(thinking=thinking) if profile else Sampling(),
        max_tokens=max_tokens,
        cache_salt=cache_salt(claim.department),
        request_id=f"{claim.run.hex}-{claim.fence}{step}",
    )


def cache_salt(department: uuid.UUID) -> str:
    """Departments must not share cached prefixes: the time to first token would tell what others asked."""
    name = f"cache-salt:{department}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), name, hashlib.sha256).hexdigest()
