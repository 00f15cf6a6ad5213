"""How the journal stands: its head, the last checkpoint, the last verification, and how far it was forwarded."""

from dataclasses import dataclass

from django.conf import settings

from portal.audit.models import Entry, Standing
from portal.audit.selectors import all_entries, current_head, last_verification
from portal.core.clock import now


@dataclass(frozen=True, slots=True)
class JournalState:
    """``lag`` and ``behind`` (seconds) are of forwarding; None where there is no sink."""

    head: int
    head_hash: str
    standing: Standing
    verification: Entry | None
    lag: int | None
    behind: float | None

    @property
    def is_late(self) -> bool:
        return self.lag is not None and is_late(self.lag, self.behind or 0)


def standing() -> Standing:
    return Standing.objects.filter(id=1).first() or Standing()


def update_standing(**values: object) -> None:
    Standing.objects.update_or_create(id=1, defaults=values)


def journal_state() -> JournalState:
    head, stands = current_head(), standing()
    seq = head.seq if head else 0
    lag = behind = None
    if settings.AUDIT_FORWARD:
        lag, behind = max(0, seq - stands.forwarded_seq), seconds_behind(stands.forwarded_seq)
    return JournalState(seq, head.hash if head else "", stands, last_verification(), lag, behind)


def seconds_behind(forwarded: int) -> float:
    """How old the oldest row is that was not forwarded."""
    oldest = all_entries().filter(seq__gt=forwarded).order_by("seq").values_list("at", flat=True).first()
    return max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0


def is_late(lag: int, behind: float) -> bool:
    return lag > settings.AUDIT_FORWARD_LAG_ROWS or behind > settings.AUDIT_FORWARD_LAG_SECONDS
