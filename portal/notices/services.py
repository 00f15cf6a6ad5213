"""Telling people something: a row for each, and a ring to their open pages at the commit (a trigger does it)."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import NotFound
from portal.notices.models import Notice


def tell(people: Iterable[uuid.UUID], kind: str, about: uuid.UUID, body: dict[str, Any]) -> None:
    """Tell each of the people once, in the caller's transaction. Who knows already is not told again."""
    rows = [Notice(person_id=person, kind=kind, about=about, body=body) for person in sorted(set(people))]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def untell(people: Iterable[uuid.UUID], kind: str, about: uuid.UUID) -> None:
    """What they were told is no longer so; they can be told of it again."""
    Notice.objects.filter(person_id__in=set(people), kind=kind, about=about).delete()


@transaction.atomic
def dismiss(actor: Actor, notice_id: uuid.UUID) -> Notice:
    """The person has seen it. Dismissing again changes nothing. Raises NotFound."""
    notice = Notice.objects.visible_to(actor).select_for_update().filter(pk=notice_id).first()
    if notice is None:
        raise NotFound
    if notice.seen_at is None:
        notice.seen_at = now()
        notice.save(update_fields=["seen_at"])
        record(actor, "notice.dismiss", Target("notice", notice.pk), details={"kind": notice.kind})
    return notice
