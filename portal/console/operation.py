"""What the engines and the runs are doing. Read-only, and never what was asked or answered."""

from unfold.decorators import display

from portal.console.base import ReadOnlyAdmin
from portal.engines.choices import EngineState
from portal.engines.models import Engine
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
    heading = "Engines"
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
        "is_default",
    )

    @display(description="state", ordering="state", label=ENGINE_COLOURS)
    def shown_state(self, engine: Engine) -> str:
        return engine.get_state_display()


class RunAdmin(ReadOnlyAdmin):
    heading = "Runs"
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

    @display(description="state", ordering="state", label=RUN_COLOURS)
    def shown_state(self, run: Run) -> str:
        return run.get_state_display()
