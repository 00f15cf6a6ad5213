"""Workbooks and tables."""

import csv
import datetime
import io
from collections.abc import Sequence

import openpyxl

from portal.console.sample_documents.packing import repacked

Cell = str | int | float | datetime.date
Rows = Sequence[Sequence[Cell]]

_WEEK = """
Booking;Customer;To;Containers;Carrier;Vessel;ETD;Cut-off;Status
MF-2701;Nordwerk Pumps;New York;1 x 40' HC;Halden Line;Halden Star;2026-07-01;2026-06-30;confirmed
MF-2702;Tessa Textiles;Santos;2 x 40' HC;Orion Carriers;Orion Bay;2026-07-02;2026-06-30;confirmed
MF-2703;Kolor Paints;Singapore;2 x 20';Orion Carriers;Orion Reef;2026-07-03;2026-07-01;papers missing
MF-2704;Nordwerk Pumps;New York;3 x 40' HC;Halden Line;Halden Star;2026-07-01;2026-06-30;confirmed
MF-2705;Alma Furniture;Dubai;4 x 40' HC;Orion Carriers;Orion Bay;2026-07-02;2026-06-30;confirmed
MF-2706;Harbour Foods;Lagos;3 x 40' RF;Halden Line;Halden Moon;2026-07-10;2026-07-08;requested
"""
BOOKINGS: Rows = [line.split(";") for line in _WEEK.split("\n") if line]
RATES: Rows = (
    ("Carrier", "To", "USD a 40' HC", "Free days", "Demurrage USD a day"),
    ("Halden Line", "New York", 2480, 7, 120),
    ("Orion Carriers", "New York", 2310, 5, 165),
    ("Halden Line", "Lagos", 3150, 7, 140),
    ("Orion Carriers", "Lagos", 3290, 10, 110),
    ("Orion Carriers", "Singapore", 1740, 7, 95),
)
LEDGER: Rows = (
    ("date", "invoice", "party", "net_eur", "vat_eur", "due", "paid", "booking"),
    ("2026-05-04", "HL-2258", "Halden Line", 7440, 0, "2026-06-03", "2026-06-01", "MF-2611"),
    ("2026-05-14", "HL-2291", "Halden Line", 18640, 0, "2026-06-13", "", "MF-2618"),
    ("2026-05-18", "OC-7713", "Orion Carriers", 6930, 0, "2026-06-17", "2026-06-16", "MF-2620"),
    ("2026-05-18", "OC-7713", "Orion Carriers", 6930, 0, "2026-06-17", "2026-06-19", "MF-2620"),
    ("2026-05-27", "CB-118", "Customs broker Adler", 1280, 243.2, "2026-06-10", "", "MF-2622"),
    ("2026-06-09", "HL-2330", "Halden Line", 4960, 0, "2026-07-09", "", "MF-2629"),
)
SHIPMENTS: Rows = (
    ("shipment", "customer", "container", "to", "arrived", "state", "note"),
    ("S-1042", "Harbour Foods", "MFRU 220871-0", "Lagos", "2026-02-11", "settled", "reefer at -12 C, EUR 4,200 paid"),
    ("S-1171", "Tessa Textiles", "HLDU 410022-9", "Santos", "2026-06-09", "delivered", ""),
    ("S-1188", "Harbour Foods", "MFRU 220914-6", "Lagos", "2026-06-17", "claim", "reefer at -9 C on opening"),
    ("S-1190", "Alma Furniture", "OCNU 771204-4", "Dubai", "", "at sea", "ETA 2026-07-06, was 2026-07-02"),
)
SERVERS: Rows = (
    ("Host", "Role", "Owner", "Certificate until", "Patched"),
    ("gw-02", "customs gateway", "IT", "2026-06-24", "2026-03-11"),
    ("gw-03", "customs gateway, spare", "IT", "2027-02-01", "2026-06-02"),
    ("db-01", "bookings database", "IT", "2026-12-15", "2026-06-02"),
    ("mail-01", "mail", "IT", "2026-07-09", "2026-05-20"),
)


def xlsx(**sheets: Rows) -> bytes:
    """Sheets by name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.freeze_panes = "A2"
        for column in sheet.columns:
            longest = max(len(str(cell.value or "")) for cell in column)
            sheet.column_dimensions[column[0].column_letter].width = longest + 2
    out = io.BytesIO()
    book.save(out)
    return repacked(out.getvalue())


def table(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
