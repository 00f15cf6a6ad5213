"""What all tests share: a company in the database, signed-in clients, and the whole appliance as real processes."""

from collections.abc import Callable, Iterator

import pytest
from django.db import DEFAULT_DB_ALIAS, connection
from django.test import Client, override_settings
from django.test.utils import setup_databases, teardown_databases
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from portal.audit.refusals import refusals
from portal.configuration.live import known
from portal.departments.builtin import refresh_builtin_roles
from tests.people import Company, found_company
from tests.stack import Stack, start_stack

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables that migrations fill and no test changes."""

APPEND_ONLY = ("audit_entry", "configuration_version")
"""Tables whose trigger ``<table>_no_truncate`` keeps them from being emptied."""

REFILL = (refresh_builtin_roles,)
"""What migrations bring besides, made again after each test that commits."""

ClientOf = Callable[..., Client]

# Machines are noisy: how long an example takes is no property of the product.
settings.register_profile("noisy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("noisy")


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """Static files without their manifest, and passwords that cost little; everything else as in production."""
    with override_settings(
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database for every test that asks; pytest-django's own looks only for its own fixtures."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={DEFAULT_DB_ALIAS: None}, serialized_aliases={})
    yield
    known.forget()
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # Database threads keep their connections.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def first_refusals() -> Iterator[None]:
    """Refusals of an earlier test, which the process still counts, must not hide those of this one."""
    yield
    refusals.clear()


@pytest.fixture
def company(db: None) -> Company:
    """In a transaction that is rolled back after the test; commit hooks do not run."""
    return found_company()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database in which transactions commit; emptied afterwards.

    Django's own flush cannot be used: the audit journal refuses TRUNCATE, as it should.
    """
    with django_db_blocker.unblock():
        yield
        empty_database()
        connection.close()


@pytest.fixture
def live_company(committed: None) -> Company:
    """Committed, so that other connections see it and commit hooks run."""
    return found_company()


@pytest.fixture
def client_of() -> ClientOf:
    """A client with the session of a person; without a name, of nobody."""

    def sign_in(company: Company, name: str | None = None, *, enforce_csrf_checks: bool = False) -> Client:
        client = Client(enforce_csrf_checks=enforce_csrf_checks, raise_request_exception=False)
        if name is not None:
            client.force_login(company.people[name])
        return client

    return sign_in


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Portal, worker, timetable and scripted engine as real processes, with the sample company."""
    with start_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


def empty_database() -> None:
    """Forget every row but what migrations brought."""
    assert str(connection.settings_dict["NAME"]).startswith("test_"), "only a test database may be emptied"
    tables = [name for name in connection.introspection.table_names() if name not in KEPT]
    names = ", ".join(connection.ops.quote_name(name) for name in tables)
    known.forget()
    with connection.cursor() as cursor:
        # Holds refuse it too, as long as they stand.
        cursor.execute("UPDATE retention_hold SET released_at = now() WHERE released_at IS NULL")
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")
        cursor.execute(f"TRUNCATE {names}")
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")
        cursor.execute("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, repeat('0', 64))")
    for refill in REFILL:
        refill()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright's synchronous face keeps an event loop in this thread for as long as a browser is
    open, and no asynchronous test can run beside it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
