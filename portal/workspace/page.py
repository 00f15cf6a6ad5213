"""What every page of the workspace is."""

from collections.abc import Callable

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from portal.core.declare import declares

View = Callable[..., HttpResponseBase]


def page(action: str) -> Callable[[View], View]:
    """A page of a signed-in person: its declared action, read only, never kept by caches, and without a way for a
    string to become script in the browser except through the named policies."""

    def wrap(view: View) -> View:
        strict = csp_update(
            {
                "require-trusted-types-for": ["'script'"],
                "trusted-types": ["dompurify", "server-markup", "own-worker"],
                # Drawings are made in a frame of the appliance's own and shown as pictures that the page makes of them.
                "frame-src": [SELF],
                "img-src": ["blob:"],
            }
        )
        return declares(action)(login_required(require_safe(strict(view))))

    return wrap
