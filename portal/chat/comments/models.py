"""What people say to each other about a message. The model is never given it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.core.models import BaseModel


class Comment(BaseModel):
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="comments")
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="comments", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    edited_at = models.DateTimeField(null=True)
    # Who was told of it: they could read the conversation when it was written.
    mentions = ArrayField(models.UUIDField(), default=list)

    class Meta:
        db_table = "chat_comment"
        default_permissions = ()
        indexes = [models.Index(fields=["message", "created_at"], name="chat_comments_of_message")]

    def __str__(self) -> str:
        return str(self.pk)
