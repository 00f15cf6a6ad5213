"""Erasing a person, from the person's page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import action

from portal.accounts.door import actor_of
from portal.accounts.erasure import is_erased
from portal.console.base import ConsoleAdmin
from portal.core.errors import AppError, NotFound
from portal.retention.services.erase import erase_person, stored_of


class ErasesPerson(ConsoleAdmin):
    actions_detail = ("erase",)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        person = self.get_object(request, object_id)
        if person is None or is_erased(person) or person.pk == actor_of(request).id:
            return []
        found: list[Any] = super().get_actions_detail(request, object_id)
        return found

    @action(description=gettext_lazy("Erase"), url_path="erase")
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks first, with the counts; the name has to be typed."""
        person = self.get_object(request, object_id)
        if person is None:
            raise NotFound
        if request.method == "POST":
            if request.POST.get("username") == person.username:
                return self._erase(request, person)
            self.message_user(request, gettext("That is not the name. Nothing was erased."), messages.ERROR)
        context = {
            **self.admin_site.each_context(request),
            "heading": self.heading,
            "original": person,
            "title": _("Erase person"),
            "opts": self.opts,
            "person": person,
            "stored": stored_of(actor_of(request), person.pk),
        }
        return render(request, "console/retention/erase.html", context)

    def _erase(self, request: HttpRequest, person: Any) -> HttpResponse:
        try:
            erase_person(actor_of(request), person.pk)
            self.message_user(request, gettext("The person is erased."), messages.SUCCESS)
        except AppError as error:
            self.message_user(request, error.message, messages.ERROR)
        return redirect("admin:accounts_user_change", person.pk)
