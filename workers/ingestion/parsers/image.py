from collections.abc import Iterator
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from workers.ingestion import ocr
from workers.ingestion.errors import DAMAGED, TOO_LARGE, UNSUPPORTED, Unreadable
from workers.ingestion.page import Page
from workers.ingestion.source import Source

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")
LONGEST_SIDE = 3_500
VIEW_SIDE = 1_536
# Small print of a screenshot is read better when it is enlarged.
ENLARGED_BELOW = 1_200


def read(source: Source) -> Iterator[Page]:
    """The size, and the text that is recognised on it."""
    image = _opened(source)
    size = f"Image, {image.width} × {image.height} pixels."
    text = ocr.text_of(_for_recognition(image)) if source.budget.scan() else ""
    yield Page(f"{size}\n\nText on it:\n\n{text}" if text else f"{size} No text was recognised on it.")


def view_of(source: Source) -> bytes:
    """A small picture without anything else that the file carried, for engines that see and for the preview."""
    image = _opened(source)
    image.thumbnail((VIEW_SIDE, VIEW_SIDE))
    flat = Image.new("RGB", image.size, "white")
    rgba = image.convert("RGBA")
    flat.paste(rgba, mask=rgba.getchannel("A"))
    out = BytesIO()
    flat.save(out, "JPEG", quality=85)
    return out.getvalue()


def _opened(source: Source) -> Image.Image:
    """The first frame. The size is looked at before any pixel is unpacked."""
    source.file.seek(0)
    # Ours is the limit that counts.
    Image.MAX_IMAGE_PIXELS = None
    try:
        image = Image.open(source.file, formats=FORMATS)
        if image.width * image.height > source.limits.pixels:
            raise Unreadable(TOO_LARGE)
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
    except UnidentifiedImageError as error:
        raise Unreadable(UNSUPPORTED) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Unreadable(DAMAGED) from error
    return image


def _for_recognition(image: Image.Image) -> Image.Image:
    grey = Image.new("L", image.size, 255)
    if "A" in image.getbands():
        grey.paste(image.convert("L"), mask=image.getchannel("A"))
    else:
        grey = image.convert("L")
    grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if max(grey.size) < ENLARGED_BELOW:
        grey = grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.LANCZOS)
    return grey
