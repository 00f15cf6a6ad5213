"""Searching what was said: what is found, by whom, and in which order."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.chat.break_glass.requests import Scope
from portal.chat.choices import Author
from portal.chat.models import NOT_INDEXED, Conversation, Message, SearchEntry
from portal.chat.search import selectors
from portal.chat.search.indexing import index_messages
from portal.chat.search.selectors import After, Search, search
from portal.chat.search.snippet import snippet
from portal.chat.search.words import terms, vector, words
from portal.chat.services.ask import Question, ask
from portal.core.actor import ANONYMOUS, Actor, system_actor
from portal.core.clock import now
from portal.departments.denials import deny
from portal.departments.grants import give
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.requests_of import Caller
from tests.portal.chat.sealed import approved

SYSTEM = system_actor("test")


def say(company: Company, *texts: str, owner: str = "alice", department: str = "Logistics") -> Conversation:
    conversation = company.conversation(owner, department)
    Message.objects.bulk_create(
        [
            Message(conversation=conversation, text=text, author=Author.MODEL if number % 2 else Author.PERSON)
            for number, text in enumerate(texts)
        ]
    )
    index_messages(seconds=5)
    return conversation


def found(actor: Actor, text: str, **filters: object) -> list[str]:
    items = search(actor, Search(text, **filters)).items  # type: ignore[arg-type]
    return ["".join(piece.text for piece in item.pieces) for item in items]


def hits(text: str, searched: str) -> list[str]:
    return [piece.text for piece in snippet(text, terms(searched)) if piece.is_hit]


@pytest.mark.parametrize(
    ("text", "searched", "marked"),
    [
        ("Where are the containers?", "CONTAINER", ["containers"]),
        ("Der Straßenverkehr", "strassen", ["Straßenverkehr"]),
        ("Le café est fermé", "cafe ferme", ["café", "fermé"]),
        ("Le cafe est la", "café", ["cafe"]),
        ("我们的集装箱在哪里？", "集装箱", ["集装箱"]),
        ("我们的集装箱在哪里？", "箱", ["箱"]),
        ("契約書を読む", "契約", ["契約"]),
        ("コンテナはどこですか", "テナ", ["テナ"]),
        ("สัญญาฉบับนี้", "ฉบับ", ["ฉบับ"]),
        ("계약서를 읽어 주세요", "계약", ["계약서를"]),
        ("अनुबंध पढ़ें", "अनुबंध", ["अनुबंध"]),
        ("اقرأ العقد من فضلك", "العقد", ["العقد"]),
        ("العَقْد", "العقد", ["العَقْد"]),
        ("Ｆｕｌｌ ｗｉｄｔｈ", "full", ["Ｆｕｌｌ"]),
        ("file MSC-4471 and 3.14", "4471", ["4471"]),
    ],
)
def test_words_of_many_languages_are_found_and_marked(
    company: Company, text: str, searched: str, marked: list[str]
) -> None:
    say(company, text, "Something else")
    assert found(company.actor("alice"), searched) == [text]
    assert hits(text, searched) == marked


@pytest.mark.parametrize("searched", ["", "   ", "?!", "'", "a'b & !", "\\", ":*", "zzz", "'; DROP TABLE x --"])
def test_odd_searches_find_nothing_and_break_nothing(company: Company, searched: str) -> None:
    say(company, "Where are the containers?")
    assert found(company.actor("alice"), searched) == []


def test_all_words_must_stand_in_one_message(company: Company) -> None:
    say(company, "ships and trains", "ships", "trains")
    assert found(company.actor("alice"), "train ship") == ["ships and trains"]


def test_a_person_finds_what_he_may_read_and_nothing_else(company: Company) -> None:
    own = say(company, "secret of alice")
    say(company, "secret of bob", owner="bob")
    say(company, "secret of charlie", owner="charlie", department="Legal")
    alice, bob = company.actor("alice"), company.actor("bob")
    assert found(alice, "secret") == ["secret of alice"]
    give(SYSTEM, company.people["bob"], own, ["conversation.view"])
    assert sorted(found(bob, "secret")) == ["secret of alice", "secret of bob"]
    deny(SYSTEM, company.people["bob"], company.workspace(), ["workspace.view"])
    assert found(bob, "secret") == []
    assert found(ANONYMOUS, "secret") == []
    assert found(SYSTEM, "secret") == []


def test_what_is_sealed_is_not_searched_even_where_it_was_opened(company: Company) -> None:
    say(company, "secret of alice")
    approved(company, Scope(company.workspace().pk))
    for name in ("dana", "frank", "erin"):
        assert found(company.actor(name), "secret") == []


def test_filters(company: Company) -> None:
    say(company, "the question on ships", "the answer on ships", owner="bob")
    say(company, "ships in finance", owner="bob", department="Finance")
    Message.objects.filter(text="ships in finance").update(created_at=now() - datetime.timedelta(days=10))
    SearchEntry.objects.all().delete()
    Conversation.objects.update(indexed_at=None)
    index_messages(seconds=5)
    bob, week = company.actor("bob"), now() - datetime.timedelta(days=7)
    assert found(bob, "ships", workspace=company.workspace("Finance").pk) == ["ships in finance"]
    assert found(bob, "question", author="user") == ["the question on ships"]
    assert found(bob, "ships", author="assistant") == ["the answer on ships"]
    assert found(bob, "ships", until=week) == ["ships in finance"]
    assert sorted(found(bob, "ships", since=week)) == ["the answer on ships", "the question on ships"]
    assert found(bob, "ships", workspace=uuid.uuid4()) == []


def test_what_holds_a_word_more_often_comes_first(company: Company) -> None:
    say(company, "a ship among many other things that are said here", "ship, ship and ship again")
    assert found(company.actor("alice"), "ship")[0].startswith("ship, ship")


@pytest.mark.parametrize("most_ranked", [500, 10], ids=["ranked", "newest first"])
def test_pages_hold_each_find_once(company: Company, monkeypatch: pytest.MonkeyPatch, most_ranked: int) -> None:
    monkeypatch.setattr(selectors, "MOST_RANKED", most_ranked)
    say(company, *(f"ship number {number}" for number in range(25)))
    shared = say(company, *(f"ship of bob {number}" for number in range(20)), owner="bob")
    give(SYSTEM, company.people["alice"], shared, ["conversation.view"])
    alice, seen, after = company.actor("alice"), list[uuid.UUID](), None
    for _ in range(10):
        page = search(alice, Search("ship"), after=after, limit=7)
        seen += [item.message for item in page.items]
        if page.next is None:
            break
        after = After.parsed(str(page.next))
    assert len(seen) == len(set(seen)) == 45
    if most_ranked == 10:
        times = dict(Message.objects.values_list("pk", "created_at"))
        assert [times[pk] for pk in seen] == sorted((times[pk] for pk in seen), reverse=True)


def test_an_answer_is_found_once_it_is_whole(company: Company) -> None:
    asked = company.asked(text="Where is the vessel?")
    index_messages(seconds=5)
    alice = company.actor("alice")
    assert found(alice, "vessel") == ["Where is the vessel?"]
    Message.objects.filter(pk=asked.answer.pk).update(text="In the harbour.")
    Run.objects.update(state="finished")
    assert not index_messages(seconds=5)
    assert found(alice, "harbour") == ["In the harbour."]
    assert not Conversation.objects.filter(NOT_INDEXED).exists()


def test_asking_writes_nothing_of_the_search(company: Company) -> None:
    conversation = company.conversation()
    with CaptureQueriesContext(connection) as queries:
        ask(company.actor("alice"), conversation.pk, Question("Where is container 7?"))
    assert not any("search" in query["sql"] for query in queries)


def test_a_very_long_message_is_taken_in(company: Company) -> None:
    text = " ".join(f"word{number}" for number in range(60_000))
    say(company, text)
    assert len(found(company.actor("alice"), "word9999")) == 1
    assert len(vector(text)) < 1_000_000


def test_pairs_of_unspaced_scripts() -> None:
    assert list(words("集装箱")) == ["集装", "装箱", "箱"]
    assert list(words("iPhone手机")) == ["iphone", "手机", "机"]


def test_over_the_api(company: Company, client_of: ClientOf) -> None:
    conversation = say(company, "Where is container 7?")
    caller = Caller(client_of(company, "alice"))
    caller.patch(f"/conversations/{conversation.pk}", {"title": "Container talk"})
    body = caller.get("/search?q=contain").body
    [item] = body["items"]
    assert item["snippet"] == [
        {"text": "Where is ", "hit": False},
        {"text": "container", "hit": True},
        {"text": " 7?", "hit": False},
    ]
    assert [called["title"] for called in body["conversations"]] == ["Container talk"]
    assert caller.get("/search?q=contain&cursor=nonsense").code == "bad_cursor"
    assert caller.get("/search?q=contain&since=2026-01-01T00:00:00").status == 400
    assert caller.get("/search?q=" + "x" * 201).code == "too_long"


def test_the_page_escapes_what_it_shows(company: Company, client_of: ClientOf) -> None:
    say(company, "<script>alert(1)</script> container <b>")
    page = client_of(company, "alice").get("/search/?q=container").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark>container</mark> &lt;b&gt;" in page
