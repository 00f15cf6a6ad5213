"""What the owner of the database might do to the journal behind the application's back."""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from portal.audit.models import Entry
from portal.core.clock import now
from tests.portal.audit.broken_guards import BROKEN_GUARDS

TEXT_COLUMNS = ("actor_kind", "actor_name", "action", "object_type", "object_id", "outcome", "reason")
HASHES = ("hash", "previous_hash")

REHASH = """
DO $$
DECLARE
    row record;
    last text := repeat('0', 64);
    link text;
    number bigint := 0;
BEGIN
    FOR row IN SELECT id, seq, body, seal FROM audit_entry ORDER BY seq LOOP
        number := number + 1;
        link := encode(sha256(convert_to(last || E'\\n' || number || E'\\n' || row.body
            || CASE WHEN row.seal = '' THEN '' ELSE E'\\n' || row.seal END, 'UTF8')), 'hex');
        UPDATE audit_entry SET seq = number, previous_hash = last, hash = link WHERE id = row.id;
        last := link;
    END LOOP;
    UPDATE audit_head SET seq = number, hash = last;
END $$
"""
"""A forger who knows the formula, and writes the whole chain anew from what stands in the rows."""

Mutation = Callable[[random.Random, list[Entry]], None]


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
        "previous_hash || E'\\n' || seq || E'\\n' || body || ' ' || E'\\n' || seal, 'UTF8')), 'hex') WHERE id = %s",
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
        seal=model.seal,
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


def rewrite_and_rehash(chance: random.Random, chain: list[Entry]) -> None:
    execute(
        "UPDATE audit_entry SET actor_name = 'nobody', body = replace(body, 'actor ', 'nobody ') WHERE id = %s",
        chance.choice(chain).id,
    )
    run(REHASH)


def forge_and_rehash(chance: random.Random, chain: list[Entry]) -> None:
    """One row becomes a copy of another, seal included."""
    one, other = chance.sample(chain, 2)
    execute("UPDATE audit_entry SET body = %s, seal = %s WHERE id = %s", other.body, other.seal, one.id)
    run(REHASH)


def reorder_and_rehash(chance: random.Random, chain: list[Entry]) -> None:
    swap(chance, chain)
    run(REHASH)


def delete_and_rehash(chance: random.Random, chain: list[Entry]) -> None:
    delete_rows(chance, chain)
    run(REHASH)


def truncate_and_set_the_head_back(chance: random.Random, chain: list[Entry]) -> None:
    truncate_tail(chance, chain[1:])
    run(REHASH)


def wipe(chance: random.Random, chain: list[Entry]) -> None:
    execute("DELETE FROM audit_entry")
    execute("UPDATE audit_head SET seq = 0, hash = repeat('0', 64)")


def strip_seals_and_rehash(chance: random.Random, chain: list[Entry]) -> None:
    """As if these rows came from before there were seals."""
    execute("UPDATE audit_entry SET seal = '' WHERE seq <= %s", chance.randint(1, len(chain)))
    run(REHASH)


def break_a_guard(chance: random.Random, chain: list[Entry]) -> None:
    run(chance.choice(BROKEN_GUARDS))


FORGERIES: tuple[Mutation, ...] = (
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
    rewrite_and_rehash,
    forge_and_rehash,
    reorder_and_rehash,
    delete_and_rehash,
    truncate_and_set_the_head_back,
    wipe,
    strip_seals_and_rehash,
)

KINDS = (*FORGERIES, break_a_guard)


@contextmanager
def triggers_off() -> Iterator[None]:
    """The owner of the tables may do this, and puts them back when done."""
    run("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    yield
    run("ALTER TABLE audit_entry ENABLE TRIGGER USER")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in [statements] if "DO $$" in statements else statements.strip().split(";\n"):
            cursor.execute(statement)


def execute(statement: str, *values: str | float | uuid.UUID | list[uuid.UUID] | None) -> None:
    """One statement that must have changed something."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount != 0
