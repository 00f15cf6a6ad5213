from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from portal.accounts import services
from portal.accounts.door import actor_of
from portal.accounts.models import User
from portal.console.base import adopt
from portal.console.erasure import ErasesPerson
from portal.console.fields import ConsoleForm
from portal.console.memberships import MembershipsOfPerson, save_memberships
from portal.core.actor import Actor

IDENTITY = ("username", "first_name", "last_name", "email", "platform_role")
# The platform role has a page of its own, which asks before it changes anything.
CHANGED = IDENTITY[:-1]


class PersonForm(ConsoleForm):
    actor: Actor
    password = forms.CharField(
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 12 characters. Hand it over in person; it is not shown again."),
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = IDENTITY

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password


class PersonChangeForm(PersonForm):
    password = forms.CharField(
        label=gettext_lazy("New password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Empty: the password stays. A new one signs the person out everywhere."),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("May sign in"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy("Off: the person is suspended, everything they have stays."),
    )

    class Meta(PersonForm.Meta):
        fields = (*CHANGED, "is_active")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk == self.actor.id and not cleaned.get("is_active"):
            self.add_error("is_active", ValidationError(_("You cannot suspend yourself.")))
        return cleaned


class PersonAdmin(ErasesPerson):
    heading = gettext_lazy("Accounts")
    form = PersonChangeForm
    list_display = ("username", "full_name", "role", "state", "last_login")
    list_filter = ("platform_role", "is_active")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipsOfPerson,)
    add_fieldsets = ((None, {"fields": (*IDENTITY, "password")}),)
    fieldsets = (
        (None, {"fields": CHANGED}),
        (gettext_lazy("Access"), {"fields": ("is_active", "password", "last_login", "date_joined")}),
    )

    @display(description=gettext_lazy("name"))
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @display(description=gettext_lazy("platform role"), ordering="platform_role")
    def role(self, person: User) -> str:
        return person.get_platform_role_display() if person.platform_role else ""

    @display(
        description=gettext_lazy("state"), ordering="is_active", label={"active": "success", "suspended": "warning"}
    )
    def state(self, person: User) -> tuple[str, str]:
        return ("active", _("active")) if person.is_active else ("suspended", _("suspended"))

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        base = PersonChangeForm if change else PersonForm
        form = super().get_form(request, obj, change, **{"form": base, **kwargs})
        form.actor = actor_of(request)
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.all()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """People are invited and choose their passwords; ``?password=1`` is for where no link can be handed over."""
        if request.method != "POST" and "password" not in request.GET:
            return redirect("admin:person_invite")
        page: HttpResponseBase = super().add_view(request, form_url, extra_context)
        return page

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor, cleaned = actor_of(request), form.cleaned_data
        if not change:
            values = {name: cleaned[name] for name in IDENTITY}
            adopt(obj, services.create_person(actor, values, cleaned["password"]).pk)
            return
        services.change_person(actor, obj, {name: cleaned[name] for name in CHANGED})
        if cleaned["is_active"]:
            services.reactivate_person(actor, obj)
        else:
            services.suspend_person(actor, obj)
        if cleaned["password"]:
            services.set_password(actor, obj, cleaned["password"])
        adopt(obj, obj.pk)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        save_memberships(actor_of(request), formset)
