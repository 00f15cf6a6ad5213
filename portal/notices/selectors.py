import datetime
import uuid

from django.db.models import Q

from portal.core.actor import Actor
from portal.notices.kinds import as_shown
from portal.notices.models import Notice, NoticeQuerySet

MOST_SHOWN = 10
# Some may be about what is closed to the person by now.
LOOKED_AT = 30


def notices(actor: Actor) -> NoticeQuerySet:
    """What the person was told, newest first."""
    return Notice.objects.visible_to(actor).order_by("-created_at", "-id")


def notices_before(found: NoticeQuerySet, at: datetime.datetime, pk: uuid.UUID) -> NoticeQuerySet:
    return found.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))


def unseen_notices(actor: Actor) -> list[Notice]:
    """Those that the person has not dismissed; the newest, where there are very many."""
    return as_shown(actor, notices(actor).unseen()[:LOOKED_AT])[:MOST_SHOWN]
