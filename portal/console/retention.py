"""Rules of retention with a look at what they would delete before they are saved, the dry run, and legal holds."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from unfold.decorators import action, display

from portal.accounts.door import actor_of
from portal.console.base import ConsoleAdmin, adopt
from portal.console.doors import RETENTION, sections_for
from portal.console.fields import ConsoleForm, department_field
from portal.core.actor import Actor
from portal.core.errors import AppError, NotFound
from portal.departments.models import Department, Workspace
from portal.retention.access import require_rule_rights, ruled_places
from portal.retention.models import Hold, Rule
from portal.retention.selectors import Preview, holds, places, plan, preview, rules
from portal.retention.services.holds import place_hold, release_hold
from portal.retention.services.rules import proposed_rule, remove_rule, set_rule

CONFIRMED = "confirmed"


class RuleForm(ConsoleForm):
    actor: Actor
    department = department_field(
        label=gettext_lazy("Department, with all below it"),
        required=False,
        empty_label=gettext_lazy("(the whole company)"),
    )

    class Meta:
        model = Rule
        fields = ("department", "workspace", "days")
        labels = {
            "workspace": gettext_lazy("Or a single workspace"),
            "days": gettext_lazy("Delete so many days after the last question"),
        }
        help_texts = {"days": gettext_lazy("Empty: kept for ever, whatever the rules above say.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ruled = ruled_places(self.actor)
        field: Any = self.fields.get("department")
        if field is not None and not ruled.everything:
            field.queryset = field.queryset.filter(pk__in=ruled.departments)
            field.empty_label = _("(no department)")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                require_rule_rights(self.actor, *self._place(cleaned))
            except AppError as error:
                raise ValidationError(error.message) from None
        if cleaned.get("department") and cleaned.get("workspace"):
            raise ValidationError(_("Choose a department or a workspace, not both."))
        if self.instance._state.adding and not self.errors:
            place = {name: cleaned.get(name) for name in ("department", "workspace")}
            if Rule.objects.filter(**place).exists():
                raise ValidationError(_("There is a rule for this already. Change that one."))
        return cleaned

    def _place(self, cleaned: dict[str, Any]) -> tuple[Department | None, Workspace | None]:
        """Where the rule counts: of one that stands already, where it did."""
        if self.instance._state.adding:
            return cleaned.get("department"), cleaned.get("workspace")
        return self.instance.department, self.instance.workspace


class RuleAdmin(ConsoleAdmin):
    """Of the places whose retention somebody manages; what he may not set, the service refuses."""

    section = RETENTION
    heading = gettext_lazy("Retention rules")
    form = RuleForm
    fields = ("department", "workspace", "days")
    list_display = ("place", "keeps", "changed_at")
    list_select_related = ("department", "workspace__department")
    autocomplete_fields = ("workspace",)
    search_fields = ("department__name", "workspace__name")
    ordering = ("department__path", "workspace__name")
    actions_list = ("in_force", "dry_run")

    @display(description=gettext_lazy("where"))
    def place(self, rule: Rule) -> str:
        if rule.workspace:
            return f"{rule.workspace.department.name} / {rule.workspace.name}"
        return str(rule.department.name) if rule.department else _("The whole company")

    @display(description=gettext_lazy("conversations"), ordering="days")
    def keeps(self, rule: Rule) -> str:
        if not rule.days:
            return _("kept for ever")
        return ngettext("deleted after %(days)s day", "deleted after %(days)s days", rule.days) % {"days": rule.days}

    def get_readonly_fields(self, request: HttpRequest, obj: Rule | None = None) -> tuple[str, ...]:
        return ("place", "keeps") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Rule | None = None) -> tuple[str, ...]:
        return ("place", "keeps", "days") if obj else self.fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        return RETENTION in sections_for(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return RETENTION in sections_for(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return RETENTION in sections_for(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return RETENTION in sections_for(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return RETENTION in sections_for(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        return rules(actor_of(request))

    def get_form(self, request: HttpRequest, obj: Rule | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.actor = actor_of(request)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A first POST shows what would go; only the second, from that page, saves."""
        if request.method == "POST" and CONFIRMED not in request.POST:
            rule = self.get_object(request, object_id) if object_id else None
            form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
            if form.is_valid():
                changed = form.instance
                wanted = proposed_rule(
                    actor_of(request), changed.days, department=changed.department, workspace=changed.workspace
                )
                return self._confirm(request, wanted, preview(wanted))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        rule: Rule | None = self.get_object(request, object_id)
        if rule is None:
            raise NotFound
        if request.method != "POST":
            return self._confirm(request, rule, preview(rule, removed=True), removing=True)
        remove_rule(actor_of(request), rule.pk)
        self.message_user(request, gettext("The rule is removed."), messages.SUCCESS)
        return redirect("admin:retention_rule_changelist")

    def _confirm(self, request: HttpRequest, rule: Rule, seen: Preview, *, removing: bool = False) -> HttpResponse:
        posted = [(name, value) for name, values in request.POST.lists() for value in values]
        context = {
            "title": _("Remove rule") if removing else _("Save rule"),
            "rule": rule,
            "place": self.place(rule),
            "seen": seen,
            "removing": removing,
            "posted": [(name, value) for name, value in posted if name != "csrfmiddlewaretoken"],
            "confirmed": CONFIRMED,
        }
        return self._page(request, "console/retention/confirm.html", context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = set_rule(actor_of(request), obj.days, department=obj.department, workspace=obj.workspace)
        adopt(obj, saved.pk)

    @action(description=gettext_lazy("In force"), url_path="in-force")
    def in_force(self, request: HttpRequest) -> HttpResponse:
        """The rule of every department and workspace, and where it comes from."""
        context = {"title": _("In force"), "places": places(actor_of(request))}
        return self._page(request, "console/retention/in_force.html", context)

    @action(description=gettext_lazy("Dry run"), url_path="dry-run")
    def dry_run(self, request: HttpRequest) -> HttpResponse:
        context = {"title": _("Dry run"), "plan": plan(actor_of(request))}
        return self._page(request, "console/retention/dry_run.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        # The page's name stands after a link to the list.
        shared = {**self.admin_site.each_context(request), "heading": self.heading, "opts": self.opts}
        shared["original"] = context["title"]
        return render(request, template, shared | context)


class HoldForm(ConsoleForm):
    department = department_field(
        label=gettext_lazy("Department, with all below it"), required=False, empty_label=gettext_lazy("(no department)")
    )

    class Meta:
        model = Hold
        fields = ("reason", "department", "workspace", "person")
        labels = {"workspace": gettext_lazy("Or a workspace"), "person": gettext_lazy("Or a person")}
        help_texts = {
            "reason": gettext_lazy("The matter it is for, such as a file number. Administrators and auditors read it.")
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = [cleaned.get(name) for name in ("department", "workspace", "person")]
        if sum(place is not None for place in chosen) != 1:
            raise ValidationError(_("Choose one: a department, a workspace or a person."))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The service fills the rest of the row; the database checks it.
        return {field.name for field in Hold._meta.fields} - {"reason"}

    def validate_constraints(self) -> None:
        return None


class HoldAdmin(ConsoleAdmin):
    """A hold is placed and released, never changed."""

    heading = gettext_lazy("Legal holds")
    form = HoldForm
    fields = ("reason", "department", "workspace", "person")
    list_display = ("reason", "covers", "placed_at", "placer", "state")
    list_filter = ("kind",)
    list_select_related = ("department", "workspace", "person", "placed_by")
    search_fields = ("reason",)
    autocomplete_fields = ("workspace", "person")
    ordering = ("-placed_at",)
    actions_detail = ("release",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        return holds(actor_of(request))

    @display(description=gettext_lazy("covers"))
    def covers(self, hold: Hold) -> str:
        return f"{hold.get_kind_display()}: {hold.place or hold.place_id}"

    @display(description=gettext_lazy("placed by"))
    def placer(self, hold: Hold) -> str:
        return str(hold.placed_by or _("the appliance"))

    @display(description=gettext_lazy("state"), label={"stands": "warning", "released": "success"})
    def state(self, hold: Hold) -> tuple[str, str]:
        return ("released", _("released")) if hold.released_at else ("stands", _("stands"))

    def get_fields(self, request: HttpRequest, obj: Hold | None = None) -> tuple[str, ...]:
        shown = ("reason", "covers", "state", "placed_at", "placer", "released_at", "released_by")
        return shown if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Hold | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        chosen = form.cleaned_data
        place = chosen["department"] or chosen["workspace"] or chosen["person"]
        adopt(obj, place_hold(actor_of(request), place, chosen["reason"]).pk)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        hold = self.get_object(request, object_id)
        if hold is None or hold.released_at:
            return []
        found: list[Any] = super().get_actions_detail(request, object_id)
        return found

    @action(description=gettext_lazy("Release"), url_path="release")
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks first; the form of that page does it."""
        hold = self.get_object(request, object_id)
        if hold is None:
            raise NotFound
        if request.method == "POST":
            try:
                release_hold(actor_of(request), hold.pk)
                self.message_user(request, gettext("The hold is released."), messages.SUCCESS)
            except AppError as error:
                self.message_user(request, error.message, messages.ERROR)
            return redirect("admin:retention_hold_change", hold.pk)
        context = {
            **self.admin_site.each_context(request),
            "heading": self.heading,
            "original": hold,
            "title": _("Release hold"),
            "opts": self.opts,
            "hold": hold,
            "covers": self.covers(hold),
        }
        return render(request, "console/retention/release.html", context)
