"""The audit journal in the console: for auditors, and what they see there."""

import re
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.audit.models import Entry
from portal.audit.standing import update_standing
from portal.console.doors import sections
from portal.core.actor import system_actor
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.console.conftest import LISTS

JOURNAL = "/console/journal/"


@pytest.fixture
def frank(live_company: Company, client_of: ClientOf) -> Client:
    """The auditor's client; alice has asked, charlie was refused."""
    asked = live_company.asked("alice", "a question about pomegranates")
    client_of(live_company, "charlie").get(f"/c/{asked.conversation.pk}/")
    return client_of(live_company, "frank")


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def seqs(page: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'journal/[0-9a-f-]{36}/">(\d+)</a>', page)]


def test_an_auditor_enters_and_finds_only_the_journal(frank: Client) -> None:
    answer = frank.get("/console/")
    assert (answer.status_code, answer["Location"]) == (302, JOURNAL)
    page = text(frank, JOURNAL)
    links = set(re.findall(r'href="(/console/[^"?]*)', page))
    assert {link for link in links if not link.startswith(JOURNAL)} <= {"/console/"}
    for place in LISTS:
        assert frank.get(f"/console/{place}/").status_code == 404


def test_an_administrator_is_no_auditor(live_company: Company, client_of: ClientOf) -> None:
    dana = client_of(live_company, "dana")
    assert JOURNAL not in text(dana, "/console/")
    row = Entry.objects.latest("seq")
    for path in (JOURNAL, f"{JOURNAL}export/", f"{JOURNAL}{row.pk}/"):
        assert dana.get(path).status_code == 404


@pytest.mark.parametrize("name", ["alice", "erin", "dana"])
def test_others_have_no_such_section(company: Company, name: str) -> None:
    assert "journal" not in sections(company.actor(name))


def test_rows_lead_to_timelines(frank: Client, live_company: Company) -> None:
    page = text(frank, JOURNAL)
    assert seqs(page) == sorted(seqs(page), reverse=True)
    assert "pomegranates" not in page
    asked = Entry.objects.get(action="message.ask")
    person = text(frank, f"{JOURNAL}?person={asked.actor_id}")
    assert "Timeline of one person" in person
    assert {Entry.objects.get(seq=seq).actor_name for seq in seqs(person)} == {"alice"}
    thing = text(frank, f"{JOURNAL}?object_type=conversation&object_id={asked.object_id}")
    assert "Timeline of the conversation" in thing
    actions = [Entry.objects.get(seq=seq).action for seq in seqs(thing)]
    assert {"conversation.create", "message.ask", "conversation.view"} <= set(actions)
    detail = text(frank, f"{JOURNAL}{asked.pk}/")
    assert asked.hash in detail
    assert asked.seal in detail
    assert f"person={asked.actor_id}" in detail


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("outcome=denied", "charlie"),
        ("person=charlie&outcome=denied", "charlie"),
        ("action=message.ask", "alice"),
        ("reason=not+visible", "charlie"),
        ("object_type=conversation&action=conversation.create", "alice"),
        ("since=2020-01-01&until=2100-01-01&action=message.ask", "alice"),
    ],
)
def test_filters(frank: Client, query: str, expected: str) -> None:
    found = seqs(text(frank, f"{JOURNAL}?{query}"))
    assert found
    assert {Entry.objects.get(seq=seq).actor_name for seq in found} == {expected}


@pytest.mark.parametrize("query", ["until=2020-01-01", f"person={uuid.uuid4()}", "reason=pomegranates"])
def test_an_empty_list_says_so(frank: Client, query: str) -> None:
    assert "No row is like that." in text(frank, f"{JOURNAL}?{query}")


@pytest.mark.parametrize(
    "query",
    ["person=nobody", "action=x", "since=x", "before=-1", "after=x", "before=99999999999999999999", "reason=%00"],
)
def test_a_bad_filter_is_named(frank: Client, query: str) -> None:
    answer = frank.get(f"{JOURNAL}?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_pages_join(frank: Client, live_company: Company) -> None:
    with transaction.atomic():
        for _ in range(120):
            record(system_actor("reaper"), "run.reap", Target("run", "r"), on_behalf_of=live_company.people["alice"].pk)
    seen: list[int] = []
    path = f"{JOURNAL}?action=run.reap"
    while path:
        page = text(frank, path)
        seen += seqs(page)
        older = re.search(r'href="(\?[^"]+)" rel="next"', page)
        path = JOURNAL + older[1].replace("&amp;", "&") if older else ""
    rows = Entry.objects.filter(action="run.reap").order_by("-seq").values_list("seq", flat=True)
    assert seen == list(rows)
    back = re.search(r'href="(\?[^"]+)" rel="prev"', page)
    assert back
    assert seqs(text(frank, JOURNAL + back[1].replace("&amp;", "&"))) == seen[50:100]


def test_a_list_takes_few_queries_and_counts_nothing(frank: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        text(frank, JOURNAL)
    statements = [query["sql"] for query in asked.captured_queries]
    assert len(statements) <= 15
    assert not any("COUNT(" in sql or "OFFSET" in sql for sql in statements)


def test_the_state_is_shown(frank: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "AUDIT_HEADS", tmp_path / "heads")
    page = text(frank, JOURNAL)
    assert "Never." in page
    assert "No sink is set" in page
    call_command("audit", "verify")
    page = text(frank, JOURNAL)
    assert "intact" in page
    assert "row " in page
    monkeypatch.setattr(settings, "AUDIT_FORWARD", object())
    assert "rows behind" in text(frank, JOURNAL)
    update_standing(forwarded_seq=Entry.objects.latest("seq").seq, problem="ConnectionRefusedError")
    assert "ConnectionRefusedError" in text(frank, JOURNAL)


def test_downloads(frank: Client) -> None:
    answer = frank.get(f"{JOURNAL}export/?format=csv&action=message.ask")
    assert answer["Content-Type"].startswith("text/csv")
    assert len(b"".join(answer.streaming_content).splitlines()) == 2  # type: ignore[attr-defined]
    answer = frank.get(f"{JOURNAL}export/?format=jsonl")
    assert b"pomegranates" not in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert Entry.objects.filter(action="audit.export", actor_name="frank").count() == 2
    assert frank.get(f"{JOURNAL}export/?since=x").status_code == 400


def test_a_row_that_is_not_there(frank: Client) -> None:
    assert frank.get(f"{JOURNAL}{uuid.uuid4()}/").status_code == 404


def test_names_of_people_cannot_break_the_page(frank: Client, live_company: Company) -> None:
    User.objects.filter(username="alice").update(username="<script>alert(1)</script>")
    with transaction.atomic():
        record(system_actor("<img src=x>"), "run.reap", on_behalf_of=live_company.people["alice"].pk, reason="<b>")
    page = text(frank, JOURNAL)
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)(?![^>]*json)", page)
