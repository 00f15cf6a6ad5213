"""Console: the live settings. Edit, see what would change, save with a note; history, differences, and the way back."""

from collections.abc import Callable
from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.door import actor_of
from portal.configuration.registry import REGISTRY
from portal.configuration.selectors import (
    HISTORY_PAGE,
    current_settings,
    difference,
    history,
    newest_version,
    shown,
    title_of,
)
from portal.configuration.services import NOTE_LENGTH, change, preview, revert, version_named
from portal.console.settings_form import SettingsForm, carried, values_named
from portal.core.errors import AppError, Conflict, Invalid, NotFound

HEADING = gettext_lazy("Settings")
LONGEST_NUMBER = 18


class Site(Protocol):
    def admin_view(self, view: Any, cacheable: bool = False) -> Callable[..., HttpResponseBase]: ...

    def each_context(self, request: HttpRequest) -> dict[str, Any]: ...


class LiveSettingsPages:
    def __init__(self, site: Site) -> None:
        self._site = site

    def urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Any, str]] = [
            ("settings/", self.settings, "settings"),
            ("settings/save/", require_POST(self.save), "settings_save"),
            ("settings/history/", require_safe(self.history), "settings_history"),
            ("settings/difference/", require_safe(self.difference), "settings_difference"),
            ("settings/history/<int:version>/revert/", self.revert, "settings_revert"),
            ("settings/<slug:name>/history/", require_safe(self.history), "settings_one"),
        ]
        return [path(route, self._site.admin_view(view), name=name) for route, view, name in pages]

    def settings(self, request: HttpRequest) -> HttpResponse:
        """The form; posted, what it would change. ``step=edit`` comes from there, back to the form."""
        if request.method != "POST":
            return self._form(request)
        if request.POST.get("step") == "edit":
            return self._form(request, _typed(request.POST))
        based_on = _number(request.POST.get("version", ""))
        form = SettingsForm(current_settings(actor_of(request)), request.POST)
        if not form.is_valid():
            return self._form(request, form=form, version=based_on, status=400)
        try:
            steps = preview(actor_of(request), form.values, based_on=based_on) if form.values else []
        except AppError as error:
            return self._refused(request, error, _typed(request.POST, set(form.changed_data)))
        if not steps:
            messages.info(request, _("Nothing was changed."))
            return redirect("admin:settings")
        context = {
            "title": _("Check the changes"),
            "changes": [(title_of(step.setting.name), *step.shown) for step in steps],
            "carried": carried({step.setting.name: step.new for step in steps}),
            "version": based_on,
            "note_length": NOTE_LENGTH,
        }
        return self._page(request, "preview", context)

    def save(self, request: HttpRequest) -> HttpResponse:
        try:
            wanted = values_named(request.POST)
            based_on = _number(request.POST.get("version", ""))
            written = change(actor_of(request), wanted, request.POST.get("note", ""), based_on=based_on)
        except AppError as error:
            return self._refused(request, error, _typed(request.POST))
        names = ", ".join(title_of(version.setting) for version in written) or _("nothing")
        messages.success(request, _("Saved: %(names)s. In force everywhere within five seconds.") % {"names": names})
        return redirect("admin:settings")

    def history(self, request: HttpRequest, name: str = "") -> HttpResponse:
        if name and name not in REGISTRY:
            raise NotFound
        before = request.GET.get("before")
        found = history(actor_of(request), name, before=_number(before) if before else None, limit=HISTORY_PAGE + 1)
        rows = found[:HISTORY_PAGE]
        context = {
            "title": _("History: %(setting)s") % {"setting": title_of(name)} if name else _("History"),
            "rows": rows,
            "name": name,
            "older": rows[-1].version if len(found) > len(rows) else None,
            "newest": rows[0].version if rows else 0,
            "oldest": rows[-1].version if rows else 0,
        }
        return self._page(request, "history", context)

    def difference(self, request: HttpRequest) -> HttpResponse:
        try:
            first, second = (_number(request.GET.get(name, "")) for name in ("from", "to"))
            found = difference(actor_of(request), first, second)
        except Invalid as error:
            messages.error(request, error.message)
            return redirect("admin:settings_history")
        changes = [(item.title, item.old, item.new) for item in found]
        context = {"title": _("Difference"), "changes": changes, "first": first, "second": second}
        return self._page(request, "difference", context)

    def revert(self, request: HttpRequest, version: int) -> HttpResponse:
        """Asks first; the form of that page does it."""
        row, actor = version_named(version), actor_of(request)
        if request.method == "POST":
            based_on = _number(request.POST.get("version", ""))
            try:
                written = revert(actor, version, request.POST.get("note", ""), based_on=based_on)
            except (Conflict, Invalid) as error:
                messages.error(request, error.message)
                return redirect(request.path)
            told = _("%(setting)s: brought back.") if written else _("%(setting)s: is so already.")
            messages.success(request, told % {"setting": title_of(row.setting)})
            return redirect("admin:settings")
        newest = newest_version(actor)
        before = next(
            (item.setting.worded(item.value) for item in current_settings(actor) if item.setting.name == row.setting),
            "",
        )
        after = shown(row.setting, row.value)
        context = {
            "title": _("Bring back an earlier value"),
            "row": row,
            "changes": [(title_of(row.setting), before, after)],
            "is_so_already": before == after,
            "version": newest,
            "note_length": NOTE_LENGTH,
        }
        return self._page(request, "revert", context)

    def _refused(self, request: HttpRequest, error: AppError, typed: dict[str, str]) -> HttpResponse:
        """The form again, with what the person had written beside what is in force by now."""
        messages.error(
            request, _("%(error)s Nothing was saved; what you wrote is still here.") % {"error": error.message}
        )
        return self._form(request, typed, status=error.status)

    def _form(
        self,
        request: HttpRequest,
        typed: dict[str, str] | None = None,
        *,
        form: SettingsForm | None = None,
        version: int | None = None,
        status: int = 200,
    ) -> HttpResponse:
        # The number first: what is changed between the two queries is then noticed at the review.
        newest = newest_version(actor_of(request)) if version is None else version
        shown_form = form or SettingsForm(current_settings(actor_of(request)), typed=typed)
        context = {"title": HEADING, "form": shown_form, "version": newest}
        return self._page(request, "edit", context, status)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        whole = {**self._site.each_context(request), "heading": HEADING, **context}
        return render(request, f"console/settings/{name}.html", whole, status=status)


def _typed(data: QueryDict, names: set[str] | None = None) -> dict[str, str]:
    """What stands in the fields that came with a request."""
    return {name: str(data[name]) for name in REGISTRY if name in data and (names is None or name in names)}


def _number(text: str) -> int:
    """Raises Invalid."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise Invalid(_("Versions are named by their numbers."), code="unknown_version", details={"field": "version"})
    return int(text)
