"""What is stored of a person, as a ZIP of JSON lines that is made while it is read.

Each line of ``conversations`` and ``messages`` is the row as PostgreSQL writes it, so a proof of deletion fits it (see
``removal``).
"""

import io
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.audit.selectors import acts_of
from portal.core.actor import Actor
from portal.core.errors import NotFound
from portal.departments.models import Membership, WorkspaceGrant
from portal.retention.access import require_export_rights
from portal.retention.keepers import keepers
from portal.retention.services.readme import readme

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

CHUNK = 64 * 1024


def export_person(actor: Actor, person_id: uuid.UUID) -> Iterator[bytes]:
    """The ZIP in pieces. Rights are checked, and the export is recorded, before this returns.

    A person gets what they may see now; the operator gets everything.

    Raises:
        Forbidden: the actor is neither the person nor the operator.
        NotFound: there is no such person.
    """
    require_export_rights(actor, person_id)
    with transaction.atomic():
        person = User.objects.filter(pk=person_id).first()
        if person is None:
            raise NotFound
        record(actor, "person.export", Target("person", person_id))
    # Now, in the language of the request: the pieces are made when it is over.
    text = readme(person, is_whole=not actor.is_person)
    return _zipped(_files(person, actor if actor.is_person else None, text))


def _files(person: User, reader: Actor | None, text: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    yield "README.txt", iter([text.encode()])
    yield "account.jsonl", iter([_line(_account(person))])
    yield "memberships.jsonl", _memberships(person)
    yield "grants.jsonl", _grants(person)
    for keeper in keepers():
        yield from keeper.export(person.pk, reader)
    yield "audit.jsonl", _acts(person)


def _account(person: User) -> dict[str, Any]:
    names = ("id", "username", "first_name", "last_name", "email", "platform_role", "is_active")
    return {name: getattr(person, name) for name in (*names, "date_joined", "last_login")}


def _memberships(person: User) -> Iterator[bytes]:
    for row in Membership.objects.filter(person=person).select_related("department", "role").order_by("pk"):
        yield _line(
            {
                "department": row.department_id,
                "name": row.department.name,
                "role": row.role.name,
                "since": row.created_at,
            }
        )


def _grants(person: User) -> Iterator[bytes]:
    found = WorkspaceGrant.objects.filter(user=person).select_related("content_object", "permission")
    for row in found.order_by("content_object_id", "pk"):
        workspace = row.content_object
        yield _line({"workspace": workspace.pk, "name": workspace.name, "right": row.permission.codename})


def _acts(person: User) -> Iterator[bytes]:
    """By pages of the journal's numbers, so that a slow reader holds no transaction open."""
    after, page = 0, 500
    while found := list(acts_of(person.pk, after, page)):
        for seq, body in found:
            yield orjson.dumps({"seq": seq, **orjson.loads(body)}) + b"\n"
        after = found[-1][0]


def _line(values: dict[str, Any]) -> bytes:
    return orjson.dumps(values, default=str) + b"\n"


class _Pieces(io.RawIOBase):
    """What ``zipfile`` writes, until it is taken. Nothing can be sought in it, so sizes follow the files."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: "Buffer") -> int:
        piece = bytes(data)
        self._held += piece
        return len(piece)

    def take(self, least: int) -> bytes:
        if len(self._held) < least:
            return b""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _zipped(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in files:
            with archive.open(name, "w", force_zip64=True) as entry:
                for line in lines:
                    entry.write(line)
                    if ready := pieces.take(CHUNK):
                        yield ready
    yield pieces.take(0)
