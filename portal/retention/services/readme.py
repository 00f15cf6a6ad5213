"""What stands in an export, in the words of whoever asked for it."""

from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core.clock import now

WIDTH = 21


def readme(person: User, *, is_whole: bool) -> str:
    values = {"name": person.username, "id": person.pk, "at": now().isoformat(timespec="seconds")}
    return "\n".join(
        (
            _("What the appliance stores of %(name)s (%(id)s), exported at %(at)s.") % values,
            "",
            *(f"{name:<{WIDTH}}{text}" for name, text in _files().items()),
            "",
            _("Every file holds one JSON object a line, in UTF-8; times are UTC."),
            _("Everything is here, also of workspaces that the person may no longer use.")
            if is_whole
            else _(
                "Conversations of workspaces that you may not use at present are not here; the operator of the "
                "appliance can export them."
            ),
            "",
        )
    )


def _files() -> dict[str, str]:
    return {
        "account.jsonl": _("the account"),
        "memberships.jsonl": _("departments and roles"),
        "grants.jsonl": _("workspaces that were opened to this person alone"),
        "conversations.jsonl": _("conversations, one a line"),
        "messages.jsonl": _('their messages: questions ("user") and answers ("assistant")'),
        "files.jsonl": _("files that were uploaded; the files themselves are in files/, named by their ids"),
        "runs.jsonl": _("when and how long the model worked; no content"),
        "prompts.jsonl": _("prompts of one's own"),
        "imports.jsonl": _("files of other programs that were imported: names and counts"),
        "audit.jsonl": _("what this person did, as the audit journal has it"),
    }
