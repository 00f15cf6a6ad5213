"""Files of a small company, uploaded and read without a worker."""

from collections.abc import Sequence

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.files.models import File
from portal.files.services.reading import ReadPage, claim, store
from portal.files.services.upload import upload
from tests.people import Company

TEXT = b"The carrier delivers within five days.\n"


def uploaded(company: Company, owner: str = "alice", name: str = "terms.txt", department: str = "Logistics") -> File:
    """Kept, and not read yet."""
    return upload(company.actor(owner), name, [TEXT], len(TEXT), company.workspace(department).pk)


def read_file(
    company: Company, owner: str = "alice", name: str = "terms.txt", pages: Sequence[str] = ("Five days.",)
) -> File:
    """Ready to be sent with a question."""
    file = uploaded(company, owner, name)
    claimed = claim(file.pk)
    assert claimed is not None
    assert store(claimed, "text", [ReadPage("", text) for text in pages], has_view=False)
    file.refresh_from_db()
    return file


def send(
    client: Client, data: bytes = TEXT, name: str = "terms.txt", **fields: object
) -> tuple[int, dict[str, object]]:
    answer = client.post("/api/files", {"file": SimpleUploadedFile(name, data), **fields})
    body: dict[str, object] = answer.json()
    return answer.status_code, body
