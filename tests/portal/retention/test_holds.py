"""What a hold covers stays, by whatever way it is deleted, until the hold is released."""

import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import ProtectedError

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.chat.models import Conversation, Message
from portal.chat.services.answer import Settlement, settle_answers
from portal.core.actor import system_actor
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.departments.models import Department, Workspace
from portal.departments.services.tree import create_department, move_department, remove_department
from portal.departments.services.workspaces import archive_workspace, create_workspace
from portal.retention.models import Hold
from portal.retention.selectors import holds, plan
from portal.retention.services.holds import place_hold, release_hold
from portal.retention.services.rules import set_rule
from portal.retention.services.sweep import sweep
from portal.runs.choices import RunState
from portal.runs.models import Event, Run
from portal.runs.services.start import Ending
from tests.people import Company
from tests.portal.retention.aged import ask_in, converse, rows, stored

SYSTEM = system_actor("test")
PLACES = ("department", "above", "workspace", "person")


def covered(company: Company, place: str) -> Department | Workspace | User:
    """Something that covers alice's conversations in Logistics."""
    found: dict[str, Department | Workspace | User] = {
        "department": company.departments["Logistics"],
        "above": Department.objects.get(name="Company"),
        "workspace": company.workspace(),
        "person": company.people["alice"],
    }
    return found[place]


def run_sql(statement: str, *values: uuid.UUID) -> None:
    """As a transaction of its own would, with what is deferred to the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def person(company: Company) -> uuid.UUID:
    return company.people["alice"].pk


WAYS: dict[str, Callable[[Company], object]] = {
    "conversations, by Django": lambda company: Conversation.objects.all().delete(),
    "messages, by Django": lambda company: Message.objects.all().delete(),
    "journals, by Django": lambda company: Event.objects.all().delete(),
    "a message, by Django": lambda company: Message.objects.exclude(parent=None).get().delete(),
    "the workspace, by Django": lambda company: company.workspace().delete(),
    "the person, by Django": lambda company: company.people["alice"].delete(),
    "conversations": lambda company: run_sql("DELETE FROM chat_conversation"),
    "messages": lambda company: run_sql("DELETE FROM chat_message"),
    "runs": lambda company: run_sql("DELETE FROM runs_run"),
    "journals": lambda company: run_sql("DELETE FROM runs_event"),
    "the workspace": lambda company: run_sql("DELETE FROM departments_workspace WHERE id = %s", company.workspace().pk),
    "the person": lambda company: run_sql("DELETE FROM accounts_user WHERE id = %s", person(company)),
    "all rows": lambda company: run_sql("TRUNCATE chat_message, chat_conversation, runs_run, runs_event CASCADE"),
    "all rows of a journal": lambda company: run_sql("TRUNCATE runs_event"),
    "the text": lambda company: run_sql("UPDATE chat_message SET text = ''"),
    "the end of the text": lambda company: Message.objects.exclude(parent=None).update(text="Answer"),
    "the journal's text": lambda company: run_sql("UPDATE runs_event SET payload = '{}'"),
    "into another workspace": lambda company: Conversation.objects.update(workspace=company.workspace("Legal")),
    "to another person": lambda company: Conversation.objects.update(owner=company.people["bob"]),
    "runs to another person": lambda company: Run.objects.update(owner=company.people["bob"]),
    "into another conversation": lambda company: Message.objects.update(
        conversation=converse(company, "charlie", company.workspace("Legal"))[0]
    ),
    "the hold": lambda company: run_sql("DELETE FROM retention_hold"),
    "the hold's place": lambda company: run_sql("DELETE FROM retention_held_workspace"),
    "all holds": lambda company: run_sql("TRUNCATE retention_hold CASCADE"),
    "the hold, by Django": lambda company: Hold.objects.all().delete(),
    "what the hold is about": lambda company: Hold.objects.update(
        kind="workspace", workspace=company.workspace("Legal"), department=None, person=None
    ),
    "the hold's reason": lambda company: Hold.objects.update(reason="nothing"),
}
# These ways reach nothing of a hold on a person, or are not about one.
NOT_OF_A_PERSON = {"the hold's place"}


# Foreign keys of what is stored there, which is held itself, may be met before the hold.
BY_FOREIGN_KEYS = {"the workspace, by Django", "the person, by Django", "the workspace", "the person"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", WAYS)
def test_a_hold_survives(company: Company, place: str, way: str) -> None:
    if place == "person" and way in NOT_OF_A_PERSON:
        return
    converse(company)
    place_hold(SYSTEM, covered(company, place), "a dispute")
    refusal = "foreign key" if way in BY_FOREIGN_KEYS else "legal hold"
    before = (rows(), list(Message.objects.order_by("pk").values()), list(Hold.objects.values()))
    with pytest.raises((DatabaseError, ProtectedError), match=refusal), transaction.atomic():
        WAYS[way](company)
    assert (rows(), list(Message.objects.order_by("pk").values()), list(Hold.objects.values())) == before


@pytest.mark.parametrize("place", PLACES)
def test_a_hold_survives_every_rule(company: Company, place: str) -> None:
    old = converse(company, days=400)
    other = converse(company, "charlie", company.workspace("Legal"), days=400)
    hold = place_hold(SYSTEM, covered(company, place), "a dispute")
    set_rule(SYSTEM, 1)
    planned = plan(company.actor("dana"))
    sweep(SYSTEM)
    assert stored(old) == {old[0].pk}
    assert stored(other) == (set() if place != "above" else {other[0].pk})
    assert planned.held == (2 if place == "above" else 1)
    release_hold(SYSTEM, hold.pk)
    sweep(SYSTEM)
    assert stored([*old, *other]) == set()


def test_what_is_not_covered_can_be_deleted(company: Company) -> None:
    mine, other = converse(company), converse(company, "bob", company.workspace("Finance"))
    place_hold(SYSTEM, company.workspace(), "a dispute")
    Event.objects.filter(run__workspace=company.workspace("Finance")).delete()
    Conversation.objects.filter(pk=other[0].pk).delete()
    assert stored([*mine, *other]) == {mine[0].pk}


def test_one_of_two_holds_is_enough(company: Company) -> None:
    converse(company)
    first = place_hold(SYSTEM, company.workspace(), "a dispute")
    place_hold(SYSTEM, company.people["alice"], "another")
    release_hold(SYSTEM, first.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Conversation.objects.all().delete()


def test_a_held_conversation_goes_on(company: Company) -> None:
    """New questions and answers are stored as ever; only what stands stays."""
    place_hold(SYSTEM, company.workspace(), "a dispute")
    asked = company.asked("alice")
    Run.objects.update(state=RunState.RUNNING, fence=1, lease_until="2999-01-01T00:00Z")
    ending = Ending(asked.run.pk, 1, RunState.FINISHED, [])
    assert settle_answers([Settlement(ending, "The answer.", "")]) == [True]
    assert Message.objects.get(pk=asked.answer.pk).text == "The answer."
    Conversation.objects.update(title="Another title")
    archive_workspace(SYSTEM, company.workspace())


def test_what_was_under_a_held_department_stays_covered(company: Company) -> None:
    """A workspace that is made there, or moved in, is covered, also when it is moved out again."""
    legal, logistics = company.departments["Legal"], company.departments["Logistics"]
    inner = create_department(SYSTEM, "Customs", legal)
    moved = create_workspace(SYSTEM, inner, "Papers")
    hold = place_hold(SYSTEM, logistics, "a dispute")
    new = create_workspace(SYSTEM, logistics, "New")
    move_department(SYSTEM, inner, logistics)
    move_department(SYSTEM, inner, legal)
    Workspace.objects.filter(pk=new.pk).update(department=legal)
    for workspace in (moved, new, company.workspace()):
        [conversation] = converse(company, workspace=workspace, days=400)
        with pytest.raises(DatabaseError), transaction.atomic():
            conversation.delete()
    set_rule(SYSTEM, 1)
    assert sweep(SYSTEM).batches == 0
    release_hold(SYSTEM, hold.pk)
    assert sweep(SYSTEM).items["conversations"] == 3


def test_a_hold_on_a_person_covers_what_he_asked_elsewhere(company: Company) -> None:
    """In a conversation that another owns and shares with him."""
    shared, other = converse(company, count=2)
    run = ask_in(company, shared, "bob")
    hold = place_hold(SYSTEM, company.people["bob"], "a dispute")
    asked = Message.objects.get(children__run=run)
    Event.objects.create(run=run, seq=1, type="state", payload={})
    for statement, pk in (
        ("DELETE FROM runs_event WHERE run_id = %s", run.pk),
        ("DELETE FROM chat_message WHERE run_id = %s", run.pk),
        ("DELETE FROM chat_message WHERE id = %s", asked.pk),
        ("UPDATE chat_message SET text = 'x' WHERE id = %s", asked.pk),
        ("DELETE FROM chat_conversation WHERE id = %s", shared.pk),
    ):
        with pytest.raises(DatabaseError, match="legal hold"), transaction.atomic():
            run_sql(statement, pk)
    set_rule(SYSTEM, 1)
    Conversation.objects.update(active_at="2020-01-01T00:00Z")
    planned = plan(company.actor("dana"))
    assert (planned.held, planned.goes.items if planned.goes else 0) == (1, 1)
    sweep(SYSTEM)
    assert stored([shared, other]) == {shared.pk}
    release_hold(SYSTEM, hold.pk)
    sweep(SYSTEM)
    assert stored([shared]) == set()


def test_a_released_hold_lets_its_place_go(company: Company) -> None:
    desk = create_workspace(SYSTEM, company.departments["Legal"], "Old")
    hold = place_hold(SYSTEM, desk, "a dispute")
    with pytest.raises(ProtectedError):
        desk.delete()
    release_hold(SYSTEM, hold.pk)
    pk = desk.pk
    desk.delete()
    kept = Hold.objects.get()
    assert (kept.workspace_id, kept.place_id, kept.reason) == (None, pk, "a dispute")
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.delete()


def test_who_places_and_releases_holds(company: Company) -> None:
    desk = company.workspace()
    for name in ("alice", "erin", "frank", "grace"):
        with pytest.raises(Forbidden):
            place_hold(company.actor(name), desk, "a dispute")
    hold = place_hold(company.actor("dana"), desk, "  a dispute ")
    assert (hold.reason, hold.placed_by_id) == ("a dispute", company.people["dana"].pk)
    for name in ("alice", "erin", "frank", "grace"):
        with pytest.raises(Forbidden):
            release_hold(company.actor(name), hold.pk)
    assert {name: holds(company.actor(name)).count() for name in ("dana", "frank", "erin", "alice")} == {
        "dana": 1,
        "frank": 1,
        "erin": 0,
        "alice": 0,
    }
    release_hold(company.actor("dana"), hold.pk)
    release_hold(company.actor("dana"), hold.pk)
    acts = list(Entry.objects.filter(object_type="hold").order_by("at").values_list("action", flat=True))
    assert acts == ["hold.place", "hold.release"]


def test_nobody_places_or_releases_a_hold_on_oneself(company: Company) -> None:
    dana = company.people["dana"]
    with pytest.raises(Forbidden):
        place_hold(company.actor("dana"), dana, "a dispute")
    hold = place_hold(SYSTEM, dana, "a dispute")
    with pytest.raises(Forbidden):
        release_hold(company.actor("dana"), hold.pk)
    assert Hold.objects.get().released_at is None


def test_a_hold_has_a_reason_and_a_place(company: Company) -> None:
    with pytest.raises(Invalid):
        place_hold(SYSTEM, company.workspace(), "  ")
    with pytest.raises(NotFound):
        release_hold(SYSTEM, uuid.uuid4())


def test_a_hold_and_a_deletion_do_not_pass_each_other_by(live_company: Company) -> None:
    """The hold waits for the deletion that is under way, and holds back the next one."""
    first, second = converse(live_company, count=2)
    placed = list[float]()

    def elsewhere() -> None:
        try:
            place_hold(SYSTEM, live_company.workspace(), "a dispute")
            placed.append(1)
        finally:
            connection.close()

    with transaction.atomic():
        Message.objects.filter(conversation=first).delete()
        Conversation.objects.filter(pk=first.pk).delete()
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(0.5)
        assert placed == []
    thread.join()
    assert placed == [1]
    with pytest.raises(DatabaseError):
        Conversation.objects.filter(pk=second.pk).delete()
    assert stored([first, second]) == {second.pk}


def test_holds_placed_during_a_sweep_count_from_the_next_batch(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = converse(company, days=40, count=6)
    set_rule(SYSTEM, 30)
    assert sweep(SYSTEM, seconds=0, batch=2).more
    place_hold(SYSTEM, company.workspace(), "a dispute")
    assert sweep(SYSTEM).batches == 0
    assert len(stored(old)) == 4


@pytest.mark.django_db
def test_no_trigger_of_ours_fires_when_rows_are_added() -> None:
    """Journals grow as quickly with holds as without."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype::int & 4 > 0"
            " AND tgrelid IN ('runs_event'::regclass, 'runs_run'::regclass, 'chat_message'::regclass)"
        )
        assert cursor.fetchall() == []


def test_a_held_department_is_not_removed(company: Company) -> None:
    dana = company.actor("dana")
    empty = create_department(dana, "Empty", company.departments["Legal"])
    hold = place_hold(dana, empty, "matter 12")
    with pytest.raises(Conflict) as refused, transaction.atomic():
        remove_department(dana, empty)
    assert refused.value.code == "kept"
    release_hold(dana, hold.pk)
    remove_department(dana, empty)
    assert not Department.objects.filter(pk=empty.pk).exists()
