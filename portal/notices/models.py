import uuid
from typing import Self

from django.conf import settings
from django.db import models

from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet


class NoticeQuerySet(ScopedQuerySet["Notice"]):
    def _visible_to_person(self, actor: Actor) -> Self:
        return self.filter(person_id=actor.id)

    def unseen(self) -> Self:
        return self.filter(seen_at=None)


class Notice(BaseModel):
    """What the appliance tells one person; shown until he dismisses it, and listed afterwards.

    ``kind`` says which sentence a face makes of ``body``; a person is told once of one ``about``.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=32)
    about = models.UUIDField(default=uuid.uuid4)
    body = models.JSONField(default=dict)
    seen_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        db_table = "notices_notice"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "kind", "about"], name="notices_told_once")]
        indexes = [
            models.Index(fields=["person", "-created_at", "-id"], name="notices_newest_of_person"),
            models.Index(fields=["about"], name="notices_about"),
            models.Index(fields=["person"], name="notices_unseen", condition=models.Q(seen_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
