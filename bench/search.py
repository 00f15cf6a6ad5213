"""What a search costs among 1,000,000 messages: ``python -m bench.search`` (several minutes, most of them to fill).

50,000 conversations of 1,000 people in 200 workspaces. One person owns 5,000 of them, 500 more are shared with her; the
others own 45 each. Words are as frequent as in a language (Zipf); every tenth message is Chinese.
"""

import argparse
import bisect
import datetime
import itertools
import os
import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from bench.load import quantile
from bench.table import Row, print_table
from launcher.services import start_postgres

MESSAGES, A_CONVERSATION, PEOPLE, WORKSPACES, OF_HEAVY, SHARED = 1_000_000, 20, 1_000, 200, 0.1, 500
VOCABULARY, REPEAT, LIMIT_MS = 30_000, 12, 150.0
STEP = datetime.timedelta(seconds=40)
HAN = [chr(0x4E00 + number * 7) for number in range(1_500)]


class Language:
    """Made-up words; the n-th is n times as rare as the first."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        syllables = ["con", "tai", "ner", "por", "ta", "li", "mo", "ra", "ves", "sel", "do", "cu", "ment", "fri", "ght"]
        self.words = [
            "".join(self.chance.choice(syllables) for _ in range(2 + number % 3)) + (f"{number}" if number > 60 else "")
            for number in range(VOCABULARY)
        ]
        self._bounds = list(itertools.accumulate(1 / (number + 3) for number in range(VOCABULARY)))

    def word(self) -> str:
        return self.words[bisect.bisect(self._bounds, self.chance.random() * self._bounds[-1])]

    def message(self) -> str:
        if self.chance.random() < 0.1:
            return "".join(HAN[int(self.chance.paretovariate(0.9)) % len(HAN)] for _ in range(60))
        return " ".join(self.word() for _ in range(self.chance.randint(10, 70)))


@dataclass(frozen=True)
class Asked:
    kind: str
    text: str


def filled(count: int) -> tuple[Any, Any, Language]:
    """The person with most, one with few, and the language."""
    from django.contrib.auth.models import Permission  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from portal.accounts.models import User  # noqa: PLC0415
    from portal.chat.models import Conversation, ConversationGrant  # noqa: PLC0415
    from portal.departments.builtin import builtin_role  # noqa: PLC0415
    from portal.departments.choices import RoleKey  # noqa: PLC0415
    from portal.departments.models import Department, Membership, Workspace  # noqa: PLC0415

    language, moment = Language(1), timezone.now()
    company = Department.objects.add_root(instance=Department(name="Company"))
    people = User.objects.bulk_create([User(username=f"person-{number}") for number in range(PEOPLE)])
    rooms = Workspace.objects.bulk_create([Workspace(department=company, name=f"{n}") for n in range(WORKSPACES)])
    role = builtin_role(RoleKey.MEMBER)
    Membership.objects.bulk_create([Membership(person=item, department=company, role=role) for item in people])
    conversations = Conversation.objects.bulk_create(
        [
            Conversation(
                workspace=language.chance.choice(rooms),
                owner=people[0] if language.chance.random() < OF_HEAVY else language.chance.choice(people[1:]),
                title=f"conversation {number}",
                active_at=moment - datetime.timedelta(minutes=10 * number),
            )
            for number in range(count // A_CONVERSATION)
        ],
        batch_size=2_000,
    )
    read = Permission.objects.get(content_type__app_label="chat", codename="conversation.view")
    others = [item for item in conversations if item.owner_id != people[0].pk][:SHARED]
    ConversationGrant.objects.bulk_create(
        [ConversationGrant(user=people[0], content_object=item, permission=read) for item in others]
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX chat_search_words")
        rows = list(messages_of(conversations, language))
        with cursor.copy(
            "COPY chat_message (id, conversation_id, author, text, reasoning, created_at) FROM STDIN"
        ) as to:
            for message, conversation, author, text, at in rows:
                to.write_row((message, conversation.pk, author, text, "", at))
        with cursor.copy("COPY chat_search_entry (message_id, conversation_id, owner_id, at, words) FROM STDIN") as to:
            for row in entries_of(rows):
                to.write_row(row)
        cursor.execute("CREATE INDEX chat_search_words ON chat_search_entry USING gin (words) WITH (fastupdate = off)")
        cursor.execute("UPDATE chat_conversation SET indexed_at = active_at")
        cursor.execute("VACUUM ANALYZE")
    return people[0], people[1], language


def messages_of(conversations: list[Any], language: Language) -> Iterator[tuple[uuid.UUID, Any, str, str, Any]]:
    for conversation in reversed(conversations):
        for number in range(A_CONVERSATION):
            author = "assistant" if number % 2 else "user"
            at = conversation.active_at - (A_CONVERSATION - number) * STEP
            yield uuid.UUID(int=language.chance.getrandbits(128)), conversation, author, language.message(), at


def entries_of(rows: list[tuple[uuid.UUID, Any, str, str, Any]]) -> Iterator[tuple[Any, ...]]:
    from portal.chat.search.indexing import label_of_author, label_of_owner  # noqa: PLC0415
    from portal.chat.search.words import vector  # noqa: PLC0415

    for message, conversation, author, text, at in rows:
        owner = conversation.owner_id
        yield message, conversation.pk, owner, at, vector(text, label_of_owner(owner), label_of_author(author))


def searches(language: Language) -> list[Asked]:
    words, chance = language.words, random.Random(2)
    return [
        *(Asked("a frequent word", words[number]) for number in range(REPEAT)),
        *(Asked("a word of 1 in 1,000 messages", words[1_500 + number]) for number in range(REPEAT)),
        *(Asked("a rare word", words[20_000 + number]) for number in range(REPEAT)),
        *(
            Asked("two words", f"{words[chance.randint(0, 20)]} {words[chance.randint(100, 900)]}")
            for _ in range(REPEAT)
        ),
        *(Asked("the beginning of a word", words[chance.randint(0, 50)][:4]) for _ in range(REPEAT)),
        *(Asked("two Chinese characters", HAN[1 + number % 5] + HAN[1 + number % 7]) for number in range(REPEAT)),
        *(
            Asked("five Chinese characters", "".join(HAN[chance.randint(1, 40)] for _ in range(5)))
            for _ in range(REPEAT)
        ),
        *(Asked("what nobody said", f"zzz{number}") for number in range(REPEAT)),
    ]


def measured(count: int) -> list[Row]:
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    began = time.monotonic()
    heavy, light, language = filled(count)
    print(f"{count:,} messages filled in {time.monotonic() - began:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size('chat_search_entry') / 1e6, pg_relation_size('chat_search_words') / 1e6"
        )
        table, index = cursor.fetchone()
    rows = [
        *asked_by(heavy, light, language),
        Row("search, table with its indexes", float(table), "MB"),
        Row("search, index of words", float(index), "MB"),
    ]
    connection.close()
    return rows


def asked_by(heavy: Any, light: Any, language: Language) -> list[Row]:  # noqa: ANN401  # people
    from portal.accounts.door import actor_for  # noqa: PLC0415
    from portal.chat.search.selectors import Search, search  # noqa: PLC0415

    times: dict[str, list[float]] = {}
    for name, person in (("100,000 of her own", heavy), ("1,000 of her own", light)):
        actor = actor_for(person)
        for asked in searches(language) * 2:
            started = time.perf_counter()
            found = search(actor, Search(asked.text))
            taken = (time.perf_counter() - started) * 1000
            times.setdefault(f"{name}: {asked.kind}", []).append(taken)
            if found.next:
                started = time.perf_counter()
                search(actor, Search(asked.text), after=found.next)
                times.setdefault(f"{name}: the next page", []).append((time.perf_counter() - started) * 1000)
    everything = [value for values in times.values() for value in values]
    rows = [Row(f"search, {name}, p95", quantile(values, 0.95), "ms") for name, values in times.items()]
    return [
        *rows,
        Row("search, all of these, p50", quantile(everything, 0.5), "ms"),
        Row("search, all of these, p95", quantile(everything, 0.95), "ms", LIMIT_MS),
    ]


def search_rows(count: int = MESSAGES) -> list[Row]:
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
            return measured(count)
        finally:
            postgres.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    print_table(search_rows(parser.parse_args().messages))
