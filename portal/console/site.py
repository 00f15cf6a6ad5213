"""The administration console at /console/: django-unfold's site, entered by platform administrators only."""

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

from portal.accounts.door import actor_of


class ConsoleSite(UnfoldAdminSite):
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).is_platform_administrator


site = ConsoleSite(name="admin")
console_urls = site.urls
