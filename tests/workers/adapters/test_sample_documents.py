"""The sample company's documents, read by the same child process as all others."""

import pytest

from portal.console.sample_documents.shelf import SHELF, SampleDocument
from portal.files.choices import FileState
from portal.files.models import Page
from portal.files.services.upload import upload
from tests.people import Company
from workers.adapters.files import read

SAID = {
    "bookings-week-27.xlsx": "MF-2704",
    "export-mails.mbox": "HLDU 447120-3",
    "ledger-q2.csv": "OC-7713",
    "invoice-HL-2291.pdf": "18,640",
    "reminder-HL-2291.eml": "9 days overdue",
    "agreement-halden-line.docx": "USD 150 a container",
    "agreement-orion-carriers.pdf": "No compensation is due",
    "complaint-S-1188.eml": "MFRU 220914-6",
    "shipments.csv": "S-1190",
    "servers.xlsx": "gw-03",
    "change-request-412.eml": "certificate expired",
}


@pytest.mark.parametrize("document", SHELF, ids=lambda document: document.name)
def test_it_is_ready_with_what_the_questions_need(document: SampleDocument, company: Company) -> None:
    data = document.make()
    file = upload(company.actor("alice"), document.name, [data], len(data))
    read(file.pk)
    file.refresh_from_db()
    assert (file.state, file.error_code) == (FileState.READY, "")
    assert SAID[document.name] in "\n".join(Page.objects.filter(file=file).values_list("text", flat=True))
