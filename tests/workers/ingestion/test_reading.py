"""What is read out of documents, by the real child process."""

from pathlib import Path

import pytest
from PIL import Image

from tests.workers.ingestion import made
from workers.ingestion.page import Page
from workers.ingestion.reader import Found, View, read_file


def read(folder: Path, name: str, data: bytes) -> tuple[str, list[Page], bytes]:
    path = folder / "upload"
    path.write_bytes(data)
    kind, pages, view = "", [], b""
    for told in read_file(path, name):
        if isinstance(told, Found):
            kind = told.kind
        elif isinstance(told, View):
            view = told.data
        else:
            pages.append(told)
    return kind, pages, view


def test_a_pdf_has_its_own_pages(tmp_path: Path) -> None:
    kind, pages, _ = read(tmp_path, "contract.pdf", made.pdf(["Delivery within (5) days", "Penalty\n2 percent"]))
    assert (kind, [page.text for page in pages]) == ("pdf", ["Delivery within (5) days", "Penalty\n2 percent"])


def test_a_scanned_page_is_recognised(tmp_path: Path) -> None:
    data = made.pdf(
        ["Typed page with enough text on it"], picture=made.scan("Delivery note 4711\nRotterdam, 12 pallets")
    )
    _, pages, _ = read(tmp_path, "scan.pdf", data)
    assert pages[0].text == "Typed page with enough text on it"
    assert "Delivery note 4711" in pages[1].text
    assert "12 pallets" in pages[1].text


def test_word_keeps_headings_and_tables(tmp_path: Path) -> None:
    data = made.word("The carrier delivers on time.", table=[["Lane", "Price"], ["HAM-RTM", "410"]])
    kind, pages, _ = read(tmp_path, "agreement.docx", data)
    assert kind == "docx"
    assert "## Framework agreement" in pages[0].text
    assert "| Lane | Price |\n| --- | --- |\n| HAM-RTM | 410 |" in pages[0].text


def test_a_workbook_shows_values_formulas_and_types(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Lane", "Price", "Code"], ["HAM-RTM", 410.5, "007"], ["Total", "=SUM(B2:B2)", True]]
    kind, pages, _ = read(tmp_path, "freight.xlsx", made.workbook(rows))
    assert (kind, pages[0].title) == ("xlsx", "Freight")
    assert (
        pages[0].text == '1 | Lane | Price | Code |\n2 | HAM-RTM | 410.5 | "007" |\n3 | Total | (=SUM(B2:B2)) | TRUE |'
    )


def test_a_formula_has_the_value_that_was_computed_last(tmp_path: Path) -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1"><f>2*3</f><v>6</v></c></row></sheetData></worksheet>'
    )
    data = made.replaced(made.workbook([[1]]), "xl/worksheets/sheet1.xml", sheet)
    assert read(tmp_path, "sum.xlsx", data)[1][0].text == "1 | 6 (=2*3) |"


@pytest.mark.parametrize("name", ["table.csv", "TABLE.TSV"])
def test_a_table_of_text(tmp_path: Path, name: str) -> None:
    kind, pages, _ = read(tmp_path, name, "Ort;Kosten\nMünchen;12,50\n".encode("cp1252"))
    assert (kind, pages[0].text) == ("csv", "1 | Ort | Kosten |\n2 | München | 12,50 |")


def test_an_open_document_sheet(tmp_path: Path) -> None:
    value = 'office:value-type="float" office:value="41" table:formula="of:=40+1"'
    cell = f"<table:table-cell {value}><text:p>41</text:p></table:table-cell>"
    rows = (
        f'<table:table-row>{cell}<table:table-cell table:number-columns-repeated="900"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    )
    kind, pages, _ = read(tmp_path, "costs.ods", made.ods(rows))
    assert (kind, pages[0].title, pages[0].text) == ("ods", "Costs", "1 | 41 (=40+1) |")


def test_slides_with_their_notes(tmp_path: Path) -> None:
    kind, pages, _ = read(tmp_path, "deck.pptx", made.slides("Peak season", "Book early", "Ask the carrier first"))
    assert (kind, pages[0].title) == ("pptx", "Peak season")
    assert "Book early" in pages[0].text
    assert "Notes: Ask the carrier first" in pages[0].text


def test_mail_with_an_attachment_in_an_attachment(tmp_path: Path) -> None:
    inner = made.zipped({"prices.csv": b"lane,price\nHAM,410\n", "broken.pdf": b"%PDF-1.4 nothing"})
    kind, pages, _ = read(tmp_path, "offer.eml", made.mail("Offer", "Please see the attached.", {"all.zip": inner}))
    assert kind == "eml"
    assert pages[0].text.startswith("From: Ana <ana@carrier.example>")
    assert "Please see the attached." in pages[0].text
    assert [page.title for page in pages[1:]] == ["all.zip › broken.pdf", "all.zip › prices.csv"]
    assert "could not be read: damaged" in pages[1].text
    assert "2 | HAM | 410 |" in pages[2].text


def test_a_box_of_mail(tmp_path: Path) -> None:
    letters = [b"From ana@x Mon\n" + made.mail(f"Letter {n}", "Text\n") + b"\n" for n in range(3)]
    kind, pages, _ = read(tmp_path, "archive.mbox", b"\n".join(letters))
    assert kind == "mbox"
    assert [page.title for page in pages] == ["Letter 0", "Letter 1", "Letter 2"]


def test_html_is_read_as_a_person_would(tmp_path: Path) -> None:
    markup = "<html><head><title>x</title></head><h1>Terms</h1><script>f()</script><p>Pay in <b>30</b> days</p></body>"
    kind, pages, _ = read(tmp_path, "terms.html", markup.encode())
    assert (kind, pages[0].text) == ("html", "# Terms\n\nPay in 30 days")


def test_an_image_gives_its_text_and_a_clean_view(tmp_path: Path) -> None:
    image = made.scan("Pallet 4711")
    kind, pages, view = read(tmp_path, "photo.jpg", made.picture(image, "JPEG"))
    assert kind == "image"
    assert "Pallet 4711" in pages[0].text
    assert view.startswith(b"\xff\xd8\xff")


def test_transparent_pictures_are_shown_on_white(tmp_path: Path) -> None:
    clear = made.picture(Image.new("RGBA", (40, 20), (0, 0, 0, 0)))
    _, pages, view = read(tmp_path, "clear.png", clear)
    assert "40 × 20" in pages[0].text
    assert view


def test_text_in_any_encoding(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "Straße".encode("utf-16"))[1][0].text == "Straße"
    assert read(tmp_path, "notes.md", "# Straße".encode())[1][0].text == "# Straße"


def test_long_text_comes_in_pages_and_nothing_is_lost(tmp_path: Path) -> None:
    text = "".join(f"line {n} of the log\n" for n in range(5_000))
    _, pages, _ = read(tmp_path, "server.log", text.encode())
    assert len(pages) > 5
    assert max(len(page.text) for page in pages) <= 12_000
    assert "".join(page.text for page in pages) == text
