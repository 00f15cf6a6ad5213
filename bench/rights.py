"""What it costs to decide about rights in a large company: 2,000 departments, 1,000 people, 10,000 workspaces and as
many conversations; a person with 20 roles and 50 grants, and 200 denials. Runs alone too: ``python -m bench.rights``.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django

from bench.load import quantile
from bench.table import Row, print_table
from launcher.services import start_postgres

REPEAT = 60
PAGE = 100


def timed(name: str, ask: Callable[[], object], limit: float | None = None) -> list[Row]:
    ask()
    times = []
    for _ in range(REPEAT):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return [
        Row(f"rights: {name}, p50", quantile(times, 0.5), "ms"),
        Row(f"rights: {name}, p95", quantile(times, 0.95), "ms", limit),
    ]


def rights_rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="appliance-bench-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        postgres = start_postgres(data)
        try:
            os.environ.setdefault("APPLIANCE_SECRET_KEY", "a key for the benchmark only")
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appliance.settings")
            os.environ["APPLIANCE_DATABASE_URL"] = postgres.url
            os.environ["APPLIANCE_DATA"] = folder
            django.setup()
            return measured()
        finally:
            postgres.stop()


def measured() -> list[Row]:
    # Django's rooms are there only now.
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from portal.accounts.door import actor_for  # noqa: PLC0415
    from portal.chat.access import conversation_for_view  # noqa: PLC0415
    from portal.chat.models import Conversation  # noqa: PLC0415
    from portal.chat.services.ask import _for_update  # noqa: PLC0415
    from portal.departments.access import workspace_for_conversation, workspace_for_view  # noqa: PLC0415
    from portal.departments.models import Department, Workspace  # noqa: PLC0415
    from portal.departments.selectors import departments, workspaces  # noqa: PLC0415
    from portal.departments.standing import standing_of  # noqa: PLC0415
    from portal.engines.selectors import engines  # noqa: PLC0415
    from tests.portal.rights.crowd import found_crowd  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    crowd = found_crowd()
    actor = actor_for(crowd.person)
    room = Workspace.objects.visible_to(actor).allowed(actor, "message.ask").values_list("pk", flat=True)[0]
    own = Conversation.objects.visible_to(actor).allowed(actor, "message.ask").values_list("pk", flat=True)[0]

    def to_ask() -> None:
        from django.db import transaction  # noqa: PLC0415

        with transaction.atomic():
            _for_update.get(actor, own)

    rows = [
        *timed("a page of workspaces, of 10,000", lambda: list(workspaces(actor)[:PAGE]), 50),
        *timed("all workspaces that one may open", lambda: list(workspaces(actor).values_list("pk")), 50),
        *timed(
            "a page of conversations, of 10,000",
            lambda: list(Conversation.objects.visible_to(actor).order_by("-active_at", "-id")[:PAGE]),
            50,
        ),
        *timed(
            "all conversations that one may read",
            lambda: list(Conversation.objects.visible_to(actor).values_list("pk")),
            50,
        ),
        *timed("departments that one may see", lambda: list(departments(actor).values_list("pk"))),
        *timed(
            "departments where one holds a right",
            lambda: list(Department.visible.allowed(actor, "workspace.view").values_list("pk")),
        ),
        *timed("the actor with all that he holds", lambda: standing_of(actor), 10),
        *timed("the door of a workspace", lambda: workspace_for_view(actor, room), None),
        *timed("the door of a conversation", lambda: conversation_for_view(actor, own), None),
        *timed("checks before a first question", lambda: workspace_for_conversation(actor, room, asking=True), None),
        *timed("checks before a question", to_ask, None),
        *timed("engines that one may use", lambda: list(engines(actor)), None),
    ]
    connection.close()
    return rows


if __name__ == "__main__":
    print_table(rights_rows())
