"""An invoice as it comes from a scanner: a picture in a PDF, a little askew."""

import io
import time

from PIL import Image, ImageDraw, ImageFont

INVOICE = (
    "HALDEN LINE",
    "Invoice HL-2291",
    "Date: 14 May 2026     Due: 13 June 2026",
    "To: Meridian Freight",
    "",
    "Ocean freight MF-2618, 6 x 40' HC      14,880.00",
    "Terminal handling                       2,240.00",
    "Demurrage, 12 days                      1,520.00",
    "",
    "Total EUR                              18,640.00",
)
SIZE = (1240, 900)
_THEN = time.gmtime(0)


def scan() -> bytes:
    page = Image.new("L", SIZE, 252)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(34)
    for number, line in enumerate(INVOICE):
        draw.text((90, 70 + 72 * number), line, fill=24, font=font)
    askew = page.rotate(0.6, fillcolor=252, resample=Image.Resampling.BILINEAR)
    out = io.BytesIO()
    askew.save(out, "PDF", resolution=150, quality=60, creationDate=_THEN, modDate=_THEN)
    return out.getvalue()
