"""The documents of the sample company, and conversations that have some of them.

The answers are written here and say so; the workers read the documents as they read all others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.chat.choices import Author
from portal.chat.imports.storing import Incoming, IncomingMessage, store
from portal.chat.models import Conversation
from portal.chat.services.attach import attach
from portal.departments.models import Workspace
from portal.files.services.upload import upload

WRITTEN_BY = "Sample"
Documents = Mapping[str, tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class SampleConversation:
    person: str
    workspace: str
    title: str
    documents: tuple[str, ...]
    question: str
    answer: str


CONVERSATIONS = (
    SampleConversation(
        "alice",
        "Export planning",
        "Export week 27: what is at risk",
        ("bookings-week-27.xlsx", "export-mails.mbox"),
        "Here are the bookings of week 27 and today's mails. Which bookings are at risk?",
        "Three of the six:\n\n"
        "| Booking | Why | By when |\n|---|---|---|\n"
        "| MF-2703 | The dangerous goods declaration is missing; Orion cancels without it. | Wednesday 1 July, "
        "10:00 |\n"
        "| MF-2704 | One of three containers is rolled to Halden Moon (10 July). | Tuesday 30 June, 17:00 |\n"
        "| MF-2706 | Harbour Foods wants four reefers instead of three. | today |\n\n"
        "MF-2701 sails two days later with MF-2704's vessel, and loses nothing by it.",
    ),
    SampleConversation(
        "bob",
        "Invoices",
        "Ledger of the second quarter",
        ("ledger-q2.csv", "invoice-HL-2291.pdf", "reminder-HL-2291.eml"),
        "Does anything in the ledger look wrong? The scan and the reminder belong to HL-2291.",
        "- **OC-7713** (Orion Carriers, EUR 6,930) is entered and paid twice, on 16 and on 19 June.\n"
        "- **HL-2291** (Halden Line, EUR 18,640) is overdue since 13 June. The scan has the same total; EUR "
        "1,520 of it is "
        "demurrage for 12 days.\n- **CB-118** (EUR 1,523.20 with tax) is overdue since 10 June.",
    ),
    SampleConversation(
        "charlie",
        "Contracts",
        "Two carrier agreements compared",
        ("agreement-halden-line.docx", "agreement-orion-carriers.pdf"),
        "What do we get under each agreement when a carrier rolls our cargo?",
        "- **Halden Line, clause 3**: USD 150 a container and day, from the third day on.\n"
        "- **Orion Carriers, clause 3**: nothing; it may roll cargo for operational reasons.",
    ),
)


def begin_conversations(people: Mapping[str, User], workspaces: Mapping[str, Workspace], documents: Documents) -> None:
    """As the people themselves would: by their rights, and with rows in the journal."""
    for sample in CONVERSATIONS:
        actor, workspace = actor_for(people[sample.person]), workspaces[sample.workspace]
        files = [
            upload(actor, name, [data], len(data), workspace.pk)
            for name, data in ((name, documents[name][1]) for name in sample.documents)
        ]
        question = IncomingMessage("question", None, Author.PERSON, sample.question, "", "", None)
        answer = IncomingMessage("answer", "question", Author.MODEL, sample.answer, "", WRITTEN_BY, None)
        incoming = Incoming("sample", sample.title, sample.title, [question, answer], "answer", None, None, 0)
        (pk,) = store(actor.person_id, workspace.pk, [incoming])
        attach(Conversation.objects.get(pk=pk).messages.get(author=Author.PERSON), files)


def lay_out(documents: Documents, folder: Path) -> None:
    """Each in the folder of its department, for people to attach."""
    for name, (department, data) in documents.items():
        place = folder / department
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
