"""Exports: what is in them, who gets them, and that what they hold does no harm."""

import json
from typing import Any

import pypdfium2
import pytest

from portal.audit.models import Entry
from portal.chat.export.names import disposition, file_name
from portal.chat.models import Conversation, Message
from portal.chat.services.ask import Asked
from portal.core.actor import system_actor
from portal.departments.grants import give
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.foreign_exports import as_bytes, chatgpt, librechat, openwebui
from tests.people import Company
from tests.portal.chat.imported import imported, tree
from tests.portal.chat.sealed import approved

ANSWER = """## Bays

| bay | container |
|---|---|
| 7 | مرحبا |

```python
print("bay")
```

नमस्ते 集装箱 **bold** <script>alert(1)</script> ![p](http://evil.test/p.png) #panic("x") $x$
"""


def answered(company: Company, text: str = ANSWER) -> Asked:
    found = company.asked("alice")
    Message.objects.filter(pk=found.answer.pk).update(text=text, reasoning="Which bay?")
    Run.objects.filter(pk=found.run.pk).update(state=RunState.FINISHED)
    return found


def address(conversation: Conversation, **options: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"/api/conversations/{conversation.pk}/export?{query}"


def test_markdown(company: Company, client_of: ClientOf) -> None:
    found = answered(company, f"{ANSWER}\x1b[2J\u202e\n```\nleft open")
    answer = client_of(company, "alice").get(address(found.conversation, format="markdown"))
    text = answer.content.decode()
    assert "## 1. Question\n" in text
    assert "## 2. Answer (scripted)\n" in text
    assert "> **Thoughts**\n>\n> Which bay?" in text
    assert "| 7 | مرحبا |" in text
    assert not {"\x1b", "\u202e"} & set(text)
    # What the model left open ends with its answer.
    assert text.rstrip().endswith("left open\n```")
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


def test_all_branches_say_what_they_follow(company: Company, client_of: ClientOf) -> None:
    imported(company, as_bytes([chatgpt()]))
    client, found = client_of(company, "alice"), Conversation.objects.get()
    shown = client.get(address(found)).content.decode()
    every = client.get(address(found, branches="all")).content.decode()
    assert ("Nothing." in shown, "Nothing." in every) == (False, True)
    assert "A crane in the" in shown
    imported(company, as_bytes([openwebui(turns=2)]))
    text = client.get(address(Conversation.objects.get(title="Containers"), branches="all")).content.decode()
    assert "## 3. Answer (llama3:8b), after 1\n" in text


@pytest.mark.parametrize(
    "export", [openwebui(turns=2), librechat(), chatgpt()], ids=["openwebui", "librechat", "chatgpt"]
)
def test_json_is_imported_again_with_everything(company: Company, client_of: ClientOf, export: dict[str, Any]) -> None:
    imported(company, as_bytes(export))
    first = Conversation.objects.get()
    content = client_of(company, "alice").get(address(first, format="json", branches="all")).content
    assert json.loads(content)["format"] == "private-ai.conversation"
    # Where it still is, nothing is made; somebody else gets all of it, once.
    assert imported(company, content).unchanged == 1
    assert [imported(company, content, "bob").imported for _ in range(2)] == [1, 0]
    second = Conversation.objects.get(owner=company.people["bob"])
    assert tree(second) == tree(first)
    assert (second.title, second.active_at, second.created_at) == (first.title, first.active_at, first.created_at)
    assert first.head is not None
    assert second.head is not None
    assert second.head.text == first.head.text


def test_pdf(company: Company, client_of: ClientOf) -> None:
    found = answered(company)
    answer = client_of(company, "alice").get(address(found.conversation, format="pdf"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.content)
    text = document[0].get_textpage().get_text_range()
    for part in ("1. Question", "Answer (scripted)", "Bays", "नमस्ते", "集装箱", 'print("bay")', "Which bay?"):
        assert part in text
    # As text: no command of the typesetter, no picture, no link, no script.
    assert '#panic("x")' in text
    assert "<script>alert(1)</script>" in text
    assert "evil.test" not in text
    for name in (b"/URI", b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"evil.test"):
        assert name not in answer.content


def test_a_pdf_of_everything_hostile_is_made(company: Company, client_of: ClientOf) -> None:
    hostile = "\n\n".join(
        ["> " * 400 + "x", "- " * 400 + "x", "|a" * 300, "[" * 5_000, "`" * 5_000, "x" * 20_000, "#let x = {"]
    )
    found = answered(company, hostile)
    assert client_of(company, "alice").get(address(found.conversation, format="pdf")).status_code == 200


def test_a_conversation_that_is_too_long_for_pages(company: Company, client_of: ClientOf) -> None:
    found = answered(company, "x" * 4_100_000)
    client = client_of(company, "alice")
    answer = client.get(address(found.conversation, format="pdf"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_long_for_pdf")
    assert client.get(address(found.conversation, format="json")).status_code == 200


def test_who_gets_one(company: Company, client_of: ClientOf) -> None:
    found = answered(company)
    give(system_actor("test"), company.people["bob"], found.conversation, ["conversation.view"])
    path = address(found.conversation)
    statuses = {name: client_of(company, name).get(path).status_code for name in ("alice", "bob", "erin", "charlie")}
    assert statuses == {"alice": 200, "bob": 200, "erin": 404, "charlie": 404}


def test_break_glass_opens_for_reading_and_not_for_taking(company: Company, client_of: ClientOf) -> None:
    found = answered(company)
    approved(company)
    dana = client_of(company, "dana")
    assert dana.get(f"/api/conversations/{found.conversation.pk}/messages").status_code == 200
    for kind in ("markdown", "json", "pdf"):
        assert dana.get(address(found.conversation, format=kind)).status_code == 403


def test_each_leaves_a_row_without_content(company: Company, client_of: ClientOf) -> None:
    found = answered(company)
    client_of(company, "alice").get(address(found.conversation, format="json", branches="all"))
    row = Entry.objects.get(action="conversation.export")
    assert (row.actor_name, row.object_id) == ("alice", str(found.conversation.pk))
    assert json.loads(row.body)["details"] == {"format": "json", "branches": "all", "messages": 2}


@pytest.mark.parametrize("query", ["format=exe", "branches=none"])
def test_other_formats_are_refused(company: Company, client_of: ClientOf, query: str) -> None:
    found = answered(company)
    path = f"/api/conversations/{found.conversation.pk}/export?{query}"
    assert client_of(company, "alice").get(path).status_code == 400


NAMES = {
    "Containers in bay 7": "Containers in bay 7.md",
    "../../etc/passwd": "etc passwd.md",
    'a<b>:"c"/d\\e|f?g*h': "a b c d e f g h.md",
    "CON": "conversation.md",
    "nul.txt": "conversation.md",
    "...": "conversation.md",
    "": "conversation.md",
    "=cmd()": "cmd().md",
    "line\r\nSet-Cookie: x=1": "line Set-Cookie x=1.md",
    "evil\u202egnp.exe": "evilgnp.exe.md",
    "集装箱": "集装箱.md",
    "x" * 4_000: "x" * 80 + ".md",
    "-rf ~": "rf.md",
    "%00%2e": "00 2e.md",
}


@pytest.mark.parametrize(("title", "name"), NAMES.items(), ids=range(len(NAMES)))
def test_names_are_safe_everywhere(title: str, name: str) -> None:
    assert file_name(title, "md") == name


def test_the_header_carries_both_names() -> None:
    assert disposition("Bücher.md") == "attachment; filename=\"Bucher.md\"; filename*=UTF-8''B%C3%BCcher.md"
    assert disposition("集装箱.pdf") == (
        "attachment; filename=\"conversation.pdf\"; filename*=UTF-8''%E9%9B%86%E8%A3%85%E7%AE%B1.pdf"
    )
    assert disposition('a";b.md') == "attachment; filename=\"ab.md\"; filename*=UTF-8''a%22%3Bb.md"
