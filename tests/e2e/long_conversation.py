"""Brings a conversation of thousands of messages in by the import, as a person would."""

import json
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

TABLE = "| Quay | Ship | Tons |\n|---|---|--:|\n| 7 | Alma | 1,200 |\n| 8 | Berta | 900 |"
CODE = '```python\ndef tons(ships: list[int]) -> int:\n    return sum(ships)  # "all of them"\n```'
WORDS = "The container stands in bay seven and leaves with the evening train, if customs have no questions. "


def text_of(number: int) -> str:
    if number % 2 == 0:
        return f"Question {number}: where does the container stand?"
    parts = [f"**Answer {number}**: " + WORDS * (1 + number % 4)]
    if number % 10 == 1:
        parts.append(TABLE)
    if number % 10 == 5:
        parts.append(CODE)
    if number % 10 == 7:
        parts.append("- one\n- two\n  - three\n\nand `code`, and *more*.")
    return "\n\n".join(parts)


def export(title: str, messages: int) -> bytes:
    begun = datetime.now(UTC) - timedelta(seconds=messages + 5)
    rows = [
        {
            "id": f"m{number}",
            "parent": f"m{number - 1}" if number else None,
            "author": "assistant" if number % 2 else "user",
            "created_at": (begun + timedelta(seconds=number)).isoformat(),
            "model": "default" if number % 2 else "",
            "text": text_of(number),
            "reasoning": "",
        }
        for number in range(messages)
    ]
    now = datetime.now(UTC).isoformat()
    whole = {
        "format": "private-ai.conversation",
        "version": 1,
        "id": title,
        "title": title,
        "created_at": begun.isoformat(),
        "active_at": now,
        "head": rows[-1]["id"],
        "messages": rows,
    }
    return json.dumps(whole).encode()


def imported(page: Page, title: str, messages: int) -> str:
    """The path of the conversation."""
    page.goto("/imports/")
    done = page.locator("[data-import][data-state=finished]")
    before = done.count()
    page.get_by_label("JSON or ZIP file").set_input_files(
        {"name": f"{title}.json", "mimeType": "application/json", "buffer": export(title, messages)}
    )
    page.get_by_role("button", name="Import", exact=True).click()
    expect(done).to_have_count(before + 1, timeout=90_000)
    page.goto("/")
    link = page.locator("#side-list a", has_text=title).first
    return str(link.get_attribute("href"))


def message_ids(page: Page, path: str) -> list[str]:
    """Of the branch that is shown, from the top, by the programs' interface."""
    found: list[str] = page.evaluate(
        """async path => {
            let ids = [], before = "";
            do {
                const answer = await fetch(`/api/conversations/${path.split("/")[2]}/messages?limit=100${before}`);
                const { items, next } = await answer.json();
                ids = [...items.map(item => item.id), ...ids];
                before = next && `&before=${next}`;
            } while (before);
            return ids;
        }""",
        path,
    )
    return found
