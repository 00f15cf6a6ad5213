"""What the workspace page says of the engine and of answers, as the server writes it."""

import pytest

from portal.chat.models import Message
from tests.conftest import ClientOf
from tests.people import Company


@pytest.mark.parametrize("thinks", [True, False])
def test_the_thinking_switch_is_there_for_engines_that_think(
    thinks: bool, company: Company, client_of: ClientOf
) -> None:
    company.engine.supports_thinking = thinks
    company.engine.save()
    page = client_of(company, "alice").get("/").content.decode()
    switch = page[page.index('id="thinking"') :].split(">")[0]
    assert ("disabled" in switch) is not thinks


def test_thoughts_are_shown_from_their_first_word(company: Company, client_of: ClientOf) -> None:
    asked = company.asked()
    Message.objects.filter(pk=asked.answer.pk).update(reasoning="\n  <b>First</b>, the dates.")
    page = client_of(company, "alice").get(f"/c/{asked.conversation.pk}/").content.decode()
    assert ">&lt;b&gt;First&lt;/b&gt;, the dates.<" in page


def test_an_engine_that_cannot_think_is_not_asked_to(company: Company, client_of: ClientOf) -> None:
    company.engine.supports_thinking = False
    company.engine.save()
    body = {"workspace": str(company.workspace().pk), "text": "Where is container 7?", "thinking": "deep"}
    answer = client_of(company, "alice").post("/api/conversations", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "cannot_think")
    assert Message.objects.count() == 0
