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
