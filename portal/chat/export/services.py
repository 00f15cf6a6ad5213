import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Target, record
from portal.chat.access import conversation_by_right
from portal.chat.export import reading
from portal.chat.export.markdown import as_markdown
from portal.chat.export.names import disposition, file_name
from portal.chat.export.own_json import as_json
from portal.chat.export.pdf import as_pdf
from portal.chat.export.reading import Exported
from portal.chat.models import Conversation
from portal.core.actor import Actor
from portal.core.errors import TooLarge

Format = Literal["markdown", "json", "pdf"]
Branches = Literal["shown", "all"]

_MAKERS: dict[Format, tuple[Callable[[Conversation, Sequence[Exported]], bytes], str, str]] = {
    "markdown": (as_markdown, "text/markdown; charset=utf-8", "md"),
    "json": (as_json, "application/json", "json"),
    "pdf": (as_pdf, "application/pdf", "pdf"),
}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    content: bytes
    media_type: str
    disposition: str


def export_conversation(actor: Actor, conversation_id: uuid.UUID, format: Format, branches: Branches) -> ExportedFile:
    """A file of it, recorded in the journal before it is handed out.

    Raises:
        NotFound, Sealed: the actor has no right to read it. Break-glass opens it for reading only.
        TooLarge: there is too much of it for one file, or for a PDF.
        Unavailable: no PDF can be made at present.
    """
    conversation = conversation_by_right(actor, conversation_id)
    length = reading.size(conversation)
    if length > reading.MOST_CHARACTERS:
        raise TooLarge(_("This conversation is too long for one file."), details={"limit": reading.MOST_CHARACTERS})
    messages = reading.shown(conversation) if branches == "shown" else reading.everything(conversation)
    make, media_type, extension = _MAKERS[format]
    content = make(conversation, messages)
    with transaction.atomic():
        details = {"format": format, "branches": branches, "messages": len(messages)}
        record(actor, "conversation.export", Target("conversation", conversation.pk), details=details)
    return ExportedFile(content, media_type, disposition(file_name(conversation.title, extension)))
