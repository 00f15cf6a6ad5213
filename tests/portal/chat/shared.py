"""Conversations that several people have."""

from portal.chat.models import Conversation
from portal.departments.grants import give, withdraw
from tests.people import Company

READ = ("conversation.view",)
READ_AND_ASK = ("conversation.view", "message.ask")


def share(company: Company, conversation: Conversation, name: str, rights: tuple[str, ...] = READ_AND_ASK) -> None:
    give(company.actor("alice"), company.people[name], conversation, rights)


def unshare(company: Company, conversation: Conversation, name: str, rights: tuple[str, ...] = READ_AND_ASK) -> None:
    withdraw(company.actor("alice"), company.people[name], conversation, rights)
