"""The settings that an administrator may change while the appliance runs, as data.

Secrets are not among them, nor what must be known before the database is: addresses, keys, folders.
"""

from portal.configuration.kinds import LiveSetting
from portal.core.errors import Invalid

APPEARANCE, CHAT, RUNS, SIGN_IN, SOCKETS = "Appearance", "Conversations", "Runs and engines", "Sign-in", "Connections"

_ALL = (
    LiveSetting(
        name="product_name",
        kind="text",
        section=APPEARANCE,
        title="Product name",
        help="Stands at the top of every page and in the browser's tab.",
        default_value="Private AI",
        least=1,
        most=40,
    ),
    LiveSetting(
        name="company_name",
        kind="text",
        section=APPEARANCE,
        title="Company name",
        help="Whose servers this runs on, in the line under the sign-in and on error pages.",
        most=80,
    ),
    LiveSetting(
        name="notice",
        kind="text",
        section=APPEARANCE,
        title="Notice",
        help="One line that everyone sees, above the question and at the sign-in: planned maintenance, say. "
        "It appears when a page is loaded.",
        most=300,
    ),
    LiveSetting(
        name="notice_level",
        kind="choice",
        section=APPEARANCE,
        title="Kind of notice",
        help="A warning is shown in a colour that is hard to overlook.",
        default_value="information",
        choices=("information", "warning"),
    ),
    LiveSetting(
        name="support_contact",
        kind="text",
        section=APPEARANCE,
        title="Support contact",
        help="Whom to ask when something does not work: a name, a number or an address. Shown on error pages and to "
        "suspended people.",
        most=120,
    ),
    LiveSetting(
        name="question_limit",
        kind="integer",
        section=CHAT,
        title="Longest question",
        help="Longer questions are refused before they are stored.",
        environment="APPLIANCE_QUESTION_LIMIT",
        least=1_000,
        most=8_000_000,
        unit="characters",
    ),
    LiveSetting(
        name="thinking_by_default",
        kind="flag",
        section=CHAT,
        title="Thinking in new conversations",
        help="Whether new conversations begin with thinking on, where the model can think. People can switch it.",
        default_value=False,
    ),
    LiveSetting(
        name="thinking_budget",
        kind="integer",
        section=CHAT,
        title="Thinking budget",
        help="So many tokens of thought at most, where budgeted thinking is asked for and no budget is named.",
        default_value=4_096,
        least=1,
        most=1_000_000,
        unit="tokens",
    ),
    LiveSetting(
        name="thinking_budgets",
        kind="text",
        section=CHAT,
        title="Thinking budgets to choose from",
        help="In tokens, with commas between them. The one above is always among them.",
        default_value="1024, 4096, 16384",
        most=80,
    ),
    LiveSetting(
        name="messages_a_page",
        kind="integer",
        section=CHAT,
        title="Messages that open at once",
        help="Older messages come as the reader scrolls up.",
        default_value=30,
        least=10,
        most=100,
        unit="messages",
    ),
    LiveSetting(
        name="deleted_days",
        kind="integer",
        section=CHAT,
        title="Time to bring back a deleted conversation",
        help="A deleted conversation is out of every view at once. Its owner can bring it back for so long; then the "
        "sweep deletes it for good, unless a legal hold or a rule of retention says otherwise.",
        default_value=30,
        least=1,
        most=365,
        unit="days",
    ),
    LiveSetting(
        name="titles_by_model",
        kind="flag",
        section=CHAT,
        title="Titles by the model",
        help="After the first answer the model finds a title for the conversation. Without it the title is the "
        "question's first words.",
        default_value=True,
    ),
    LiveSetting(
        name="run_attempts",
        kind="integer",
        section=RUNS,
        title="Attempts of a run",
        help="How often a run is begun again after its worker was lost, the first time included.",
        environment="RUN_MAX_ATTEMPTS",
        least=1,
        most=10,
        unit="attempts",
    ),
    LiveSetting(
        name="first_token_time",
        kind="duration",
        section=RUNS,
        title="Time to the first word",
        help="An answer fails where the engine has said nothing for so long. Very long inputs take minutes to read.",
        environment="ENGINE_FIRST_TOKEN_SECONDS",
        least=1,
        most=7200,
    ),
    LiveSetting(
        name="idle_time",
        kind="duration",
        section=RUNS,
        title="Silence within an answer",
        help="An answer fails where the engine falls silent for so long.",
        environment="ENGINE_IDLE_SECONDS",
        least=1,
        most=3600,
    ),
    LiveSetting(
        name="session_length",
        kind="duration",
        section=SIGN_IN,
        title="Length of a session",
        help="For so long a sign-in lasts. Made shorter, it also shortens the sessions of people who are signed in, "
        "from their next request.",
        environment="SESSION_COOKIE_AGE",
        least=300,
        most=30 * 86400,
    ),
    LiveSetting(
        name="wrong_passwords",
        kind="integer",
        section=SIGN_IN,
        title="Wrong passwords for one name from one address",
        help="After so many within the time below even the right password is refused from there.",
        default_value=5,
        least=3,
        most=50,
        unit="attempts",
    ),
    LiveSetting(
        name="wrong_passwords_time",
        kind="duration",
        section=SIGN_IN,
        title="Time over which wrong passwords count",
        help="Counts both for one name from one address and for one name from all addresses.",
        default_value=300,
        least=60,
        most=86400,
    ),
    LiveSetting(
        name="wrong_passwords_of_address",
        kind="integer",
        section=SIGN_IN,
        title="Wrong passwords from one address",
        help="Whatever the names. People behind one proxy that is not named share this.",
        default_value=10,
        least=5,
        most=1_000,
        unit="a minute",
    ),
    LiveSetting(
        name="wrong_passwords_of_name",
        kind="integer",
        section=SIGN_IN,
        title="Wrong passwords for one name from all addresses",
        help="High, or anybody could lock out a colleague.",
        default_value=100,
        least=20,
        most=10_000,
        unit="attempts",
    ),
    LiveSetting(
        name="socket_messages_a_second",
        kind="integer",
        section=SOCKETS,
        title="Messages a second on a socket",
        help="A tab that sends more, once its reserve is used up, is disconnected.",
        default_value=20,
        least=5,
        most=1_000,
        unit="a second",
    ),
    LiveSetting(
        name="socket_messages_at_once",
        kind="integer",
        section=SOCKETS,
        title="Messages at once on a socket",
        help="The reserve of a tab that was quiet before.",
        default_value=100,
        least=10,
        most=10_000,
        unit="messages",
    ),
    LiveSetting(
        name="socket_runs",
        kind="integer",
        section=SOCKETS,
        title="Runs followed by one socket",
        help="A tab follows a run or two.",
        default_value=50,
        least=5,
        most=1_000,
        unit="runs",
    ),
)

REGISTRY: dict[str, LiveSetting] = {setting.name: setting for setting in _ALL}
SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(setting.section for setting in _ALL))


def setting_named(name: str) -> LiveSetting:
    """Raises Invalid."""
    try:
        return REGISTRY[name]
    except KeyError:
        shown = name[:60]
        raise Invalid(f"There is no setting named {shown}.", code="unknown_setting", details={"field": shown}) from None
