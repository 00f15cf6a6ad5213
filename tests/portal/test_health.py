"""What watchers ask all day does not fill the log."""

import logging

import pytest
from django.test import Client

from appliance.settings.logs import is_news
from tests.people import Company


def test_not_being_ready_is_no_error_in_the_log(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert Client().get("/readyz").status_code == 503
    assert [record for record in caplog.records if record.name == "django.request"] == []


def test_other_errors_are_news() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Service Unavailable: %s", ("/",), None)
    record.status_code = 503
    assert is_news(record)
