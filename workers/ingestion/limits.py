from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost to read.

    Attributes:
        memory: address space of the child process, in bytes.
        silence: seconds without a page, after which the child is ended.
        seconds: for the whole file; scans take seconds a page.
        pages, characters: of text that comes out.
        unpacked: bytes that a container may hold, all its entries and theirs together.
        ratio: of unpacked to packed bytes of a large entry.
        entries, depth: files in a file, and how far inside each other.
        pixels: of an image.
        rows: of one sheet.
        scans: pages whose text is recognised from their picture.
    """

    memory: int = 512 * 1024 * 1024
    silence: float = 10
    seconds: float = 900
    pages: int = 20_000
    characters: int = 16_000_000
    unpacked: int = 256 * 1024 * 1024
    ratio: int = 200
    entries: int = 500
    depth: int = 3
    pixels: int = 50_000_000
    rows: int = 1_048_576
    scans: int = 500


STANDARD: Final = Limits()
