"""A conversation as Markdown: headings say who speaks, answers stay as the model wrote them."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from portal.chat.choices import Author
from portal.chat.comments.selectors import exported
from portal.chat.export.reading import Exported
from portal.chat.models import Comment, Conversation

# Line breaks and tabs are text; the rest could move a terminal's cursor or hide what stands there.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!])")


def without_control(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def speaker(message: Exported) -> str:
    """Who speaks: where several people do, by name, and where a model does, which."""
    if message.author == Author.PERSON:
        return f"{_('Question')} ({one_line(message.name)})" if message.name else _("Question")
    return f"{_('Answer')} ({one_line(message.model)})" if message.model else _("Answer")


def as_markdown(conversation: Conversation, messages: Sequence[Exported]) -> bytes:
    numbers = {message.id: number for number, message in enumerate(messages, 1)}
    said = exported(conversation)
    parts = [f"# {_escaped(conversation.title)}\n"]
    for number, message in enumerate(messages, 1):
        above = numbers.get(message.parent) if message.parent else None
        # Said only where it is not the message before.
        follows = _(", after {number}").format(number=above) if above not in (None, number - 1) else ""
        moment = message.created_at.strftime("%Y-%m-%d %H:%M UTC")
        parts.append(f"## {number}. {_escaped(speaker(message))}{follows}\n\n*{moment}*\n")
        if message.reasoning.strip():
            quoted = "\n".join(f"> {line}".rstrip() for line in without_control(message.reasoning).strip().split("\n"))
            parts.append(f"> **{_('Thoughts')}**\n>\n{quoted}\n")
        parts.append(f"{_closed(without_control(message.text).strip())}\n")
        parts += [_comment(name, row) for name, row in said.get(message.id, ())]
    return "\n".join(parts).encode(errors="replace")


def _comment(name: str, row: Comment) -> str:
    """Its text is no markup: each line is escaped, and quoted."""
    lines = "\n".join(f"> {_escaped(line)}".rstrip() for line in without_control(row.text).split("\n"))
    moment = row.created_at.strftime("%Y-%m-%d %H:%M UTC")
    heading = _("Comment of {name}").format(name=_escaped(name))
    return f"> **{heading}**, *{moment}*\n>\n{lines}\n"


def one_line(text: str) -> str:
    return " ".join(without_control(text).split())


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _closed(text: str) -> str:
    """A code block that the model left open would swallow what follows."""
    fence = ""
    for line in text.split("\n"):
        found = re.match(r" {0,3}(`{3,}|~{3,})(.*)", line)
        if found is None:
            continue
        mark, rest = found.groups()
        if not fence:
            fence = mark
        elif mark[0] == fence[0] and len(mark) >= len(fence) and not rest.strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
