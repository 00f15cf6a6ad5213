"""A conversation as PDF, set in a child process with bounds: what it sets is untrusted text."""

import subprocess
import sys
import threading
from collections.abc import Sequence

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from portal.chat.export.markdown import one_line, speaker, without_control
from portal.chat.export.reading import Exported
from portal.chat.models import Conversation
from portal.core.errors import TooLarge, Unavailable

CHILD = "portal.chat.export.typesetting"
# About 1,500 pages; longer ones are read by programs, which take JSON or Markdown.
MOST_CHARACTERS = 4_000_000
SECONDS = 60
# Each takes a core and a few hundred megabytes while it lasts.
AT_ONCE = 2

_turns = threading.BoundedSemaphore(AT_ONCE)


def as_pdf(conversation: Conversation, messages: Sequence[Exported]) -> bytes:
    """Raises TooLarge; Unavailable: it took too long, or too many are being made."""
    length = sum(len(message.text) + len(message.reasoning) for message in messages)
    if length > MOST_CHARACTERS:
        raise TooLarge(
            _("This conversation is too long for a PDF. Export it as Markdown or JSON."),
            code="too_long_for_pdf",
            details={"limit": MOST_CHARACTERS, "length": length},
        )
    if not _turns.acquire(timeout=5):
        raise Unavailable(_("Other PDFs are being made. Try again in a moment."), code="busy")
    try:
        return _typeset(_asked(conversation, messages))
    finally:
        _turns.release()


def _asked(conversation: Conversation, messages: Sequence[Exported]) -> bytes:
    numbers = {message.id: number for number, message in enumerate(messages, 1)}
    shown = []
    for number, message in enumerate(messages, 1):
        above = numbers.get(message.parent) if message.parent else None
        follows = _("after {number}").format(number=above) if above not in (None, number - 1) else ""
        shown.append(
            {
                "author": message.author,
                "speaker": speaker(message),
                "at": message.created_at.strftime("%Y-%m-%d %H:%M UTC"),
                "number": str(number),
                "follows": follows,
                "text": without_control(message.text),
                "reasoning": without_control(message.reasoning).strip(),
            }
        )
    return orjson.dumps({"title": one_line(conversation.title), "thoughts": _("Thoughts"), "messages": shown})


def _typeset(asked: bytes) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  # our own module
            [sys.executable, "-m", CHILD],
            input=asked,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=settings.BASE_DIR,
            env={
                "LC_ALL": "C.UTF-8",
                "MALLOC_ARENA_MAX": "2",
                "RAYON_NUM_THREADS": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode or not done.stdout.startswith(b"%PDF"):
        raise Unavailable(_("No PDF could be made of this. Export it as Markdown or JSON."), code="no_pdf")
    return done.stdout
