"""The looks of the administration console (django-unfold); its colours are in portal/console/static/console."""

from typing import TYPE_CHECKING, Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
DOORS = "portal.console.doors"


def _item(title: "StrOrPromise", icon: str, url_name: str, section: str = "administration") -> dict[str, Any]:
    """Shown to those who may use the section; ``portal.console.doors`` says who that is."""
    shown = f"{DOORS}.{section}"
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{url_name}"), "permission": shown}


UNFOLD = {
    "SITE_TITLE": _("Appliance console"),
    "SITE_HEADER": _("Appliance console"),
    "SITE_SYMBOL": "tune",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/favicon.svg")},
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("console/console.css")],
    "SCRIPTS": [lambda request: static("console/console.js")],
    "ACCOUNT": {"navigation": [{"title": _("Back to the workspace"), "link": "/"}]},
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    _item(_("Overview"), "dashboard", "index"),
                    {"title": _("Back to the workspace"), "icon": "arrow_back", "link": "/", "active": False},
                ]
            },
            {
                "title": _("Company"),
                "separator": True,
                "items": [
                    _item(_("Departments"), "account_tree", "departments", "company"),
                    _item(_("People"), "group", "people", "company"),
                    _item(_("Workspaces"), "workspaces", "workspaces", "company"),
                    _item(_("Roles"), "badge", "roles"),
                    _item(_("Why?"), "help", "why", "company"),
                    _item(_("Accounts"), "manage_accounts", "accounts_user_changelist"),
                ],
            },
            {"title": _("Engines"), "items": [_item(_("Engines"), "memory", "engines_engine_changelist")]},
            {
                "title": _("Retention"),
                "items": [
                    _item(_("Rules"), "auto_delete", "retention_rule_changelist", "retention"),
                    _item(_("Dry run"), "preview", "retention_rule_dry_run", "retention") | {"active": False},
                    _item(_("Legal holds"), "gavel", "retention_hold_changelist"),
                ],
            },
            {"title": _("Runs"), "items": [_item(_("Runs"), "play_circle", "runs_run_changelist")]},
            {"title": _("Audit"), "items": [_item(_("Audit journal"), "history", "journal", "journal")]},
            {
                "title": _("Sealed content"),
                "items": [_item(_("Break-glass"), "lock_open", "chat_breakglass_changelist", "break_glass")],
            },
            {
                "title": _("Settings"),
                "items": [
                    _item(_("Settings"), "settings", "settings") | {"active": f"{DOORS}.settings_but_history"},
                    _item(_("History of settings"), "history", "settings_history"),
                ],
            },
        ],
    },
}
