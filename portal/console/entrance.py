"""The way into the console: for those who may use a section of it, by the appliance's own sign-in page."""

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any, TypeAlias

from csp.constants import UNSAFE_EVAL
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from portal.accounts.door import actor_of
from portal.console.company.pages import company_urls
from portal.console.doors import ADMINISTRATION, FIRST_PAGES, because_of_section, section_of, sections_for
from portal.console.journal import JournalPages
from portal.console.live_settings import LiveSettingsPages
from portal.console.overview import overview
from portal.core.declare import declared_action, declares
from portal.core.errors import NotFound

View: TypeAlias = Callable[..., HttpResponseBase]

# Accounts have their own pages, and objects are never found by their content type.
CLOSED = frozenset({"login", "password_change", "password_change_done", "view_on_site"})


class DeclaredAutocomplete(AutocompleteJsonView):
    """Completes the fields that a page of the console has, not every relation that leads to one of its models."""

    def process_request(self, request: HttpRequest) -> Any:
        asked = tuple(request.GET.get(name, "") for name in ("app_label", "model_name", "field_name"))
        page = dict(_completed_fields(self.admin_site)).get(asked) if self.admin_site else None
        if page is None or not (page.has_add_permission(request) or page.has_change_permission(request)):
            raise PermissionDenied
        return super().process_request(request)

    def has_perm(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may fill in the form may choose what its fields name; ``process_request`` has seen to that."""
        return True


def _completed_fields(site: AdminSite) -> Iterator[tuple[tuple[str, ...], Any]]:
    for model, admin in site._registry.items():
        inlines: list[tuple[Any, Any]] = [(inline.model, inline) for inline in admin.inlines]
        for source, page in [(model, admin), *inlines]:
            for field in page.autocomplete_fields:
                yield (source._meta.app_label, source._meta.model_name, field), admin


class ConsoleSite(UnfoldAdminSite):
    index_template = "console/index.html"
    index_title = gettext_lazy("Overview")

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(sections_for(request))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """``view`` for those who may use its section; 404 for others, the sign-in page for nobody."""
        section = (
            None
            if view in (self.index, self.logout, self.i18n_javascript, self.autocomplete_view)
            else section_of(view)
        )

        def entrance(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            if not actor.is_person:
                return redirect_to_login(request.get_full_path())
            allowed = sections_for(request)
            if not allowed or (section is not None and section not in allowed):
                raise NotFound(reason="role")
            because_of_section(actor, section)
            return view(request, *args, **kwargs)

        return update_wrapper(entrance if cacheable else never_cache(entrance), view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        found: list[URLPattern | URLResolver] = [
            *company_urls(self),
            *JournalPages(self).urls(),
            *super().get_urls(),
        ]
        opened = [pattern for pattern in found if getattr(pattern, "name", None) not in CLOSED]
        opened = [*LiveSettingsPages(self).urls(), *opened]
        for pattern in opened:
            _declare(pattern)
        return opened

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # The colours come from console.css: unfold would write them into an inline style element.
        context: dict[str, Any] = super().each_context(request)
        return context | {"colors": {}}

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        return DeclaredAutocomplete.as_view(admin_site=self)(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        first = sections_for(request)[0]
        if first != ADMINISTRATION:
            return redirect(FIRST_PAGES[first])
        page: HttpResponse = super().index(request, {"overview": overview(), **(extra_context or {})})
        return page

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST":
            logout(request)
        return redirect(resolve_url(settings.LOGIN_URL))


def _declare(pattern: URLPattern | URLResolver) -> None:
    if isinstance(pattern, URLResolver):
        for inner in pattern.url_patterns:
            _declare(inner)
        return
    loosened = csp_update({"script-src": [UNSAFE_EVAL]})(pattern.callback)
    # Pages that declare an action of their own keep it.
    declared = declared_action(pattern.callback)
    pattern.callback = declares(declared.name if declared else "console.enter")(loosened)
