from django.db import models
from django.utils.translation import gettext_lazy as _


class Author(models.TextChoices):
    PERSON = "user", _("person")
    MODEL = "assistant", _("model")


class Thinking(models.TextChoices):
    OFF = "off", _("off")
    BUDGETED = "budgeted", _("budgeted")
    DEEP = "deep", _("deep")


class CompactionKind(models.TextChoices):
    # Stands for all messages of the branch up to its message.
    HISTORY = "history", _("summary of the history")
    # Stands for what its message says, documents included.
    NOTES = "notes", _("notes of a long question")


class TitledBy(models.TextChoices):
    """What a conversation's title is from. A person's stays; the first words of the question wait for the model's."""

    WORDS = "words", _("first words")
    MODEL = "model", _("model")
    PERSON = "person", _("person")


class OpenTo(models.TextChoices):
    """What everybody may do in a conversation who may open its workspace."""

    NOBODY = "", _("only those who are named")
    READ = "read", _("everyone in the workspace reads it")
    ASK = "ask", _("everyone in the workspace reads it and asks in it")


OPENS: dict[str, frozenset[str]] = {
    OpenTo.NOBODY: frozenset(),
    OpenTo.READ: frozenset({"conversation.view"}),
    OpenTo.ASK: frozenset({"conversation.view", "message.ask"}),
}
"""The rights that it gives."""
