"""Refusals, and acts of nobody in particular, bounded: a flood must not fill the journal.

The first refusal of a kind is written at once. Equal ones that follow within the window are counted, and when it
closes one row says how many there were. Whoever is refused in too many different ways, and all of them together, have
an allowance of rows a window; beyond it refusals are counted only, in one row that says how many were not written one
by one. Windows are a process's own; what they count is written by the first request after their end, or at the
process's end.
"""

import atexit
import threading
import time
from dataclasses import dataclass, field, replace

import structlog
from django.conf import settings

from portal.audit.journal import Act
from portal.audit.scene import Scene, current_scene, opened
from portal.audit.witness import witness
from portal.core.actor import ANONYMOUS, Actor

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60.0
# Kept apart in memory at most; the others share one count.
MOST_SUBJECTS = 2_000

Kind = tuple[str, str, str, str, str, str]


@dataclass(slots=True)
class _Repeated:
    actor: Actor
    act: Act
    more: int = 0


@dataclass(slots=True)
class _Subject:
    """Who is refused: a person, or an address where nobody is signed in."""

    actor: Actor
    address: str
    ends_at: float
    kinds: dict[Kind, _Repeated] = field(default_factory=dict)
    unwritten: int = 0


class Refusals:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subjects: dict[str, _Subject] = {}
        self._written = 0
        self._ends_at = 0.0
        self._crowd = 0

    def note(self, actor: Actor, act: Act) -> None:
        """Write the refusal, or count it. Raises as ``witness`` does."""
        scene = current_scene()
        act = replace(act, place=scene.place, address=scene.address)
        with self._lock:
            kind = self._counted(actor, act)
        if kind is None:
            scene.saw([act.outcome])
            return
        try:
            witness(actor, act)
        except Exception:
            # Not in the journal, so the next of its kind is the first again.
            with self._lock:
                self._forget(actor, act, kind)
            raise

    def _counted(self, actor: Actor, act: Act) -> Kind | None:
        """The act's kind where it is to be written now; None where it was only counted."""
        clock = time.monotonic()
        if clock >= self._ends_at:
            self._written, self._ends_at = 0, clock + WINDOW_SECONDS
        subject = self._subject(actor, act.address or "", clock)
        if subject is None:
            self._crowd += 1
            return None
        kind = _kind(act)
        known = subject.kinds.get(kind)
        if known is not None:
            known.more += 1
        elif len(subject.kinds) >= settings.AUDIT_REFUSALS or self._written >= settings.AUDIT_REFUSALS_OF_ALL:
            subject.unwritten += 1
        else:
            self._written += 1
            subject.kinds[kind] = _Repeated(actor, act)
            return kind
        return None

    def _subject(self, actor: Actor, address: str, clock: float) -> _Subject | None:
        name = _name(actor, address)
        found = self._subjects.get(name)
        if found is None and len(self._subjects) < MOST_SUBJECTS:
            found = self._subjects[name] = _Subject(actor, address, clock + WINDOW_SECONDS)
        return found

    def _forget(self, actor: Actor, act: Act, kind: Kind) -> None:
        subject = self._subjects.get(_name(actor, act.address or ""))
        if subject is not None:
            subject.kinds.pop(kind, None)

    def flush(self, *, everything: bool = False) -> None:
        """Write the counts of the windows that are over. Raises as ``witness`` does; the counts are kept then."""
        clock = time.monotonic()
        with self._lock:
            over = {name: one for name, one in self._subjects.items() if everything or one.ends_at <= clock}
            for name in over:
                del self._subjects[name]
            crowd = 0
            if over:
                crowd, self._crowd = self._crowd, 0
        rows = [row for subject in over.values() for row in _summary(subject)]
        if crowd:
            rows.append((ANONYMOUS, _unwritten(crowd, "")))
        try:
            # In a scene of its own: the request that writes the counts of others leaves its own row all the same.
            with opened(Scene()):
                for actor, act in rows:
                    witness(actor, act)
        except Exception:
            with self._lock:
                self._crowd += crowd
                self._subjects = over | self._subjects
            raise

    def clear(self) -> None:
        with self._lock:
            self._subjects, self._written, self._ends_at, self._crowd = {}, 0, 0.0, 0


def _name(actor: Actor, address: str) -> str:
    if actor.id:
        return f"person {actor.id}"
    return f"address {_network(address)}" if address else f"{actor.kind} {actor.name}"


def _network(address: str) -> str:
    """Who has one IPv6 address has the whole /64."""
    return ":".join(address.split(":")[:4]) if ":" in address else address


def _kind(act: Act) -> Kind:
    target = act.target
    return (act.action, act.place or "", target.type, str(target.id or ""), act.outcome, act.reason)


def _summary(subject: _Subject) -> list[tuple[Actor, Act]]:
    repeated = [one for one in subject.kinds.values() if one.more]
    rows = [(one.actor, replace(one.act, details={**one.act.details, "again": one.more})) for one in repeated]
    if subject.unwritten:
        rows.append((subject.actor, _unwritten(subject.unwritten, subject.address)))
    return rows


def _unwritten(count: int, address: str) -> Act:
    return Act(
        "audit.summarise",
        outcome="denied",
        reason="too many to be written one by one",
        details={"refusals": count},
        place="refusals",
        address=address,
    )


refusals = Refusals()


@atexit.register
def _at_the_end() -> None:
    try:
        refusals.flush(everything=True)
    except Exception as error:  # noqa: BLE001 - the process ends, and its database may have gone before
        log.warning("audit.not_summarised", error=type(error).__name__)
