"""Imports for tests: a file is sent as a person sends it, and read by the real child process."""

import uuid

from portal.chat.imports.models import Import
from portal.chat.imports.receiving import piece_size, receive, start_import
from portal.chat.models import Conversation
from tests.people import Company
from workers.adapters.imports import execute


def received(company: Company, content: bytes, owner: str = "alice", department: str = "Logistics") -> Import:
    """Queued, and not read yet."""
    actor = company.actor(owner)
    begun = start_import(actor, company.workspace(department).pk, "export.json", len(content))
    for offset in range(0, len(content), piece_size()):
        receive(actor, begun.pk, offset, content[offset : offset + piece_size()])
    return Import.objects.get(pk=begun.pk)


def imported(company: Company, content: bytes, owner: str = "alice", department: str = "Logistics") -> Import:
    begun = received(company, content, owner, department)
    execute(begun.pk)
    return Import.objects.get(pk=begun.pk)


def tree(conversation: Conversation) -> set[tuple[str, str, str, str, str]]:
    """Parent's text, author, text, model and time of each message."""
    messages = {message.pk: message for message in conversation.messages.all()}
    texts: dict[uuid.UUID | None, str] = {pk: message.text for pk, message in messages.items()}
    return {
        (
            texts.get(message.parent_id, ""),
            message.author,
            message.text,
            message.model,
            message.created_at.isoformat(timespec="milliseconds"),
        )
        for message in messages.values()
    }
