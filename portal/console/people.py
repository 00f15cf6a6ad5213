from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from portal.accounts import services
from portal.accounts.choices import PlatformRole
from portal.accounts.door import actor_of
from portal.accounts.models import User
from portal.console.base import adopt
from portal.console.erasure import ErasesPerson
from portal.console.fields import ConsoleForm
from portal.console.memberships import MembershipsOfPerson, save_memberships
from portal.core.actor import Actor

IDENTITY = ("username", "first_name", "last_name", "email", "platform_role")


class PersonForm(ConsoleForm):
    actor: Actor
    password = forms.CharField(
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Hand it over in person; it is not shown again.",
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
        label="New password",
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Empty: the password stays. A new one signs the person out everywhere.",
    )
    is_active = forms.BooleanField(
        label="May sign in",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Off: the person is suspended, everything they have stays.",
    )

    class Meta(PersonForm.Meta):
        fields = (*IDENTITY, "is_active")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk == self.actor.id:
            if not cleaned.get("is_active"):
                self.add_error("is_active", ValidationError("You cannot suspend yourself."))
            if cleaned.get("platform_role") != PlatformRole.ADMINISTRATOR:
                self.add_error("platform_role", ValidationError("You cannot take this role from yourself."))
        return cleaned


class PersonAdmin(ErasesPerson):
    heading = "People"
    form = PersonChangeForm
    list_display = ("username", "full_name", "role", "state", "last_login")
    list_filter = ("platform_role", "is_active")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipsOfPerson,)
    add_fieldsets = ((None, {"fields": (*IDENTITY, "password")}),)
    fieldsets = (
        (None, {"fields": IDENTITY}),
        ("Access", {"fields": ("is_active", "password", "last_login", "date_joined")}),
    )

    @display(description="name")
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @display(description="platform role", ordering="platform_role")
    def role(self, person: User) -> str:
        return person.get_platform_role_display() if person.platform_role else ""

    @display(description="state", ordering="is_active", label={"active": "success", "suspended": "warning"})
    def state(self, person: User) -> str:
        return "active" if person.is_active else "suspended"

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        base = PersonChangeForm if change else PersonForm
        form = super().get_form(request, obj, change, **{"form": base, **kwargs})
        form.actor = actor_of(request)
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.all()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor, cleaned = actor_of(request), form.cleaned_data
        values = {name: cleaned[name] for name in IDENTITY}
        if not change:
            adopt(obj, services.create_person(actor, values, cleaned["password"]).pk)
            return
        services.change_person(actor, obj, values)
        if cleaned["is_active"]:
            services.reactivate_person(actor, obj)
        else:
            services.suspend_person(actor, obj)
        if cleaned["password"]:
            services.set_password(actor, obj, cleaned["password"])
        adopt(obj, obj.pk)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        save_memberships(actor_of(request), formset)
