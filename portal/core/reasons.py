"""Why something was allowed, in the words of the audit journal.

An object's door names the way by which the right is held; an act that no object decides is allowed by what the actor
is. Refusals have texts of their own.
"""

from typing import Literal, get_args

Reason = Literal[
    # Ways to an object.
    "owner",  # the conversation is his own, or the run answers in one that is
    "role",  # at the object's department or above it
    "grant",  # on the object or what contains it: to him, a role that he holds or a department that he is of
    "everybody",  # the engine is not reserved
    "break_glass",
    # What the actor is.
    "platform_role",  # platform administrator
    "auditor",
    "own_account",
    "signed_in",
    "password",
    "invitation",
    "public",
    "command",  # run by a user of the operating system
    "job",  # the appliance itself at work
    # It would have been allowed, and was only tried.
    "dry run",
]

COMMON: tuple[Reason, ...] = ("job", "owner", "role", "signed_in")
"""Those of most rows: whoever looks for one finds it among the newest, so no index has them."""

REASONS: frozenset[str] = frozenset(get_args(Reason))
