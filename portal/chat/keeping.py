"""What retention has to know of conversations: which are due, and which rows they are made of.

A conversation's age is that of its last question. It goes as a whole, with its messages, their runs and the journals of
these; not while one of its runs is unfinished, but for the erasure of its owner.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from portal.chat.break_glass.models import BreakGlassRead
from portal.chat.imports import files as import_files
from portal.chat.imports.models import Import, ImportOrigin
from portal.chat.models import (
    Attachment,
    Compaction,
    Conversation,
    ConversationDenial,
    ConversationGrant,
    ConversationSubjectGrant,
    Message,
    Placing,
    SearchEntry,
)
from portal.core.actor import Actor
from portal.files.models import File, Page
from portal.files.services.removal import remove_bytes_on_commit, remove_rows
from portal.files.storage import path_of, pieces_of
from portal.retention.choices import DataKind
from portal.retention.keepers import GOES, HELD, UNFINISHED, Part, Selection, Tally
from portal.retention.selectors import held_people
from portal.runs.doorbell import ring_cancel_on_commit
from portal.runs.models import Event, Run

_PAST_THEIR_TIME = """
FROM chat_conversation conversation JOIN unnest(%(workspaces)s::uuid[], %(days)s::int[]) AS rule (workspace_id, days)
    ON rule.workspace_id = conversation.workspace_id
    AND conversation.active_at < now() - make_interval(days => rule.days)
"""
_OF_PERSON = "FROM chat_conversation conversation"
UNFINISHED_RUNS = """
EXISTS (SELECT FROM chat_message message JOIN runs_run run ON run.id = message.run_id
    WHERE message.conversation_id = conversation.id AND run.state NOT IN ('finished', 'failed', 'cancelled'))
"""

# One that came from another workspace has older runs there, and what is held stays.
_HELD = """
(retention_held(conversation.workspace_id, conversation.owner_id) OR conversation.moved_at IS NOT NULL AND EXISTS (
    SELECT FROM chat_message message JOIN runs_run run ON run.id = message.run_id
    WHERE message.conversation_id = conversation.id AND retention_held(run.workspace_id, run.owner_id)))
"""
# A hold on whoever asked covers his runs in a conversation that another owns, and so does one on whoever
# commented. Asked only where people are held: it looks at every run.
_HELD_BY_ASKER = f"""
({_HELD} OR EXISTS (
    SELECT FROM chat_message message JOIN runs_run run ON run.id = message.run_id
    WHERE message.conversation_id = conversation.id AND run.owner_id = ANY(%(people)s)) OR EXISTS (
    SELECT FROM chat_comment comment
    WHERE comment.conversation_id = conversation.id AND comment.author_id = ANY(%(people)s)))
"""  # noqa: S608  # its own parts

_TALLY = """
WITH selected AS (
    SELECT conversation.id, conversation.workspace_id, conversation.owner_id, conversation.active_at,
        CASE WHEN {is_held} THEN '{held}'
            WHEN {unfinished} THEN '{unfinished_fate}' ELSE '{goes}' END AS fate
    {source}
)
SELECT selected.workspace_id, fate, count(*), count(DISTINCT owner_id), min(active_at), max(active_at),
    coalesce(sum(message.rows), 0)::bigint, coalesce(sum(message.runs), 0)::bigint,
    coalesce(sum(event.rows), 0)::bigint, coalesce(sum(attached.rows), 0)::bigint,
    coalesce(sum(attached.files), 0)::bigint, coalesce(sum(attached.pages), 0)::bigint,
    coalesce(sum(message.bytes), 0)::bigint + coalesce(sum(event.bytes), 0)::bigint
        + coalesce(sum(attached.bytes), 0)::bigint,
    sum(share.person_grants)::bigint, sum(share.subject_grants)::bigint, sum(share.denials)::bigint
FROM selected
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM chat_conversation_grant WHERE content_object_id = selected.id) AS person_grants,
        (SELECT count(*) FROM chat_conversation_subject_grant WHERE content_object_id = selected.id) AS subject_grants,
        (SELECT count(*) FROM chat_conversation_denial WHERE content_object_id = selected.id) AS denials
) share
LEFT JOIN LATERAL (
    SELECT count(*) AS rows, count(run_id) AS runs, sum(pg_column_size(text) + pg_column_size(reasoning)) AS bytes
    FROM chat_message WHERE conversation_id = selected.id
) message ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS rows, sum(pg_column_size(payload)) AS bytes
    FROM chat_message JOIN runs_event ON runs_event.run_id = chat_message.run_id WHERE conversation_id = selected.id
) event ON true
LEFT JOIN LATERAL (
    SELECT (SELECT count(*) FROM chat_attachment JOIN chat_message ON chat_message.id = chat_attachment.message_id
            WHERE conversation_id = selected.id) AS rows,
        count(*) AS files, sum(file.page_count) AS pages, sum(file.size) + sum(file.characters) AS bytes
    FROM files_file file WHERE file.id IN (
        SELECT file_id FROM chat_attachment JOIN chat_message ON chat_message.id = chat_attachment.message_id
        WHERE conversation_id = selected.id)
) attached ON true
GROUP BY GROUPING SETS ((fate, selected.workspace_id), (fate))
"""

CLAIM = """
SELECT conversation.id {source} {where} NOT {is_held}
    AND NOT ({unfinished})
LIMIT %(limit)s FOR UPDATE OF conversation SKIP LOCKED
"""

_PART_IDS = """
SELECT id, run_id, EXISTS (SELECT FROM chat_attachment attachment WHERE attachment.message_id = message.id)
FROM chat_message message WHERE conversation_id = ANY(%s)
"""
# One statement for both: a sweep asks it for each of its batches.
_TO_RELEASE = """
SELECT run.id, NULL::uuid FROM chat_message message JOIN runs_run run ON run.id = message.run_id
WHERE message.conversation_id = ANY(%(items)s) AND run.state NOT IN ('finished', 'failed', 'cancelled')
UNION
SELECT NULL::uuid, attachment.file_id FROM chat_message message
JOIN chat_attachment attachment ON attachment.message_id = message.id WHERE message.conversation_id = ANY(%(items)s)
"""

# What a person may know of his runs; the rest is about the machines.
_RUN_COLUMNS = (
    "run.id, run.kind, run.workspace_id, run.thinking, run.thinking_budget, run.context, run.state, run.attempts,"
    " run.created_at, run.claimed_at, run.finished_at, run.error_code, run.finish_reason, run.prompt_tokens,"
    " run.completion_tokens, run.reasoning_tokens, run.sent"
)
_SIZES = """
SELECT id, octet_length(text) + octet_length(reasoning) FROM chat_message WHERE conversation_id = ANY(%s)
ORDER BY conversation_id, created_at, id
"""
_FILES = (
    "SELECT to_jsonb(part)::text FROM (SELECT id, created_at, owner_id, workspace_id, name, size, sha256, kind, state,"
    " page_count, characters, attached_at FROM files_file) part WHERE id = ANY(%s) ORDER BY id"
)
PAGE = 200
BYTES_AT_ONCE = 2_000_000


Lines = Callable[[list[uuid.UUID]], Iterator[bytes]]


class ConversationKeeper:
    kind: str = DataKind.CONVERSATIONS.value
    models: tuple[type[Model], ...] = (Conversation, Run, File, Import)

    def tally(self, selection: Selection) -> list[Tally]:
        source, where, unfinished, parameters = _asked(selection)
        is_held, people = held_condition()
        statement = _TALLY.format(
            source=source + where.removesuffix("AND"),
            unfinished=unfinished,
            is_held=is_held,
            held=HELD,
            unfinished_fate=UNFINISHED,
            goes=GOES,
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters | people)
            return [_tally(row) for row in cursor.fetchall()]

    def claim(self, selection: Selection, limit: int) -> list[uuid.UUID]:
        source, where, unfinished, parameters = _asked(selection)
        is_held, people = held_condition()
        with connection.cursor() as cursor:
            cursor.execute(
                CLAIM.format(source=source, where=where or "WHERE", unfinished=unfinished, is_held=is_held),
                parameters | people | {"limit": limit},
            )
            return [row[0] for row in cursor.fetchall()]

    def parts(self, items: Sequence[uuid.UUID]) -> list[Part]:
        with connection.cursor() as cursor:
            cursor.execute(_PART_IDS, [list(items)])
            found = cursor.fetchall()
        messages, runs = [row[0] for row in found], [row[1] for row in found if row[1] is not None]
        return [
            Part(Event, "run_id", runs),
            Part(Compaction, "conversation_id", items),
            Part(SearchEntry, "conversation_id", items),
            Part(Placing, "conversation_id", items),
            *_attached_parts([row[0] for row in found if row[2]]),
            Part(Message, "id", messages),
            Part(Run, "id", runs),
            Part(ConversationGrant, "content_object_id", items),
            Part(ConversationSubjectGrant, "content_object_id", items),
            Part(ConversationDenial, "content_object_id", items),
            Part(BreakGlassRead, "conversation_id", items),
            Part(ImportOrigin, "conversation_id", items),
            Part(Conversation, "id", items),
        ]

    def release(self, items: Sequence[uuid.UUID]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_TO_RELEASE, {"items": list(items)})
            found = cursor.fetchall()
        for run in (run for run, _ in found if run is not None):
            ring_cancel_on_commit(run)
        if files := [file for _, file in found if file is not None]:
            remove_bytes_on_commit(files)

    def forget(self, person: uuid.UUID) -> dict[str, int]:
        """Runs that no message has, imports, and files that were not sent. What stands in conversations of others
        stays, by the account's id."""
        unsent = list(File.objects.unattached().filter(owner_id=person).values_list("pk", flat=True))
        remove_rows(unsent)
        imports = Import.objects.filter(owner_id=person)
        for pk in imports.values_list("pk", flat=True):
            transaction.on_commit(partial(import_files.remove, pk))
        gone = Run.objects.filter(owner_id=person, message=None).delete()[1] | imports.delete()[1]
        return gone | ({"files.File": len(unsent)} if unsent else {})

    def export(self, person: uuid.UUID, reader: Actor | None) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "conversations.jsonl", self._lines(person, reader, _conversation_lines)
        yield "messages.jsonl", self._lines(person, reader, _message_lines)
        yield "summaries.jsonl", self._lines(person, reader, _compaction_lines)
        yield "runs.jsonl", self._lines(person, reader, _run_lines)
        yield (
            "imports.jsonl",
            _json_rows(
                "SELECT to_jsonb(part)::text FROM chat_import part WHERE owner_id = ANY(%s) ORDER BY created_at",
                [person],
            ),
        )
        yield from self._files(person, reader)

    def _files(self, person: uuid.UUID, reader: Actor | None) -> Iterator[tuple[str, Iterator[bytes]]]:
        """A line about each file, and the files themselves under their ids."""
        asked = File.objects.all() if reader is None else File.objects.allowed(reader, "conversation.view")
        owned = list(asked.filter(owner_id=person).order_by("pk").values_list("pk", "stored_as"))
        yield "files.jsonl", _json_rows(_FILES, [pk for pk, _ in owned])
        for pk, stored_as in owned:
            if path_of(stored_as).exists():
                yield f"files/{pk}", pieces_of(stored_as)

    def _lines(self, person: uuid.UUID, reader: Actor | None, lines: Lines) -> Iterator[bytes]:
        """Page by page: whoever reads this slowly holds no transaction open."""
        asked = (
            Conversation.objects.all() if reader is None else Conversation.objects.allowed(reader, "conversation.view")
        )
        owned = asked.filter(owner_id=person).order_by("pk").values_list("pk", flat=True)
        after = uuid.UUID(int=0)
        while page := list(owned.filter(pk__gt=after)[:PAGE]):
            yield from lines(page)
            after = page[-1]


def _attached_parts(messages: Sequence[uuid.UUID]) -> list[Part]:
    """Most conversations have no files, and each part costs a dozen statements."""
    if not messages:
        return []
    attached = Attachment.objects.filter(message__in=messages).order_by()
    files = list(attached.values_list("file_id", flat=True).distinct())
    return [Part(Attachment, "message_id", messages), Part(Page, "file_id", files), Part(File, "id", files)]


def _asked(selection: Selection) -> tuple[str, str, str, dict[str, Any]]:
    """FROM, the beginning of WHERE, the condition that makes a conversation wait, and the parameters."""
    if selection.person is not None:
        return _OF_PERSON, " WHERE conversation.owner_id = %(person)s AND", "false", {"person": selection.person}
    parameters = {"workspaces": list(selection.days), "days": list(selection.days.values())}
    return _PAST_THEIR_TIME, "", UNFINISHED_RUNS, parameters


def held_condition() -> tuple[str, dict[str, Any]]:
    """The condition of being held, and its parameters."""
    people = list(held_people())
    return (_HELD_BY_ASKER, {"people": people}) if people else (_HELD, {})


def _tally(row: Sequence[Any]) -> Tally:
    workspace, fate, items, people, oldest, newest, messages, runs, events, attached, files, pages, size, *shares = row
    rows = {"chat_conversation": items, "chat_message": messages, "runs_run": runs, "runs_event": events}
    kept = {"chat_attachment": attached, "files_file": files, "files_page": pages}
    rows |= {table: count for table, count in kept.items() if count}
    tables = (model._meta.db_table for model in (ConversationGrant, ConversationSubjectGrant, ConversationDenial))
    rows |= {table: count for table, count in zip(tables, shares, strict=True) if count}
    return Tally(workspace, fate, items, people, rows, size, oldest, newest)


def _conversation_lines(conversations: list[uuid.UUID]) -> Iterator[bytes]:
    yield from _json_rows(
        "SELECT to_jsonb(part)::text FROM chat_conversation part WHERE id = ANY(%s) ORDER BY id", conversations
    )


def _message_lines(conversations: list[uuid.UUID]) -> Iterator[bytes]:
    """A few at a time, by their size: one message may hold megabytes."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, [conversations])
        sizes = cursor.fetchall()
    chunk: list[uuid.UUID] = []
    held = 0
    for pk, size in [*sizes, (None, BYTES_AT_ONCE)]:
        if chunk and (held + size > BYTES_AT_ONCE or len(chunk) >= PAGE):
            yield from _json_rows(
                "SELECT to_jsonb(part)::text FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted (id, place)"
                " JOIN chat_message part ON part.id = wanted.id ORDER BY wanted.place",
                chunk,
            )
            chunk, held = [], 0
        if pk is not None:
            chunk.append(pk)
            held += size


def _compaction_lines(conversations: list[uuid.UUID]) -> Iterator[bytes]:
    """One by one: a summary of a long question is long itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM chat_compaction WHERE conversation_id = ANY(%s) ORDER BY id", [conversations])
        found = [row[0] for row in cursor.fetchall()]
    for pk in found:
        yield from _json_rows("SELECT to_jsonb(part)::text FROM chat_compaction part WHERE id = ANY(%s)", [pk])


def _run_lines(conversations: list[uuid.UUID]) -> Iterator[bytes]:
    yield from _json_rows(
        f"SELECT to_jsonb(part)::text FROM (SELECT {_RUN_COLUMNS} FROM runs_run run"  # noqa: S608
        " JOIN chat_message message ON message.run_id = run.id WHERE message.conversation_id = ANY(%s)"
        " ORDER BY run.created_at) part",
        conversations,
    )


def _json_rows(statement: str, ids: list[uuid.UUID]) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids])
        for (line,) in cursor.fetchall():
            yield line.encode() + b"\n"
