from django.test import Client

from portal.audit.models import Entry
from portal.chat.models import Conversation, Message
from portal.console.site import site
from portal.runs.models import Event
from tests.people import Company
from tests.portal.console.conftest import crawl

CANARY = "CANARY-IN-THE"


def test_no_page_shows_what_was_asked_or_answered(peopled: Company, dana: Client) -> None:
    asked = peopled.asked("bob", f"{CANARY}-QUESTION of bob")
    Conversation.objects.update(title=f"{CANARY}-TITLE")
    Message.objects.update(text=f"{CANARY}-TEXT", reasoning=f"{CANARY}-REASONING")
    last = Event.objects.filter(run=asked.run).count()
    payload = {"channel": "answer", "text": f"{CANARY}-EVENT"}
    Event.objects.create(run=asked.run, seq=last + 1, type="delta", payload=payload)

    pages = dict(crawl(dana))

    assert f"/console/runs/run/{asked.run.pk}/change/" in pages
    assert len(pages) > 25
    for path, text in pages.items():
        assert CANARY not in text, path


def test_content_and_the_journal_have_no_pages() -> None:
    shown = {model._meta.label for model in site._registry}
    assert shown.isdisjoint({model._meta.label for model in (Conversation, Message, Event, Entry)})
    assert len(shown) == 7
