"""The page of a conversation in which several people ask names each."""

from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.chat.shared import share


def test_each_question_has_its_name(company: Company, client_of: ClientOf) -> None:
    asked = company.asked("alice")
    path = f"/c/{asked.conversation.pk}/"
    assert (
        "data-several" not in client_of(company, "alice").get(path).content.decode().partition('id="messages"')[2][:200]
    )
    share(company, asked.conversation, "bob")
    answer = client_of(company, "bob").get(path)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "<bdi data-who>alice</bdi>" in shown
    assert " data-several" in shown.partition('id="messages"')[2][:200]
    assert 'id="composer">' in shown
