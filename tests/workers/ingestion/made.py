"""Documents made here, good and hostile ones; nothing of them lies in the repository."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from email.message import EmailMessage

import docx
import openpyxl
import pptx
from PIL import Image, ImageDraw, ImageFont

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def pdf(pages: Iterable[str], *, picture: Image.Image | None = None, trailer: str = "") -> bytes:
    """Pages of text in Helvetica; with a picture one page more that shows it."""
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        shown = "".join(f"({line.translate(_ESCAPES)}) Tj T*\n" for line in text.split("\n"))
        kids.append(
            _page(objects, f"BT /F1 11 Tf 14 TL 50 800 Td\n{shown}ET".encode("latin-1"), "/Font << /F1 3 0 R >>")
        )
    if picture is not None:
        grey = picture.convert("L")
        head = f"<< /Type /XObject /Subtype /Image /Width {grey.width} /Height {grey.height}"
        data = zlib.compress(grey.tobytes())
        filters = f"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode /Length {len(data)} >>"
        objects.append(f"{head} {filters}\nstream\n".encode() + data + b"\nendstream")
        kids.append(_page(objects, b"q 595 0 0 842 0 0 cm /I Do Q", f"/XObject << /I {len(objects)} 0 R >>"))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    names = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{names}] /Count {len(kids)} >>".encode()
    return _written(objects, trailer)


_ESCAPES = str.maketrans({"(": "\\(", ")": "\\)", "\\": "\\\\"})


def _page(objects: list[bytes], content: bytes, resources: str) -> int:
    objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    box = "/MediaBox [0 0 595 842]"
    page = f"<< /Type /Page /Parent 2 0 R {box} /Resources << {resources} >> /Contents {len(objects)} 0 R >>"
    objects.append(page.encode())
    return len(objects)


def _written(objects: Sequence[bytes], trailer: str) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode())
    out.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def encrypted_pdf() -> bytes:
    """Its standard security handler asks for a password that nobody has."""
    key = "41" * 32
    security = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >> /ID [<{'00' * 16}> <{'00' * 16}>]"
    )
    return pdf(["secret"], trailer=security)


def scan(text: str, size: tuple[int, int] = (1240, 800)) -> Image.Image:
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).multiline_text((80, 80), text, fill=0, font=ImageFont.load_default(44), spacing=24)
    return image


def picture(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def huge_png(width: int = 50_000, height: int = 50_000) -> bytes:
    """A picture of which only the header is big."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = zlib.compress(b"\x00" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def word(*paragraphs: str, table: Sequence[Sequence[str]] = ()) -> bytes:
    document = docx.Document()
    document.add_heading("Framework agreement", 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    return _saved(document)


def workbook(rows: Iterable[Sequence[object]], sheet: str = "Freight") -> bytes:
    book = openpyxl.Workbook(write_only=True)
    made = book.create_sheet(sheet)
    for row in rows:
        made.append(list(row))
    return _saved(book)


def slides(title: str, text: str, notes: str) -> bytes:
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = title, text
    slide.notes_slide.notes_text_frame.text = notes
    return _saved(made)


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def ods(rows: str) -> bytes:
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{OFFICE}:office:1.0"'
        f' xmlns:table="{OFFICE}:table:1.0" xmlns:text="{OFFICE}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Costs">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": b"<manifest/>",
        }
    )


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def replaced(container: bytes, part: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    return zipped(entries | {part: data})


def mail(subject: str, text: str, attached: dict[str, bytes] | None = None) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ana <ana@carrier.example>", "alice@company.example", subject
    message.set_content(text)
    for name, data in (attached or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 10}">'.encode() for level in range(12)
)
"""The beginning of an XML document whose last entity is 10^12 times as long."""
