"""The child process: an export on standard input, a line of JSON for each conversation on standard output.

It builds the walls of the files' reader around itself before it looks at the file, opens nothing and has no secrets in
its environment. ``python -m workers.ingestion.conversations.child SKIP`` says nothing of the first SKIP conversations.
"""

import dataclasses
import encodings.cp437  # noqa: F401  # names in a ZIP; behind the walls no module can be loaded any more
import gc
import sys
from typing import IO, Any

import orjson

from workers.ingestion.conversations.file import Progress, conversations
from workers.ingestion.conversations.formats import conversation, title_of
from workers.ingestion.conversations.shape import LONGEST_TITLE, BadConversation, BadFile, Conversation
from workers.ingestion.conversations.tree import shortened
from workers.ingestion.limits import Limits
from workers.ingestion.sandbox import walls

LIMITS = Limits(seconds=3_600)
MOST_CONVERSATIONS = 1_000_000


def read(file: IO[bytes], out: IO[bytes], skip: int) -> None:
    progress, seen, number = Progress(), set[int](), 0
    try:
        for value in conversations(file, progress):
            number += 1
            line = _line(value, seen)
            if number > skip:
                out.write(orjson.dumps({"n": number, "share": round(progress.share, 4)} | line) + b"\n")
                out.flush()
            if number >= MOST_CONVERSATIONS:
                raise BadFile("too_many_conversations")
        end = {"end": ""} if number else {"end": "no_conversations"}
    except BadFile as problem:
        end = {"end": problem.code}
    except MemoryError:
        end = {"end": "too_large"}
    out.write(orjson.dumps(end) + b"\n")


def _line(value: object, seen: set[int]) -> dict[str, Any]:
    try:
        if isinstance(value, BadConversation):
            raise value
        found = conversation(value)
        mark = hash((found.source, found.id))
        if mark in seen:
            raise BadConversation("duplicate_id")
        seen.add(mark)
        line = {"conversation": _plain(found)}
        # Half of a surrogate pair cannot be written.
        orjson.dumps(line)
    except BadConversation as problem:
        return {"problem": problem.code, "title": _shown_title(value)}
    except TypeError:
        return {"problem": "bad_characters", "title": ""}
    except MemoryError:
        gc.collect()
        return {"problem": "too_large", "title": ""}
    return line


def _plain(found: Conversation) -> dict[str, Any]:
    plain = dataclasses.asdict(found)
    for message in plain["messages"]:
        del message["keep"], message["files"]
    return plain


def _shown_title(value: object) -> str:
    return shortened(title_of(value), LONGEST_TITLE).encode(errors="replace").decode()


if __name__ == "__main__":
    walls.build(LIMITS, [], contained=False)
    read(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]))
