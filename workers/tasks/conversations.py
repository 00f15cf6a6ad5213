import uuid

from celery import shared_task

from portal.chat.search.indexing import index_messages
from portal.core.declare import declares
from portal.core.jobs import send_now
from workers.adapters.process import worker_process

INDEX = "conversations.index"
# Others wait in the same queue, so a long catching-up goes on in another job.
SECONDS = 2


@shared_task(name=INDEX)
@declares("conversation.index")
def index_conversations() -> None:
    if index_messages(seconds=SECONDS):
        send_now(INDEX, {}, "background")


@shared_task(name="conversations.title")
@declares("conversation.title")
def title_conversations(conversation_ids: list[str]) -> None:
    """A doorbell: the titles come when the worker has nothing better to do."""
    worker_process().title([uuid.UUID(pk) for pk in conversation_ids])
