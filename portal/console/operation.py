"""What the engines and the runs are doing: read-only but for the default engine; never what was asked or answered."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from portal.accounts.door import actor_of
from portal.console.base import ReadOnlyAdmin
from portal.core.errors import NotFound
from portal.engines.choices import EngineState
from portal.engines.models import Engine
from portal.engines.services import make_default
from portal.runs.choices import RunState
from portal.runs.models import Run

ENGINE_COLOURS = {
    str(EngineState.STARTING.label): "info",
    str(EngineState.READY.label): "success",
    str(EngineState.FAILED.label): "danger",
    str(EngineState.STOPPED.label): "warning",
}
RUN_COLOURS = {
    str(RunState.QUEUED.label): "info",
    str(RunState.RUNNING.label): "primary",
    str(RunState.WAITING.label): "warning",
    str(RunState.FINISHED.label): "success",
    str(RunState.FAILED.label): "danger",
    str(RunState.CANCELLED.label): "warning",
}


class EngineAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Engines")
    list_display = ("name", "model", "shown_state", "detail", "checked_at", "is_default")
    fields = (
        "name",
        "model",
        "address",
        "profile",
        "state",
        "detail",
        "checked_at",
        "context_tokens",
        "supports_thinking",
        "supports_budget",
        "is_default",
        "reserved",
    )
    actions_detail = ("rights", "make_default")

    @display(description=gettext_lazy("state"), ordering="state", label=ENGINE_COLOURS)
    def shown_state(self, engine: Engine) -> str:
        return engine.get_state_display()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        engine = self.get_object(request, object_id)
        if engine is None:
            return []
        found: list[Any] = super().get_actions_detail(request, object_id)
        return [one for one in found if not (engine.is_default and str(one.path).endswith("make-default"))]

    @action(description=gettext_lazy("Rights"), url_path="rights")
    def rights(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who may use the engine: the page about rights, by an address of this list."""
        return redirect("admin:rights", "engine", object_id)

    @action(description=gettext_lazy("Make default"), url_path="make-default")
    def make_default(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks first; the form of that page does it."""
        engine = self.get_object(request, object_id)
        if engine is None:
            raise NotFound
        if request.method == "POST":
            make_default(actor_of(request), engine)
            self.message_user(
                request, _("New questions now go to %(engine)s.") % {"engine": engine.name}, messages.SUCCESS
            )
            return redirect("admin:engines_engine_change", engine.pk)
        current = Engine.objects.filter(is_default=True).first()
        context = {
            **self.admin_site.each_context(request),
            "heading": self.heading,
            "title": _("Make default"),
            "opts": self.opts,
            "engine": engine,
            "current": current,
        }
        return render(request, "console/make_default.html", context)


class RunAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Runs")
    list_display = (
        "created_at",
        "shown_state",
        "owner",
        "workspace",
        "engine",
        "attempts",
        "prompt_tokens",
        "completion_tokens",
        "error_code",
    )
    list_filter = ("state", "kind", "engine")
    list_select_related = ("owner", "workspace", "engine")
    search_fields = ("owner__username", "workspace__name")
    fields = (
        "id",
        "kind",
        "state",
        "owner",
        "workspace",
        "engine",
        "thinking",
        "thinking_budget",
        "attempts",
        "worker",
        "created_at",
        "claimed_at",
        "cancel_requested_at",
        "finished_at",
        "error_code",
        "prompt_tokens",
        "completion_tokens",
        "reasoning_tokens",
    )

    @display(description=gettext_lazy("state"), ordering="state", label=RUN_COLOURS)
    def shown_state(self, run: Run) -> str:
        return run.get_state_display()
