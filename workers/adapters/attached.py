"""Pictures that come with a question, for engines that see."""

import base64
from collections.abc import Sequence
from pathlib import Path

from workers.engine.protocol import ImagePart


def image_parts(pictures: Sequence[Path]) -> list[ImagePart]:
    """The small copies; one that is gone is left out, since its text is there."""
    found = []
    for path in pictures:
        try:
            data = base64.b64encode(path.read_bytes()).decode("ascii")
        except FileNotFoundError:
            continue
        found.append(ImagePart(f"data:image/jpeg;base64,{data}"))
    return found
