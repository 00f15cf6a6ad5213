"""How `/api` knows who asks, and which bodies it reads at all."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie

from portal.accounts.door import actor_of
from portal.core.actor import Actor
from portal.core.errors import TooLarge, UnsupportedType

SAFE = {"GET", "HEAD", "OPTIONS"}


class BrowserSession(APIKeyCookie):
    """The browser's session; ninja checks the CSRF token of every unsafe request with it.

    ``takes`` is the type of body that the operation reads. Others are refused before the CSRF check, which would read a
    form, so that nothing is left of the body or its mistakes come out as errors of ours.
    """

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, takes: str = "application/json") -> None:
        super().__init__()
        self._takes = takes

    def __call__(self, request: HttpRequest) -> Actor | None:
        actor = actor_of(request)
        if not actor.is_person:
            return None
        if request.method not in SAFE and not self._is_taken(request):
            raise UnsupportedType(
                "" if self._takes == "application/json" else _("This address takes %(type)s.") % {"type": self._takes}
            )
        if request.content_type == "multipart/form-data":
            refuse_what_is_too_large(request)
        self._get_key(request)
        return actor

    def _is_taken(self, request: HttpRequest) -> bool:
        """Whatever an empty body calls itself, unless it is a form, which the CSRF check would try to read."""
        empty = request.content_type != "multipart/form-data" and not request.body
        return empty or request.content_type == self._takes

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        return actor_of(request)


def refuse_what_is_too_large(request: HttpRequest) -> None:
    """Of a form over the limit nothing was kept (see ``portal.core.pages``), so there is nothing to parse."""
    limit = max(settings.UPLOAD_LIMIT, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise TooLarge(
            _("The request is larger than %(limit)s bytes.") % {"limit": f"{limit:,}"}, details={"limit": limit}
        )
