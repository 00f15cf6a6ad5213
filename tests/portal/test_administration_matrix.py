"""Route by person for the administration over `/api`, and what is foreign beside what is missing."""

from typing import Any

import pytest
from django.db import transaction

from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.administration_requests import ROWS, furnish, of_nothing, send
from tests.portal.test_matrix import expected, table, without_nonce


@pytest.fixture
def ids(company: Company) -> dict[str, Any]:
    return furnish(company)


@pytest.mark.parametrize("route", ROWS)
def test_who_gets_what(route: str, company: Company, ids: dict[str, Any], client_of: ClientOf) -> None:
    found = table(company, client_of, lambda client: int(send(client, route, ids).status_code))
    assert found == expected(route, ROWS[route])


@pytest.mark.parametrize("route", [route for route, row in ROWS.items() if row[1] == 404])
@pytest.mark.parametrize("name", ["charlie", "frank"])
def test_what_is_foreign_looks_like_what_is_missing(
    route: str, name: str, company: Company, ids: dict[str, Any], client_of: ClientOf
) -> None:
    client = client_of(company, name)
    answers = []
    for asked in (ids, of_nothing(ids)):
        with transaction.atomic():
            answer = send(client, route, asked)
            transaction.set_rollback(True)
        shown = answer.content.decode()
        for value in asked.values():
            shown = shown.replace(str(value), "ID")
        answers.append((answer.status_code, sorted(answer.headers), without_nonce(shown)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
