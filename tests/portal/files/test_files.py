"""Files from their upload to the prompt: who may do what with them, and what becomes of them."""

import datetime
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.audit.models import Entry
from portal.chat.break_glass.requests import Scope
from portal.chat.keeping import ConversationKeeper
from portal.chat.models import Attachment
from portal.chat.selectors import prompts
from portal.chat.services.ask import Question, ask, start_conversation
from portal.core.actor import system_actor
from portal.core.errors import Conflict, Invalid, NotFound, TooLarge
from portal.departments.grants import give
from portal.files import storage
from portal.files.choices import FileState
from portal.files.models import File, Page
from portal.files.services.reading import MOST_ATTEMPTS, ReadPage, claim, progress, refuse, store
from portal.files.services.sweep import sweep
from portal.files.services.upload import remove, shown_name, upload
from portal.retention.keepers import Selection
from portal.retention.services.holds import place_hold
from portal.retention.services.rules import set_rule
from portal.retention.services.sweep import sweep as sweep_retention
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.chat.sealed import approved
from tests.portal.files.uploads import TEXT, read_file, send, uploaded

SYSTEM = system_actor("test")


def test_an_upload_is_kept_under_a_name_that_says_nothing(company: Company, client_of: ClientOf) -> None:
    status, body = send(client_of(company, "alice"), name="../../etc/Rate card.html")
    assert status == 201
    assert (body["name"], body["state"], body["size"]) == ("Rate card.html", "queued", len(TEXT))
    file = File.objects.get(pk=str(body["id"]))
    path = storage.path_of(file.stored_as)
    assert path.read_bytes() == TEXT
    assert path.suffix == ""
    assert path.stat().st_mode & 0o777 == 0o600
    row = Entry.objects.get(action="file.upload")
    assert (row.object_id, row.outcome) == (str(file.pk), "allowed")
    assert "Rate card" not in row.body


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\ana\\offer.pdf", "offer.pdf"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("line\nbreak.txt", "line break.txt"),
        ("", "file"),
        ("../..", ".."),
    ],
)
def test_names_are_for_showing_only(sent: str, kept: str) -> None:
    assert shown_name(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    assert shown_name("n" * 4_000 + ".docx").endswith("….docx")
    assert len(shown_name("n" * 4_000 + ".docx")) == 255


def test_what_is_downloaded_cannot_run(company: Company, client_of: ClientOf) -> None:
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    client = client_of(company, "alice")
    for name in ("logo.svg", "page.html", 'quote".html', "naïve\u2028.html"):
        _, body = send(client, script, name)
        answer = client.get(f"/api/files/{body['id']}/original")
        assert b"".join(answer.streaming_content) == script  # type: ignore[attr-defined]
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "script-src" not in answer["Content-Security-Policy"]


def test_before_it_is_attached_it_is_its_owners_alone(company: Company, client_of: ClientOf) -> None:
    file = read_file(company)
    for name, status in {"alice": 200, "bob": 404, "erin": 404, "charlie": 404, "dana": 403, "frank": 404}.items():
        for part in ("", "/pages", "/original"):
            assert client_of(company, name).get(f"/api/files/{file.pk}{part}").status_code == status, (name, part)


def test_attached_it_is_read_by_whoever_reads_the_conversation(company: Company, client_of: ClientOf) -> None:
    file = read_file(company)
    asked = ask(company.actor("alice"), company.conversation().pk, Question("When?", files=(file.pk,)))
    bob = client_of(company, "bob")
    assert bob.get(f"/api/files/{file.pk}").status_code == 404
    give(company.actor("alice"), company.people["bob"], asked.conversation, ["conversation.view"])
    assert bob.get(f"/api/files/{file.pk}/pages").json()["items"][0]["text"] == "Five days."
    assert bob.delete(f"/api/files/{file.pk}").status_code == 403
    assert client_of(company, "alice").delete(f"/api/files/{file.pk}").json()["error"]["code"] == "attached"


def test_break_glass_opens_it_on_the_record(company: Company, client_of: ClientOf) -> None:
    file = read_file(company)
    asked = ask(company.actor("alice"), company.conversation().pk, Question("When?", files=(file.pk,)))
    dana = client_of(company, "dana")
    assert dana.get(f"/api/files/{file.pk}/original").json()["error"]["code"] == "sealed"
    approved(company, Scope(conversation=asked.conversation.pk))
    before = Entry.objects.filter(action="break_glass.read").count()
    assert dana.get(f"/api/files/{file.pk}/original").status_code == 200
    assert Entry.objects.filter(action="break_glass.read").count() == before + 1


def test_files_of_others_cannot_be_attached(company: Company) -> None:
    foreign = read_file(company, "bob")
    conversation = company.conversation()
    for pk in (foreign.pk, uuid.uuid4()):
        with pytest.raises(NotFound):
            ask(company.actor("alice"), conversation.pk, Question("When?", files=(pk,)))
    sent = read_file(company)
    ask(company.actor("alice"), conversation.pk, Question("When?", files=(sent.pk,)))
    with pytest.raises(NotFound):
        start_conversation(company.actor("alice"), company.workspace().pk, Question("Again?", files=(sent.pk,)))
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_a_question_waits_for_its_files(company: Company, state: str) -> None:
    file = uploaded(company)
    if state == "failed":
        claimed = claim(file.pk)
        assert claimed is not None
        refuse(claimed, "encrypted")
    with pytest.raises(Conflict, match=r"terms\.txt") as refused:
        ask(company.actor("alice"), company.conversation().pk, Question("When?", files=(file.pk,)))
    assert refused.value.code == {"queued": "file_not_ready", "failed": "file_failed"}[state]
    assert Run.objects.count() == 0


def test_how_many_files_and_how_large(company: Company) -> None:
    files = tuple(uuid.uuid4() for _ in range(11))
    with pytest.raises(Invalid, match="at most 10"):
        ask(company.actor("alice"), company.conversation().pk, Question("When?", files=files))
    with pytest.raises(TooLarge):
        upload(company.actor("alice"), "big.bin", [b"x"], 51 * 1024 * 1024)
    with pytest.raises(Invalid):
        upload(company.actor("alice"), "none.txt", [], 0)


def test_sending_a_question_twice_asks_once_and_with_other_files_is_refused(company: Company) -> None:
    one, two = read_file(company), read_file(company)
    conversation, actor = company.conversation(), company.actor("alice")
    first = ask(actor, conversation.pk, Question("When?", idempotency_key="k", files=(one.pk,)))
    again = ask(actor, conversation.pk, Question("When?", idempotency_key="k", files=(one.pk,)))
    assert first.question.pk == again.question.pk
    with pytest.raises(Conflict):
        ask(actor, conversation.pk, Question("When?", idempotency_key="k", files=(two.pk,)))


def test_a_prompt_has_the_documents_of_each_turn(company: Company) -> None:
    one = read_file(company, pages=["Five days.", "Ten pallets."])
    asked = ask(company.actor("alice"), company.conversation().pk, Question("When?", files=(one.pk,)))
    [turn] = prompts([asked.run.pk])[asked.run.pk]
    [document] = turn.documents
    assert (document.id, document.name) == (one.pk, "terms.txt")
    assert document.text == "[Page 1 of 2]\nFive days.\n\n[Page 2 of 2]\nTen pallets."
    assert turn.text == "When?"


def test_pages_come_in_bounded_parts(company: Company, client_of: ClientOf) -> None:
    file = read_file(company, pages=[f"Page {n}" for n in range(1, 8)])
    client = client_of(company, "alice")
    first = client.get(f"/api/files/{file.pk}/pages").json()
    assert [page["number"] for page in first["items"]] == [1, 2, 3, 4, 5]
    rest = client.get(f"/api/files/{file.pk}/pages?after={first['next']}").json()
    assert ([page["text"] for page in rest["items"]], rest["next"]) == (["Page 6", "Page 7"], None)
    assert client.get(f"/api/files/{file.pk}/pages?limit=1000").status_code == 400


def test_a_body_that_is_no_form_is_refused(company: Company, client_of: ClientOf) -> None:
    """A JSON body that describes a file would have the server read one of its own."""
    client = client_of(company, "alice")
    body = '{"file": {"path": "/etc/passwd", "name": "x"}}'
    assert client.generic("POST", "/api/files", body, "application/json").status_code == 415
    assert client.post("/api/files", {"file": "/etc/passwd"}).status_code == 400
    strict = client_of(company, "alice", enforce_csrf_checks=True)
    assert send(strict)[0] == 403
    assert File.objects.count() == 0


def test_who_may_ask_nowhere_uploads_nothing(company: Company, client_of: ClientOf) -> None:
    assert send(client_of(company, "dana"))[0] == 403
    assert send(client_of(company, "charlie"), workspace=str(company.workspace("Logistics").pk))[0] == 404
    assert File.objects.count() == 0


def test_a_lost_worker_is_followed_by_another_and_not_for_ever(company: Company) -> None:
    file = uploaded(company)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claimed = claim(file.pk)
        assert claimed is not None
        assert claimed.attempt == attempt
        assert claim(file.pk) is None, "it is held"
        File.objects.update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    assert claim(file.pk) is None
    file.refresh_from_db()
    assert (file.state, file.error_code) == (FileState.FAILED, "worker_lost")


def test_a_worker_that_slept_writes_nothing(company: Company) -> None:
    file = uploaded(company)
    slow = claim(file.pk)
    assert slow is not None
    File.objects.update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    quick = claim(file.pk)
    assert quick is not None
    assert not progress(slow, 3)
    assert not store(slow, "text", [ReadPage("", "old")], has_view=False)
    assert store(quick, "text", [ReadPage("", "new \x00 page")], has_view=False)
    assert [page.text for page in Page.objects.all()] == ["new \ufffd page"]


def test_unsent_files_go_after_their_time(live_company: Company) -> None:
    old, new, sent = (read_file(live_company) for _ in range(3))
    ask(live_company.actor("alice"), live_company.conversation().pk, Question("When?", files=(sent.pk,)))
    File.objects.exclude(pk=new.pk).update(created_at=timezone.now() - datetime.timedelta(days=2))
    assert sweep(SYSTEM) == 1
    assert set(File.objects.values_list("pk", flat=True)) == {new.pk, sent.pk}
    assert not storage.path_of(old.stored_as).exists()
    assert storage.path_of(sent.stored_as).exists()
    assert Entry.objects.filter(action="file.remove", object_id=str(old.pk)).exists()


def test_a_hold_keeps_unsent_files(company: Company) -> None:
    file = read_file(company)
    File.objects.update(created_at=timezone.now() - datetime.timedelta(days=2))
    place_hold(SYSTEM, company.workspace(), "Dispute with a carrier")
    assert sweep(SYSTEM) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        remove(company.actor("alice"), file.pk)
    assert Page.objects.count() == 1


def test_retention_takes_files_with_their_conversation(live_company: Company) -> None:
    file = read_file(live_company, pages=["a", "b"])
    asked = ask(live_company.actor("alice"), live_company.conversation().pk, Question("When?", files=(file.pk,)))
    Run.objects.update(state="finished")
    type(asked.conversation).objects.update(active_at=timezone.now() - datetime.timedelta(days=40))
    set_rule(SYSTEM, 30, workspace=live_company.workspace())
    done = sweep_retention(SYSTEM)
    assert (done.rows["files_file"], done.rows["files_page"], done.rows["chat_attachment"]) == (1, 2, 1)
    assert File.objects.count() == 0
    assert not storage.path_of(file.stored_as).exists()


def test_what_a_plan_counts_is_what_goes(company: Company) -> None:
    file = read_file(company, pages=["a", "b", "c"])
    ask(company.actor("alice"), company.conversation().pk, Question("When?", files=(file.pk,)))
    tally = next(
        item
        for item in ConversationKeeper().tally(Selection(person=company.people["alice"].pk))
        if item.workspace is None
    )
    assert (tally.rows["files_file"], tally.rows["files_page"], tally.rows["chat_attachment"]) == (1, 3, 1)


def test_removing_is_for_ones_own(company: Company, client_of: ClientOf) -> None:
    file = read_file(company)
    assert client_of(company, "bob").delete(f"/api/files/{file.pk}").status_code == 404
    assert client_of(company, "alice").delete(f"/api/files/{file.pk}").status_code == 204
    assert client_of(company, "alice").get(f"/api/files/{file.pk}").status_code == 404


def test_errors_say_what_to_do(company: Company, client_of: ClientOf) -> None:
    file = uploaded(company)
    claimed = claim(file.pk)
    assert claimed is not None
    refuse(claimed, "encrypted")
    body = client_of(company, "alice").get(f"/api/files/{file.pk}").json()
    assert (body["state"], body["error_code"]) == ("failed", "encrypted")
    assert "password" in body["problem"]
    row = Entry.objects.filter(action="file.read").latest("at")
    assert (row.outcome, row.reason) == ("failed", "encrypted")
