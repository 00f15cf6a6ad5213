"""Requests to read sealed conversations: asking, deciding, ending. Names of workspaces and people only, no titles."""

import re
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from portal.accounts.door import actor_of
from portal.audit.scene import current_scene
from portal.chat.break_glass.choices import LONGEST_REASON, SHORTEST_REASON, Decision
from portal.chat.break_glass.models import BreakGlass
from portal.chat.break_glass.requests import Scope, ask_for_access, decide, end
from portal.chat.models import Conversation
from portal.console.base import ConsoleAdmin, adopt
from portal.console.doors import BREAK_GLASS
from portal.console.fields import ConsoleForm
from portal.core.errors import AppError, NotFound

COLOURS = {"open": "success", "waiting": "warning", "refused": "danger", "over": "info"}
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class AskForm(ConsoleForm):
    conversation = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("The address of one conversation, or its id. Leave workspace and person empty then."),
    )
    reason = forms.CharField(
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(),
        help_text=gettext_lazy("Whoever approves reads it, and so does everybody whose conversations are opened."),
    )
    hours = forms.IntegerField(
        min_value=1,
        max_value=settings.BREAK_GLASS_HOURS,
        initial=1,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=format_lazy(gettext_lazy("From the approval on; at most {hours}."), hours=settings.BREAK_GLASS_HOURS),
    )

    class Meta:
        model = BreakGlass
        fields = ("workspace", "owner", "reason", "hours")
        labels = {"owner": gettext_lazy("Person")}
        help_texts = {
            "workspace": gettext_lazy("All conversations in it."),
            "owner": gettext_lazy("Only this person's conversations in the workspace."),
        }

    def clean_conversation(self) -> uuid.UUID | None:
        given: str = self.cleaned_data["conversation"]
        found = _ID.findall(given)
        if given and not found:
            raise ValidationError(_("This holds no id of a conversation."))
        return uuid.UUID(found[-1]) if found else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.scope().check()
            except AppError as error:
                raise ValidationError(error.message) from None
        return cleaned

    def scope(self) -> Scope:
        workspace, owner = self.cleaned_data.get("workspace"), self.cleaned_data.get("owner")
        return Scope(
            workspace.pk if workspace else None, owner.pk if owner else None, self.cleaned_data.get("conversation")
        )

    def _post_clean(self) -> None:
        # The service checks; the model's constraints know conversations only by what the service writes.
        return None


class BreakGlassAdmin(ConsoleAdmin):
    section = BREAK_GLASS
    heading = gettext_lazy("Break-glass")
    form = AskForm
    list_display = ("asked_at", "who", "what", "state", "until", "who_decided")
    list_filter = ("decision",)
    list_select_related = ("asker", "decided_by", "ended_by", "owner", "workspace__department")
    search_fields = ("asker__username", "workspace__name", "owner__username")
    ordering = ("-asked_at",)
    autocomplete_fields = ("workspace", "owner")
    add_fieldsets = ((None, {"fields": ("workspace", "owner", "conversation", "reason", "hours")}),)
    fields = (
        "who",
        "what",
        "reason",
        "hours",
        "asked_at",
        "state",
        "who_decided",
        "decided_at",
        "until",
        "ended_at",
        "link",
    )
    readonly_fields = fields
    actions_detail = ("approve", "refuse", "end_now")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).has_platform_role

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor_of(request).has_platform_role

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor_of(request).has_platform_role

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return ((None, {"fields": self.fields}),) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ()

    @display(description=gettext_lazy("asked by"), ordering="asker__username")
    def who(self, item: BreakGlass) -> str:
        return item.asker.display_name()

    @display(description=gettext_lazy("opens"))
    def what(self, item: Any) -> str:
        if item.conversation_id is not None:
            if item.conversation_owner is None:
                return _("a conversation that is gone")
            return _("one conversation of %(owner)s in %(workspace)s") % {
                "owner": item.conversation_owner,
                "workspace": item.conversation_workspace,
            }
        place = f"{item.workspace} ({item.workspace.department})" if item.workspace else _("a workspace that is gone")
        if item.owner_id is None:
            return _("all conversations in %(place)s") % {"place": place}
        return _("conversations of %(person)s in %(place)s") % {
            "person": item.owner.display_name() if item.owner else _("nobody"),
            "place": place,
        }

    @display(description=gettext_lazy("state"), label=COLOURS)
    def state(self, item: Any) -> tuple[str, str]:
        if item.decision == Decision.OPEN:
            return "waiting", _("waiting")
        if item.decision == Decision.APPROVED:
            return ("open", _("open")) if item.active else ("over", _("over"))
        return "refused", str(item.get_decision_display())

    @display(description=gettext_lazy("until"), ordering="expires_at")
    def until(self, item: BreakGlass) -> str:
        ends = item.ended_at or item.expires_at
        return date_format(localtime(ends), "DATETIME_FORMAT") if ends else ""

    @display(description=gettext_lazy("for the asker"))
    def link(self, item: Any) -> str:
        if not item.active:
            return "-"
        address = reverse("workspace:unsealed", args=[item.pk])
        return format_html('<a class="console-link" href="{}">{}</a>', address, _("Read what is open"))

    @display(description=gettext_lazy("decided by"))
    def who_decided(self, item: BreakGlass) -> str:
        return item.decided_by.display_name() if item.decided_by else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[BreakGlass]:
        active = BreakGlass.objects.active().filter(pk=OuterRef("pk"))
        conversation = Conversation.objects.filter(pk=OuterRef("conversation_id"))
        # Whose it is and where, for whoever decides; never the title.
        return BreakGlass.objects.select_related(*self.list_select_related).annotate(
            active=Exists(active),
            conversation_owner=Subquery(conversation.values("owner__username")),
            conversation_workspace=Subquery(conversation.values("workspace__name")),
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = ask_for_access(actor_of(request), form.scope(), form.cleaned_data["reason"], form.cleaned_data["hours"])
        adopt(obj, made.pk)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        item = self.get_object(request, object_id)
        allowed = self._possible(request, item) if item is not None else set()
        found: list[Any] = super().get_actions_detail(request, object_id)
        return [one for one in found if one.action_name.removeprefix("chat_breakglass_") in allowed]

    def _possible(self, request: HttpRequest, item: Any) -> set[str]:
        is_own = item.asker_id == actor_of(request).id
        if item.decision == Decision.OPEN:
            return {"end_now"} if is_own else {"approve", "refuse"}
        if not item.active:
            return set()
        return {"end_now"}

    @action(description=gettext_lazy("Approve"), url_path="approve")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._confirm(request, object_id, "approve", _("Approve"))

    @action(description=gettext_lazy("Refuse"), url_path="refuse")
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._confirm(request, object_id, "refuse", _("Refuse"))

    @action(description=gettext_lazy("End now"), url_path="end")
    def end_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._confirm(request, object_id, "end", _("End now"))

    def _confirm(self, request: HttpRequest, object_id: str, verb: str, title: str) -> HttpResponse:
        """Shows reason and scope, and asks; the form of that page does it."""
        item = self.get_object(request, object_id)
        if item is None:
            raise NotFound
        if request.method == "POST":
            return self._do(request, item, verb)
        context = {
            **self.admin_site.each_context(request),
            "heading": self.heading,
            "title": title,
            "opts": self.opts,
            "item": item,
            "who": self.who(item),
            "what": self.what(item),
            "verb": verb,
        }
        return render(request, "console/break_glass.html", context)

    def _do(self, request: HttpRequest, item: BreakGlass, verb: str) -> HttpResponse:
        actor = actor_of(request)
        try:
            if verb == "end":
                end(actor, item.pk)
            else:
                decide(actor, item.pk, approve=verb == "approve")
        except AppError as error:
            current_scene().undo(error.code)
            self.message_user(request, error.message, messages.ERROR)
        else:
            done = {
                "approve": _("Approved. The owners are told."),
                "refuse": _("Refused."),
                "end": _("Ended."),
            }[verb]
            self.message_user(request, done, messages.SUCCESS)
        return redirect("admin:chat_breakglass_change", item.pk)
