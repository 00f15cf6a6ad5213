"""The index of what was said. A background job fills it; asking and answering write nothing here."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Entry(models.Model):
    """The words of one message (see ``words``), with those of its owner and author, so that one index finds both."""

    message = models.OneToOneField("chat.Message", on_delete=models.CASCADE, primary_key=True, related_name="+")
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="+")
    # As in the conversation, whose owner never changes.
    owner_id = models.UUIDField()
    at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        db_table = "chat_search_entry"
        default_permissions = ()
        indexes = [
            # Without a list of what is pending, which each search would have to read through.
            GinIndex(fields=["words"], name="chat_search_words", fastupdate=False),
            models.Index(fields=["owner_id", "-at"], name="chat_search_newest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
