"""What was used in a department: by those below it, by workspace, by person, in a period."""

import datetime
import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from portal.console.company.base import Pages, scope_and_department, trail_of
from portal.core.clock import now
from portal.runs.selectors import usage_of

PERIODS = {
    "7": (gettext_lazy("Last 7 days"), 7),
    "30": (gettext_lazy("Last 30 days"), 30),
    "90": (gettext_lazy("Last 90 days"), 90),
    "365": (gettext_lazy("Last 365 days"), 365),
}


class UsagePages(Pages):
    def urls(self) -> list[URLPattern]:
        return [self.open("departments/<uuid:department_id>/usage/", self.usage, "usage", "usage.view")]

    def usage(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        form = _form(request.GET if request.GET else {"period": "30"})
        tables: list[Any] = []
        total = None
        if form.is_valid():
            since, until = form.cleaned_data["between"]
            used = usage_of(scope.actor, department.pk, since, until)
            total = used.total
            tables = [
                (_("By workspace"), _("Workspace"), used.by_workspace),
                (_("By person"), _("Person"), used.by_person),
                (_("By department"), _("Department"), used.by_department),
            ]
        return self.show(
            request,
            "usage",
            _("Usage of %(department)s") % {"department": department.name},
            form=form,
            total=total,
            tables=tables,
            trail=trail_of(scope, department, itself=True),
        )


class PeriodForm(forms.Form):
    bare = True
    """Without "(optional)" at each field: which of them count depends on the period."""

    period = forms.ChoiceField(
        label=gettext_lazy("Period"),
        required=False,
        choices=[*((key, name) for key, (name, days) in PERIODS.items()), ("own", gettext_lazy("From … to …"))],
        widget=UnfoldAdminSelectWidget,
    )
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen, since, until = cleaned.get("period"), cleaned.get("since"), cleaned.get("until")
        if chosen == "own" or (not chosen and since):
            if not since or not until:
                self.add_error("since" if not since else "until", _("Choose both days."))
            elif until < since:
                self.add_error("until", _("The last day lies before the first."))
            else:
                cleaned["between"] = _midnight(since), _midnight(until) + datetime.timedelta(days=1)
        else:
            days = PERIODS[chosen or "30"][1]
            cleaned["between"] = now() - datetime.timedelta(days=days), now()
        return cleaned


def _form(given: Any) -> PeriodForm:
    return PeriodForm(given)


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
