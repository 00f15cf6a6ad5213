"""The catalogue of actions: what can be done in the appliance, as data.

Every URL, socket event and task carries one of these names; a test walks them all and fails where one is missing.
Those that are given and denied on objects are the rights; roles are made of them.
"""

from dataclasses import dataclass

DEPARTMENT, WORKSPACE, CONVERSATION, ENGINE = "department", "workspace", "conversation", "engine"
MEMBER, MANAGER = "member", "manager"
EVERYONE, MANAGERS = (MEMBER, MANAGER), (MANAGER,)


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done.

    Attributes:
        on: the kinds of objects on which it is given and denied; it is a *right* then. On a department it is given by
            a role and counts for the subtree.
        roles: the roles of every company that hold it.
        administrative: platform administrators hold it everywhere; it opens nobody's content.
        follows: the right that decides, where it is another one's.
        own: it is about the actor's own account alone.
    """

    name: str
    description: str
    resource: str
    public: bool = False
    on: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    administrative: bool = False
    follows: str = ""
    own: bool = False

    @property
    def right(self) -> str:
        """The right that decides; empty where none does: being signed in, a platform role or the system itself."""
        return self.follows or (self.name if self.on else "")


def _right(name: str, description: str, *on: str, roles: tuple[str, ...] = EVERYONE) -> Action:
    return Action(name, description, on[-1], on=on, roles=roles)


def _administration(name: str, description: str, *on: str) -> Action:
    return Action(name, description, on[-1], on=on, roles=MANAGERS, administrative=True)


_RIGHTS = (
    _right("workspace.view", "Open a workspace", DEPARTMENT, WORKSPACE),
    _right("conversation.create", "Start a conversation in a workspace", DEPARTMENT, WORKSPACE),
    _right("conversation.view", "Read a conversation", DEPARTMENT, WORKSPACE, CONVERSATION),
    _right("message.ask", "Ask a question in a conversation", DEPARTMENT, WORKSPACE, CONVERSATION),
    _right("conversation.share", "Share one's conversation with others of its workspace", DEPARTMENT, WORKSPACE),
    _right("engine.use", "Have questions answered by an engine", ENGINE, roles=()),
    Action(
        "department.view",
        "See a department and those below it",
        DEPARTMENT,
        on=(DEPARTMENT,),
        roles=EVERYONE,
        administrative=True,
    ),
    _administration("department.manage", "Create, rename, move and remove departments", DEPARTMENT),
    _administration("membership.manage", "Invite, move and remove people, and give them roles", DEPARTMENT),
    _administration("workspace.manage", "Create, change and archive workspaces", DEPARTMENT, WORKSPACE),
    _administration("grant.manage", "Give and deny rights", DEPARTMENT, WORKSPACE),
    _administration("retention.manage", "Set how long things are kept", DEPARTMENT, WORKSPACE),
    _administration("usage.view", "Read what was used", DEPARTMENT),
)

_ACTIONS = (
    *_RIGHTS,
    Action("session.sign_in", "Sign in or out", "session", public=True),
    Action("invitation.accept", "Choose a password by the link of one's invitation", "person", public=True),
    Action("invitation.issue", "Make the link by which an invited person chooses a password", "person"),
    Action("system.health", "See whether the appliance is alive and ready", "system", public=True),
    Action("interface.load", "Load the parts of the interface that are the same for everybody", "system", public=True),
    Action("system.metrics", "Read the metrics, from the monitoring networks only", "system", public=True),
    Action("api.describe", "Read the description of the API", "system"),
    Action("profile.view", "See one's own account", "person", own=True),
    Action("profile.change", "Change one's own account: the language of the interface", "person", own=True),
    Action("department.list", "List the departments that one may see", "department", follows="department.view"),
    Action("workspace.list", "List the workspaces that one may use", "workspace", follows="workspace.view"),
    Action("conversation.list", "List conversations of a workspace", "conversation", follows="conversation.view"),
    Action(
        "conversation.change",
        "Rename one's conversation, and place it for oneself",
        "conversation",
        follows="conversation.view",
    ),
    Action(
        "conversation.move", "Move one's conversation to another workspace", "conversation", follows="conversation.view"
    ),
    Action("comment.write", "Comment on a message", "conversation", follows="conversation.view"),
    Action("comment.change", "Change one's comment", "conversation", follows="conversation.view"),
    Action(
        "comment.delete",
        "Delete one's comment, or any in one's conversation",
        "conversation",
        follows="conversation.view",
    ),
    Action(
        "conversation.watch",
        "Hear at once of what is new in a conversation",
        "conversation",
        follows="conversation.view",
    ),
    Action("conversation.delete", "Delete one's conversation", "conversation", follows="conversation.view"),
    Action(
        "conversation.restore",
        "Bring back a conversation that one has deleted",
        "conversation",
        follows="conversation.view",
    ),
    Action(
        "conversation.search",
        "Search what was said in the conversations that one may read",
        "conversation",
        follows="conversation.view",
    ),
    Action("conversation.index", "Take what was said into the search (timetable)", "conversation"),
    Action("conversation.title", "Have the model find a title (worker)", "conversation"),
    Action("folder.list", "List one's folders", "folder"),
    Action("folder.change", "Make, rename and remove one's folders", "folder"),
    Action("prompt.list", "List and read the prompts that one may use", "prompt"),
    Action("prompt.change", "Make, change and delete prompts: one's own, and those of what one manages", "prompt"),
    Action("instructions.view", "Read what the model is told in a workspace", "workspace"),
    Action(
        "instructions.change",
        "Write what the model is told in a workspace",
        "workspace",
        follows="workspace.manage",
    ),
    Action("first_question.list", "See the first questions of a department or a workspace", "department"),
    Action("first_question.change", "Choose the first questions of a department or a workspace", "department"),
    Action("conversation.export", "Take a conversation out as a file", "conversation", follows="conversation.view"),
    Action("conversation.import", "Import conversations from a file", "import", follows="conversation.create"),
    Action("import.list", "See one's own imports", "import", own=True),
    Action("import.cancel", "Cancel one's own import", "import", own=True),
    Action("import.execute", "Read an uploaded export (worker)", "import"),
    Action("import.resume", "Go on with imports whose worker was lost, and tidy up (timetable)", "import"),
    Action("message.regenerate", "Have a question answered again", "conversation", follows="message.ask"),
    Action("message.continue", "Have an answer that broke off continued", "conversation", follows="message.ask"),
    Action("branch.switch", "Show another branch of a conversation", "conversation", follows="message.ask"),
    Action("file.upload", "Upload a file for a question", "file", follows="message.ask"),
    Action("file.view", "See a file, its state and its pages", "file", follows="conversation.view"),
    Action("file.download", "Download a file as it was uploaded", "file", follows="conversation.view"),
    Action("file.remove", "Remove a file that is not attached yet", "file", follows="message.ask"),
    Action("file.read", "Read the text of a file (worker)", "file"),
    Action("file.attach", "Attach a file to a question", "file", follows="message.ask"),
    Action("run.view", "Follow a run", "run", follows="conversation.view"),
    Action("run.cancel", "Stop a run", "run", follows="message.ask"),
    Action("run.answer_now", "End a run's thinking and have it answer", "run", follows="message.ask"),
    Action("conversation.compact", "Summarise messages that are too long for the model (worker)", "conversation"),
    Action("engine.list", "See the engines and their state", "engine"),
    Action("stream.connect", "Open the socket of a tab", "session"),
    Action("console.enter", "Use the administration console", "console"),
    Action("run.execute", "Execute a run (worker)", "run"),
    Action("run.reap", "Return runs whose worker was lost (timetable)", "run"),
    Action("run.withdraw", "Stop runs whose asker has lost the right (worker)", "run"),
    Action("system.sweep", "Clear expired sessions and other leftovers (timetable)", "system"),
    Action("system.prepare", "Bring database and static files up to date (command)", "system"),
    Action("audit.verify", "Verify the audit journal (command)", "journal"),
    Action("audit.view", "Read the audit journal", "journal"),
    Action("audit.export", "Export the audit journal", "journal"),
    Action("audit.forward", "Forward the audit journal to a sink (timetable)", "journal"),
    Action("audit.checkpoint", "Note the audit journal's head outside the database (timetable)", "journal"),
    Action("audit.begin", "Begin a file of checkpoints of the audit journal", "journal"),
    Action("audit.seal", "Vouch for the audit journal's rows from before there were seals (migration)", "journal"),
    Action("person.import", "Invite people from a table", "person", follows="membership.manage"),
    Action("right.list", "List the rights that there are", "right"),
    Action("role.list", "List the roles that can be given", "role", follows="membership.manage"),
    Action("workspace.read", "See what a workspace is for and where it lies", "workspace"),
    Action("audit.summarise", "Say how many refusals were not written one by one", "journal"),
    Action("person.manage", "Create and change people", "person"),
    Action("role.manage", "Make roles of the catalogue's rights, and change them", "role"),
    Action("grant.give", "Give rights on an object", "grant", follows="grant.manage"),
    Action("grant.withdraw", "Withdraw rights on an object", "grant", follows="grant.manage"),
    Action("denial.set", "Deny rights, whatever else gives them", "denial", follows="grant.manage"),
    Action("denial.lift", "Lift a denial", "denial", follows="grant.manage"),
    Action("rights.explain", "See what a person may do, and why", "person", follows="grant.manage"),
    Action("engine.manage", "Register engines and change them", "engine"),
    Action("break_glass.list", "See the requests to read sealed conversations", "break_glass"),
    Action("break_glass.ask", "Ask to read sealed conversations", "break_glass"),
    Action("break_glass.approve", "Approve another one's request to read sealed conversations", "break_glass"),
    Action("break_glass.refuse", "Refuse such a request", "break_glass"),
    Action("break_glass.withdraw", "Withdraw one's own such request", "break_glass"),
    Action("break_glass.read", "Read a sealed conversation under an approved request", "conversation"),
    Action("break_glass.end", "End such an access before its time", "break_glass"),
    Action("break_glass.expire", "Note that a request has lapsed or an access ended (timetable)", "break_glass"),
    Action("notice.list", "See what the appliance has told one", "notice", own=True),
    Action("notice.dismiss", "Dismiss a notice", "notice", own=True),
    Action("settings.view", "See the live settings and their history", "setting"),
    Action("settings.change", "Change live settings, or bring back earlier values", "setting"),
    Action("retention.view", "See the rules of retention, and what they would delete", "retention"),
    Action("retention.sweep", "Delete what is past its time (timetable)", "retention"),
    Action("hold.place", "Place a legal hold", "hold"),
    Action("hold.release", "Release a legal hold", "hold"),
    Action("person.export", "Export what is stored of a person", "person"),
    Action("person.erase", "Erase a person: all that is theirs goes, the account is made anonymous", "person"),
)

CATALOGUE: dict[str, Action] = {action.name: action for action in _ACTIONS}


RIGHTS: dict[str, Action] = {action.name: action for action in _RIGHTS}


def rights_on(kind: str) -> tuple[Action, ...]:
    """The rights that can be given and denied on an object of this kind."""
    return tuple(action for action in _RIGHTS if kind in action.on)


class UnknownAction(LookupError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is not in the catalogue of actions (portal.core.catalogue)")


def action_named(name: str) -> Action:
    """Raises UnknownAction."""
    try:
        return CATALOGUE[name]
    except KeyError:
        raise UnknownAction(name) from None
