from typing import Self

from django.conf import settings
from django.db import models

from portal.chat.imports.choices import UNFINISHED, ImportState
from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.models import Workspace


class ImportQuerySet(ScopedQuerySet["Import"]):
    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED)

    def _visible_to_person(self, actor: Actor) -> Self:
        """One's own, and nobody else's."""
        return self.filter(owner_id=actor.person_id)


class Import(BaseModel):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    # What the file was called, its bytes, and how many of them have come.
    name = models.CharField(max_length=120)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=ImportState.choices, default=ImportState.RECEIVING)
    # Conversations of the file that are dealt with: whoever goes on begins behind them.
    position = models.IntegerField(default=0)
    # Of the file, between 0 and 1.
    share = models.FloatField(default=0)
    imported = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    messages = models.IntegerField(default=0)
    files_left_out = models.IntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    fence = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        db_table = "chat_import"
        default_permissions = ()
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="chat_import_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=models.Q(state__in=UNFINISHED), name="chat_import_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ImportProblem(models.Model):
    """A conversation of the file that could not be imported."""

    # ``import`` is a word of Python.
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="problems")
    number = models.IntegerField()
    title = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=40)

    class Meta:
        db_table = "chat_import_problem"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="chat_import_problem_once")]

    def __str__(self) -> str:
        return f"{self.of_id} {self.number}"


class ImportOrigin(models.Model):
    """Where an imported conversation came from, so that importing it again makes nothing."""

    conversation = models.OneToOneField(
        "chat.Conversation", on_delete=models.CASCADE, primary_key=True, related_name="origin"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    source = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200)

    class Meta:
        db_table = "chat_import_origin"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["owner", "source", "external_id"], name="chat_import_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
