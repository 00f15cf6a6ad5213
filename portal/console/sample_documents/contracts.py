"""Agreements with the two carriers, one as a text document and one as PDF; they differ where it matters."""

import io
import json
from collections.abc import Sequence

import docx
import typst

from portal.console.sample_documents.packing import repacked

Clauses = Sequence[tuple[str, str]]

HALDEN: Clauses = (
    ("Services", "The Carrier carries the Customer's containers between the ports of Annex A on its regular services."),
    ("Rates", "The rates of Annex A hold until 31 December 2026. Fuel surcharges change monthly with 14 days' notice."),
    (
        "Rolled cargo",
        "Where the Carrier rolls confirmed cargo, it pays USD 150 a container and day from the third day on.",
    ),
    ("Free time", "Seven calendar days are free at the port of discharge; then demurrage is due as in Annex A."),
    ("Liability", "The Carrier is liable for loss and damage up to 2 SDR a kilogram. Claims are made within 3 days."),
    ("Reefers", "The Carrier keeps the set point within 2 degrees and hands over the log on request within 48 hours."),
    ("Payment", "Invoices are due 30 days after their date. Interest on late payment is 6 percent a year."),
    ("Term", "From 1 January 2026 for two years; each party may end it with 90 days' notice in writing."),
    ("Law", "The law of the Netherlands applies; the courts of Rotterdam decide."),
)
ORION: Clauses = (
    ("Services", "The Carrier accepts bookings of the Customer on all its services, subject to space."),
    ("Rates", "Rates are those of the Carrier's tariff on the day of the booking, less 6 percent."),
    ("Rolled cargo", "The Carrier may roll cargo for operational reasons. No compensation is due."),
    ("Free time", "Five calendar days are free at the port of discharge, ten in Lagos; then demurrage is due."),
    ("Liability", "The Carrier's liability is limited to USD 500 a package. Claims are made within 7 days."),
    ("Reefers", "The Carrier exercises due care in keeping the set point. Logs are kept for 30 days."),
    ("Payment", "Invoices are due 30 days after their date. Interest on late payment is 9 percent a year."),
    ("Term", "From 1 March 2026 for one year; it is renewed for a year unless ended 60 days before its end."),
    ("Law", "English law applies; disputes go to arbitration in London."),
)

_TYPST = """
#set document(title: "Carrier agreement", date: none)
#set page(paper: "a4", margin: 2.5cm, numbering: "1")
#set text(size: 11pt, lang: "en")
#let given = json(bytes(sys.inputs.contract))
#align(center, text(size: 16pt, weight: "bold", given.title))
#v(1em)
#for (number, clause) in given.clauses.enumerate(start: 1) [
  #text(weight: "bold")[#number. #clause.at(0)] \\
  #clause.at(1)
  #v(0.4em)
]
"""


def word(title: str, clauses: Clauses) -> bytes:
    document = docx.Document()
    document.add_heading(title, 0)
    for number, (name, text) in enumerate(clauses, start=1):
        document.add_heading(f"{number}. {name}", 1)
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return repacked(out.getvalue())


def pdf(title: str, clauses: Clauses) -> bytes:
    given = json.dumps({"title": title, "clauses": clauses})
    made: bytes = typst.compile(_TYPST.encode(), ignore_system_fonts=True, sys_inputs={"contract": given})
    return made
