"""The append-only journal of acts.

A row is sealed by the application (see ``keys``) and inserted in the transaction of its act. At commit a deferred
constraint trigger numbers it, links it to the row before it and moves the head (see ``migrations/0003_seal``), so the
chain is in commit order and the lock on the head is held for the commit only. A transaction whose row cannot be
chained does not commit. The timetable notes the head outside the database (see ``checkpoints``).
"""

import uuid

from django.db import models

from portal.core.reasons import COMMON


class Entry(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Position in the chain, from 1 without gaps; given at commit.
    seq = models.BigIntegerField(null=True, unique=True, editable=False)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=16)
    reason = models.CharField(max_length=200, blank=True)
    # The entrance: a route's pattern, a socket's event, a task or a command; and where a request came from.
    place = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    # The person for whom the appliance did it.
    on_behalf_of_id = models.UUIDField(null=True)
    # The canonical JSON of all of the above.
    body = models.TextField()
    # Signature of the body, by a key that the database does not have; empty in rows from before there were seals.
    seal = models.CharField(max_length=80, blank=True, default="")
    previous_hash = models.CharField(max_length=64, blank=True, default="")
    # Over the hash before it, the position, the body and the seal.
    hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "audit_entry"
        verbose_name_plural = "entries"
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["actor_id", "-seq"], name="audit_by_actor"),
            models.Index(fields=["object_type", "object_id", "-seq"], name="audit_by_object"),
            # The viewer's filters; each keeps the order of the list, so that a page is read and no more.
            models.Index(fields=["action", "-seq"], name="audit_by_action"),
            models.Index(fields=["outcome", "-seq"], name="audit_by_outcome", condition=~models.Q(outcome="allowed")),
            models.Index(
                fields=["on_behalf_of_id", "-seq"],
                name="audit_by_beneficiary",
                condition=models.Q(on_behalf_of_id__isnull=False),
            ),
            # Refusals, and what was allowed for an uncommon reason.
            models.Index(fields=["-seq"], name="audit_by_reason", condition=~models.Q(reason__in=("", *COMMON))),
            models.Index(fields=["at", "seq"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class Standing(models.Model):
    """One row: how far the journal was noted and forwarded. It is for console and forwarder, and proves nothing."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    noted_seq = models.BigIntegerField(default=0)
    noted_at = models.DateTimeField(null=True)
    forwarded_seq = models.BigIntegerField(default=0)
    forwarded_at = models.DateTimeField(null=True)
    # Up to which row's checkpoint the lines of checkpoints were sent.
    heads_seq = models.BigIntegerField(default=0)
    # Why the sink does not take rows; empty where it does.
    problem = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "audit_standing"
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_standing_is_one_row")]

    def __str__(self) -> str:
        return f"noted {self.noted_seq}, forwarded {self.forwarded_seq}"


class Head(models.Model):
    """One row: how many entries the chain has and the hash of the last."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_head"
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_one_row")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"
