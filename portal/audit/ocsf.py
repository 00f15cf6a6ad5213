"""A row in the shape of OCSF 1.3 (https://schema.ocsf.io), for the company's own tools.

Sign-ins are `Authentication`, changes of people, departments, rights and engines `Entity Management`, everything else
`API Activity`. What the schema has no place for is under ``unmapped``, with what it takes to verify the row.
"""

from typing import Any

import orjson

from portal.audit.models import Entry

PRODUCT = {"name": "Private AI appliance", "vendor_name": "Private AI appliance"}
VERSION = "1.3.0"

AUTHENTICATION, ENTITY_MANAGEMENT, API_ACTIVITY = 3002, 3004, 6003
CLASS_NAMES = {
    AUTHENTICATION: "Authentication",
    ENTITY_MANAGEMENT: "Entity Management",
    API_ACTIVITY: "API Activity",
}
CREATE, READ, UPDATE, DELETE, OTHER = 1, 2, 3, 4, 99
LOGON, LOGOFF = 1, 2
ACTIVITY_NAMES = {CREATE: "Create", READ: "Read", UPDATE: "Update", DELETE: "Delete", OTHER: "Other"}

# By the last word of an action's name.
VERBS = {
    **dict.fromkeys(("view", "list", "verify", "export", "read", "search", "describe", "download"), READ),
    **dict.fromkeys(("create", "ask", "regenerate", "give", "begin", "start", "add"), CREATE),
    **dict.fromkeys(("manage", "change", "cancel", "reap", "set", "move"), UPDATE),
    **dict.fromkeys(("withdraw", "delete", "sweep", "erase"), DELETE),
}
MANAGED = ("manage", "give", "withdraw")
CHANGES = {"created": CREATE, "registered": CREATE, "removed": DELETE, "deleted": DELETE}

INFORMATIONAL, LOW, MEDIUM = 1, 2, 3
SEVERITY_NAMES = {INFORMATIONAL: "Informational", LOW: "Low", MEDIUM: "Medium"}
SUCCESS, FAILURE = 1, 2
USER, ADMIN, SYSTEM, UNKNOWN = 1, 2, 3, 0
USER_TYPES = {"person": (USER, "User"), "system": (SYSTEM, "System")}


def event(entry: Entry) -> dict[str, Any]:
    details = details_of(entry)
    class_uid = _class(entry)
    activity, name = _activity(entry, class_uid, details)
    severity = _severity(entry)
    failed = entry.outcome != "allowed"
    found: dict[str, Any] = {
        "class_uid": class_uid,
        "class_name": CLASS_NAMES[class_uid],
        "category_uid": class_uid // 1000,
        "category_name": "Application Activity" if class_uid == API_ACTIVITY else "Identity & Access Management",
        "activity_id": activity,
        "activity_name": name,
        "type_uid": class_uid * 100 + activity,
        "type_name": f"{CLASS_NAMES[class_uid]}: {name}",
        "time": int(entry.at.timestamp() * 1000),
        "severity_id": severity,
        "severity": SEVERITY_NAMES[severity],
        "status_id": FAILURE if failed else SUCCESS,
        "status": "Failure" if failed else "Success",
        "metadata": {"version": VERSION, "product": PRODUCT, "uid": str(entry.id), "sequence": entry.seq},
        "actor": {"user": _user(entry)},
        "api": {"operation": entry.action, "service": {"name": entry.place}},
        "src_endpoint": {"ip": entry.address} if entry.address else {"name": entry.actor_name or "appliance"},
        "unmapped": {
            "outcome": entry.outcome,
            "on_behalf_of": str(entry.on_behalf_of_id or ""),
            "details": details,
            "seal": entry.seal,
            "hash": entry.hash,
            "previous_hash": entry.previous_hash,
        },
    }
    if entry.reason:
        found["status_detail"] = entry.reason
    if entry.object_type:
        found |= _object(entry, class_uid)
    if class_uid == AUTHENTICATION:
        found["user"] = {"uid": entry.object_id} if entry.object_id else {"name": "unknown"}
    return found


def line(entry: Entry) -> bytes:
    """One JSON object and its line's end."""
    return orjson.dumps(event(entry), option=orjson.OPT_APPEND_NEWLINE, default=str)


def details_of(entry: Entry) -> dict[str, Any]:
    body = orjson.loads(entry.body)
    details = body.get("details")
    return details if isinstance(details, dict) else {}


def _class(entry: Entry) -> int:
    if entry.action == "session.sign_in":
        return AUTHENTICATION
    return ENTITY_MANAGEMENT if entry.action.rpartition(".")[2] in MANAGED else API_ACTIVITY


def _activity(entry: Entry, class_uid: int, details: dict[str, Any]) -> tuple[int, str]:
    if class_uid == AUTHENTICATION:
        return (LOGOFF, "Logoff") if details.get("direction") == "out" else (LOGON, "Logon")
    activity = CHANGES.get(str(details.get("change")), VERBS.get(entry.action.rpartition(".")[2], OTHER))
    return activity, ACTIVITY_NAMES[activity]


def _severity(entry: Entry) -> int:
    if entry.outcome == "allowed":
        return INFORMATIONAL
    return MEDIUM if entry.action.startswith("audit.") else LOW


def _user(entry: Entry) -> dict[str, Any]:
    type_id, type_name = USER_TYPES.get(entry.actor_kind, (UNKNOWN, "Unknown"))
    user: dict[str, Any] = {"name": entry.actor_name, "type_id": type_id, "type": type_name}
    return user | ({"uid": str(entry.actor_id)} if entry.actor_id else {})


def _object(entry: Entry, class_uid: int) -> dict[str, Any]:
    named = {"type": entry.object_type, "uid": entry.object_id}
    return {"entity": named} if class_uid == ENTITY_MANAGEMENT else {"resources": [named]}
