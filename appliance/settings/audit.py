"""The audit journal: its checkpoints, the bound of its refusals, and where it is forwarded to."""

from appliance.settings.base import APPLIANCE_DATA
from appliance.settings.env import BadSetting, env

# Where the journal's checkpoints lie; `audit verify` has to run where this file is.
AUDIT_HEADS = env.path("APPLIANCE_AUDIT_HEADS", APPLIANCE_DATA / "audit" / "heads")
# A copy of its lines elsewhere, on storage that only grows if possible; without a name there is none.
AUDIT_HEADS_SECOND = env.optional_path("APPLIANCE_AUDIT_HEADS_SECOND")
if AUDIT_HEADS_SECOND == AUDIT_HEADS:
    raise BadSetting("APPLIANCE_AUDIT_HEADS_SECOND", "must be another file than APPLIANCE_AUDIT_HEADS")

# Rows of refusals that one person (or address, where nobody is signed in) may cause a minute, and all of them
# together; further ones are counted. See portal/audit/refusals.py.
AUDIT_REFUSALS = env.integer("APPLIANCE_AUDIT_REFUSALS", 30, least=1, most=10_000)
AUDIT_REFUSALS_OF_ALL = env.integer("APPLIANCE_AUDIT_REFUSALS_OF_ALL", 600, least=1, most=1_000_000)

# Where rows are sent as they come: syslog+tls://host:port, syslog+tcp://host:port or file:///path.
AUDIT_FORWARD = env.sink("APPLIANCE_AUDIT_FORWARD")
# The certificate authority of a TLS sink, as PEM; without it those of the system.
AUDIT_FORWARD_CA = env.optional_path("APPLIANCE_AUDIT_FORWARD_CA")
if AUDIT_FORWARD_CA is not None and not AUDIT_FORWARD_CA.is_file():
    raise BadSetting("APPLIANCE_AUDIT_FORWARD_CA", "names no file")
# Beyond either of these the sink is late: the console, the log and the metrics say so.
AUDIT_FORWARD_LAG_ROWS = env.integer("APPLIANCE_AUDIT_FORWARD_LAG_ROWS", 10_000, least=1, most=100_000_000)
AUDIT_FORWARD_LAG_SECONDS = env.seconds("APPLIANCE_AUDIT_FORWARD_LAG_SECONDS", 300, least=5, most=86_400)
