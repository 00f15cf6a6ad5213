"""Whatever is done to the rows behind the journal's back is found, and an untouched journal is never accused."""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from portal.audit.models import Entry
from portal.audit.verify import verify_as_seen, verify_chain
from portal.core.clock import now

MUTATIONS = 1000
SEED = 20_261_123

TEXT_COLUMNS = ("actor_kind", "actor_name", "action", "object_type", "object_id", "outcome", "reason")
HASHES = ("hash", "previous_hash")

Mutation = Callable[[random.Random, list[Entry]], None]


def execute(statement: str, *values: str | float | uuid.UUID | list[uuid.UUID] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount != 0


def edit_column(chance: random.Random, chain: list[Entry]) -> None:
    column = chance.choice(TEXT_COLUMNS)
    execute(
        f"UPDATE audit_entry SET {column} = {column} || %s WHERE id = %s", chance.choice("xyz"), chance.choice(chain).id
    )


def edit_time(chance: random.Random, chain: list[Entry]) -> None:
    execute(
        "UPDATE audit_entry SET at = at + make_interval(secs => %s) WHERE id = %s",
        chance.choice([-3600, -0.000001, 0.000001, 86400]),
        chance.choice(chain).id,
    )


def edit_identity(chance: random.Random, chain: list[Entry]) -> None:
    column = chance.choice(["id", "actor_id"])
    execute(f"UPDATE audit_entry SET {column} = gen_random_uuid() WHERE id = %s", chance.choice(chain).id)


def edit_body(chance: random.Random, chain: list[Entry]) -> None:
    entry = chance.choice(chain)
    place = chance.randrange(len(entry.body))
    letter = chance.choice([letter for letter in 'a7 "}' if letter != entry.body[place]])
    execute(
        "UPDATE audit_entry SET body = %s WHERE id = %s",
        entry.body[:place] + letter + entry.body[place + 1 :],
        entry.id,
    )


def edit_hash(chance: random.Random, chain: list[Entry]) -> None:
    entry, column = chance.choice(chain), chance.choice(HASHES)
    execute(f"UPDATE audit_entry SET {column} = md5({column}) || md5(hash) WHERE id = %s", entry.id)


def edit_and_hash_again(chance: random.Random, chain: list[Entry]) -> None:
    """A forger who knows the formula, but changes one row only."""
    execute(
        "UPDATE audit_entry SET body = body || ' ', hash = encode(sha256(convert_to("
        "previous_hash || E'\\n' || seq || E'\\n' || body || ' ', 'UTF8')), 'hex') WHERE id = %s",
        chance.choice(chain).id,
    )


def delete_rows(chance: random.Random, chain: list[Entry]) -> None:
    start = chance.randrange(len(chain))
    rows = chain[start : start + chance.randint(1, 5)]
    execute("DELETE FROM audit_entry WHERE id = ANY(%s)", [row.id for row in rows])


def truncate_tail(chance: random.Random, chain: list[Entry]) -> None:
    execute("DELETE FROM audit_entry WHERE seq > %s", chance.randrange(len(chain)))


def delete_and_close_the_gap(chance: random.Random, chain: list[Entry]) -> None:
    seq = chain[chance.randrange(len(chain) - 1)].seq
    execute("DELETE FROM audit_entry WHERE seq = %s", seq)
    execute("UPDATE audit_entry SET seq = -seq WHERE seq > %s", seq)
    execute("UPDATE audit_entry SET seq = -seq - 1 WHERE seq < 0")


def swap(chance: random.Random, chain: list[Entry]) -> None:
    one, other = chance.sample(chain, 2)
    execute("UPDATE audit_entry SET seq = NULL WHERE id = %s", one.id)
    execute("UPDATE audit_entry SET seq = %s WHERE id = %s", one.seq, other.id)
    execute("UPDATE audit_entry SET seq = %s WHERE id = %s", other.seq, one.id)


def insert(chance: random.Random, chain: list[Entry]) -> None:
    model = chance.choice(chain)
    seq = chance.choice([None, 0, len(chain) + 1, len(chain) + 50])
    Entry(
        at=now(),
        actor_kind="system",
        actor_name="",
        action=model.action,
        outcome="allowed",
        body=model.body,
        seq=seq,
        previous_hash=model.previous_hash,
        hash=model.hash,
    ).save(force_insert=True)


def edit_head(chance: random.Random, chain: list[Entry]) -> None:
    statement = chance.choice(
        [
            "UPDATE audit_head SET seq = seq - 1",
            "UPDATE audit_head SET hash = md5(hash) || md5(hash)",
            "DELETE FROM audit_head",
        ]
    )
    execute(statement)


def unchain(chance: random.Random, chain: list[Entry]) -> None:
    execute("UPDATE audit_entry SET seq = NULL WHERE id = %s", chance.choice(chain).id)


KINDS: tuple[Mutation, ...] = (
    edit_column,
    edit_time,
    edit_identity,
    edit_body,
    edit_hash,
    edit_and_hash_again,
    delete_rows,
    truncate_tail,
    delete_and_close_the_gap,
    swap,
    insert,
    edit_head,
    unchain,
)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_mutation_is_found(chain: list[Entry]) -> None:
    chance = random.Random(SEED)
    missed = []
    with undone():
        execute_all("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        for number in range(MUTATIONS):
            kind = KINDS[number % len(KINDS)]
            with undone():
                kind(chance, chain)
                if verify_as_seen().intact:
                    missed.append((number, kind.__name__))
        assert verify_as_seen().intact
    assert missed == []


def test_the_verifier_names_the_row(chain: list[Entry]) -> None:
    with undone():
        execute_all("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        execute("UPDATE audit_entry SET actor_name = 'nobody' WHERE seq = 17")
        report = verify_as_seen()
    assert [(finding.seq, finding.problem) for finding in report.findings] == [
        (17, "the columns do not match the body")
    ]


def test_the_command_says_that_all_is_well(chain: list[Entry], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit", "verify")
    assert f"intact, {len(chain)} rows" in capsys.readouterr().out


def test_the_command_fails_where_a_row_was_changed(chain: list[Entry], capsys: pytest.CaptureFixture[str]) -> None:
    with transaction.atomic():
        execute_all("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        execute("DELETE FROM audit_entry WHERE seq = 40")
        execute_all("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify")
    assert ended.value.code == 1
    assert "NOT intact" in capsys.readouterr().err


def test_an_empty_journal_is_intact(committed: None) -> None:
    assert verify_chain().intact


def execute_all(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
