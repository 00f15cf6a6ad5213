"""All documents of the sample company, by department."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.console.sample_documents import mails, workbooks
from portal.console.sample_documents.contracts import HALDEN, ORION, pdf, word
from portal.console.sample_documents.scans import scan


@dataclass(frozen=True, slots=True)
class SampleDocument:
    department: str
    name: str
    make: Callable[[], bytes]


SHELF = (
    SampleDocument(
        "Logistics",
        "bookings-week-27.xlsx",
        lambda: workbooks.xlsx(Bookings=workbooks.BOOKINGS, Rates=workbooks.RATES),
    ),
    SampleDocument("Logistics", "export-mails.mbox", mails.mbox),
    SampleDocument("Finance", "ledger-q2.csv", lambda: workbooks.table(workbooks.LEDGER)),
    SampleDocument("Finance", "invoice-HL-2291.pdf", scan),
    SampleDocument("Finance", "reminder-HL-2291.eml", lambda: mails.eml(mails.REMINDER)),
    SampleDocument("Legal", "agreement-halden-line.docx", lambda: word("Carrier agreement with Halden Line", HALDEN)),
    SampleDocument(
        "Legal", "agreement-orion-carriers.pdf", lambda: pdf("Carrier agreement with Orion Carriers", ORION)
    ),
    SampleDocument("Support", "complaint-S-1188.eml", lambda: mails.eml(mails.COMPLAINT)),
    SampleDocument("Support", "shipments.csv", lambda: workbooks.table(workbooks.SHIPMENTS)),
    SampleDocument("IT", "servers.xlsx", lambda: workbooks.xlsx(Servers=workbooks.SERVERS)),
    SampleDocument("IT", "change-request-412.eml", lambda: mails.eml(mails.CHANGE)),
)


def made_documents() -> Mapping[str, tuple[str, bytes]]:
    """By name: the department and the bytes."""
    return {item.name: (item.department, item.make()) for item in SHELF}
