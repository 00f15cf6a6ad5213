"""The audit journal for auditors: a list with filters, a row, and the timelines of a person and an object."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.accounts.door import actor_of
from portal.accounts.models import User
from portal.audit.exports import Format, export
from portal.audit.models import Entry
from portal.audit.ocsf import details_of
from portal.audit.selectors import entries
from portal.audit.standing import journal_state
from portal.audit.wanted import EntryPage, Wanted, page_of
from portal.console.doors import JOURNAL
from portal.core.catalogue import CATALOGUE
from portal.core.declare import declares
from portal.core.errors import Invalid, NotFound

OUTCOMES = {"allowed": gettext_lazy("allowed"), "denied": gettext_lazy("denied"), "failed": gettext_lazy("failed")}
MEDIA: dict[str, str] = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
LAST_SEQ = 2**63 - 1


class FilterForm(forms.Form):
    person = forms.CharField(required=False, max_length=150, label=gettext_lazy("Person"))
    action = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Action"),
        choices=[("", gettext_lazy("any")), *((name, name) for name in sorted(CATALOGUE))],
    )
    outcome = forms.ChoiceField(
        required=False, label=gettext_lazy("Outcome"), choices=[("", gettext_lazy("any")), *OUTCOMES.items()]
    )
    object_type = forms.CharField(required=False, max_length=64, label=gettext_lazy("Kind of object"))
    object_id = forms.CharField(required=False, max_length=64, label=gettext_lazy("Object's id"))
    since = forms.DateField(required=False, label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(required=False, max_length=200, label=gettext_lazy("Reason has"))

    def clean_person(self) -> uuid.UUID | None:
        """By name or id; a name that nobody has is an error, not an empty list."""
        given = self.cleaned_data["person"].strip()
        if not given:
            return None
        try:
            return uuid.UUID(given)
        except ValueError:
            found = User.objects.filter(username__iexact=given).values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody has this name."))
        return found

    def wanted(self) -> Wanted:
        """Raises Invalid."""
        if not self.is_valid():
            raise Invalid("; ".join(f"{name}: {text[0]}" for name, text in self.errors.items()))
        asked = dict(self.cleaned_data)
        for end, day in (("since", asked["since"]), ("until", asked["until"])):
            asked[end] = _midnight(day, following=end == "until") if day else None
        return Wanted(**asked)


def _midnight(day: datetime.date, *, following: bool) -> datetime.datetime:
    start = datetime.datetime.combine(day, datetime.time())
    return timezone.make_aware(start + datetime.timedelta(days=following))


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the list shows it."""

    row: Entry
    person: str


class JournalPages:
    """The pages below ``journal/``; whoever is no auditor finds none of them."""

    section = JOURNAL

    def __init__(self, site: AdminSite) -> None:
        self._site = site

    def urls(self) -> list[URLPattern]:
        return [
            path("journal/", self._open(self.list, "audit.view"), name="journal"),
            path("journal/export/", self._open(self.export, "audit.export"), name="journal_export"),
            path("journal/<uuid:entry_id>/", self._open(self.entry, "audit.view"), name="journal_entry"),
        ]

    def _open(self, view: Any, action: str) -> Any:
        return declares(action)(require_safe(self._site.admin_view(view)))

    def list(self, request: HttpRequest) -> HttpResponse:
        form = FilterForm(request.GET)
        shown, problem = EntryPage([], None, None), ""
        try:
            wanted = form.wanted()
            before, after = (_position(request.GET, name) for name in ("before", "after"))
            shown = page_of(entries(actor_of(request)), wanted, before=before, after=after)
        except Invalid as error:
            problem = error.message
        kept = {name: str(value) for name, value in request.GET.items() if name in form.fields and value}
        context = {
            "title": _("Audit journal"),
            "form": form,
            "problem": problem,
            "narrowed": bool(kept),
            "timeline": _timeline(kept),
            "lines": _lines(shown.rows),
            "older": urlencode({**kept, "before": shown.older}) if shown.older else "",
            "newer": urlencode({**kept, "after": shown.newer}) if shown.newer else "",
            "kept": urlencode(kept),
            "state": journal_state(),
        }
        return self._page(request, "console/journal.html", context, 400 if problem else 200)

    def entry(self, request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
        row = entries(actor_of(request)).filter(pk=entry_id).first()
        if row is None:
            raise NotFound
        names = _names([row])
        context = {
            "title": _("Row %(seq)s") % {"seq": row.seq},
            "row": row,
            "person": names.get(row.actor_id, ""),
            "beneficiary": names.get(row.on_behalf_of_id, ""),
            "details": sorted(details_of(row).items()),
            "description": _(CATALOGUE[row.action].description) if row.action in CATALOGUE else "",
        }
        return self._page(request, "console/journal_entry.html", context)

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        form: Format = "csv" if request.GET.get("format") == "csv" else "jsonl"
        pieces = export(actor_of(request), FilterForm(request.GET).wanted(), form)
        headers = {"Content-Disposition": f'attachment; filename="audit.{form}"', "Cache-Control": "no-store"}
        return StreamingHttpResponse(pieces, content_type=MEDIA[form], headers=headers)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return render(request, template, {**self._site.each_context(request), **context}, status=status)


def _position(asked: QueryDict, name: str) -> int | None:
    """Raises Invalid."""
    text = asked.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LAST_SEQ):
        raise Invalid(_("That is no place in the journal."))
    return int(text)


def _timeline(kept: dict[str, str]) -> str:
    """What the list is about where it follows one object or one person alone."""
    if set(kept) == {"object_type", "object_id"}:
        return _("Timeline of the %(kind)s %(id)s") % {
            "kind": kept["object_type"],
            "id": kept["object_id"],
        }
    return _("Timeline of one person") if set(kept) == {"person"} else ""


def _names(rows: Sequence[Entry]) -> dict[uuid.UUID | None, str]:
    ids = {pk for row in rows for pk in (row.actor_id, row.on_behalf_of_id) if pk}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "username"))


def _lines(rows: Sequence[Entry]) -> list[Line]:
    names = _names(rows)
    return [Line(row, names.get(row.on_behalf_of_id, "")) for row in rows]
