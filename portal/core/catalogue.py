"""The catalogue of actions: what can be done in the appliance, as data.

Every URL, socket event and task carries one of these names; a test walks them all and fails where one is missing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    description: str
    resource: str
    public: bool = False


_ACTIONS = (
    Action("session.sign_in", "Sign in or out", "session", public=True),
    Action("system.health", "See whether the appliance is alive and ready", "system", public=True),
    Action("system.metrics", "Read the metrics, from the monitoring networks only", "system", public=True),
    Action("api.describe", "Read the description of the API", "system"),
    Action("profile.view", "See one's own account", "person"),
    Action("department.list", "List the departments that one belongs to", "department"),
    Action("workspace.list", "List the workspaces that one may use", "workspace"),
    Action("workspace.view", "Open a workspace", "workspace"),
    Action("conversation.list", "List one's conversations in a workspace", "conversation"),
    Action("conversation.view", "Read a conversation", "conversation"),
    Action("conversation.create", "Start a conversation in a workspace", "workspace"),
    Action("message.ask", "Ask a question in a conversation", "conversation"),
    Action("message.regenerate", "Have a question answered again", "conversation"),
    Action("run.view", "Follow a run", "run"),
    Action("run.cancel", "Stop a run", "run"),
    Action("engine.list", "See the engines and their state", "engine"),
    Action("stream.connect", "Open the socket of a tab", "session"),
    Action("console.enter", "Use the administration console", "console"),
    Action("run.execute", "Execute a run (worker)", "run"),
    Action("run.reap", "Return runs whose worker was lost (timetable)", "run"),
    Action("system.sweep", "Clear expired sessions and other leftovers (timetable)", "system"),
    Action("system.prepare", "Bring database and static files up to date (command)", "system"),
    Action("audit.verify", "Verify the audit journal (command)", "journal"),
    Action("audit.view", "Read the audit journal", "journal"),
    Action("audit.export", "Export the audit journal", "journal"),
    Action("audit.forward", "Forward the audit journal to a sink (timetable)", "journal"),
    Action("audit.checkpoint", "Note the audit journal's head outside the database (timetable)", "journal"),
    Action("audit.begin", "Begin a file of checkpoints of the audit journal", "journal"),
    Action("audit.seal", "Vouch for the audit journal's rows from before there were seals (migration)", "journal"),
    Action("audit.summarise", "Say how many refusals were not written one by one", "journal"),
    Action("person.manage", "Create and change people", "person"),
    Action("department.manage", "Create and change departments and memberships", "department"),
    Action("workspace.manage", "Create and change workspaces", "workspace"),
    Action("grant.give", "Give a person access to a workspace", "workspace"),
    Action("grant.withdraw", "Withdraw a person's access to a workspace", "workspace"),
    Action("engine.manage", "Register engines and change them", "engine"),
)

CATALOGUE: dict[str, Action] = {action.name: action for action in _ACTIONS}


class UnknownAction(LookupError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is not in the catalogue of actions (portal.core.catalogue)")


def action_named(name: str) -> Action:
    """Raises UnknownAction."""
    try:
        return CATALOGUE[name]
    except KeyError:
        raise UnknownAction(name) from None
