"""What the interface consists of besides its pages; it is the same for everybody and tells nothing of anybody."""

import hashlib
import json
from pathlib import Path

from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.configuration import live
from portal.core.declare import declares

PAPER, ACCENT = "#ffffff", "#11675d"
WORKER = Path(settings.BASE_DIR) / "portal" / "static" / "js" / "service-worker.js"
# What the page shows that stands in for the appliance where it cannot be reached.
PARTS = ("css/base.css", "img/favicon.svg", "js/theme.js")
ICONS = (("img/app-192.png", "192x192", "any"), ("img/app-512.png", "512x512", "any"))
MASKABLE = ("img/app-maskable-512.png", "512x512", "maskable")
# The drawing library writes its style into what it draws. Nothing else is open: this page loads its two scripts, has no
# origin of its own, and reaches no address.
DRAWING_POLICY = {
    "default-src": [NONE],
    "script-src": [NONCE],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-scripts"],
}


@declares("interface.load")
@require_safe
@cache_control(no_cache=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """Makes the workspace an app that can be installed."""
    name = live.text("product_name")
    found = {
        "id": "/",
        "name": name,
        "short_name": name[:12].strip(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "theme_color": ACCENT,
        "background_color": PAPER,
        "icons": [
            {"src": static(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in (*ICONS, MASKABLE)
        ],
    }
    return JsonResponse(found, content_type="application/manifest+json")


@declares("interface.load")
@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker with what it has to keep; whatever changes there makes it another worker, which browsers then take."""
    page = render_to_string("workspace/offline.html", request=request)
    kept = {
        "page": "/offline/",
        "parts": [static(path) for path in PARTS],
        "version": hashlib.sha256(page.encode()).hexdigest()[:16],
    }
    source = f"self.kept = {json.dumps(kept)};\n{WORKER.read_text()}"
    return HttpResponse(source, content_type="text/javascript; charset=utf-8")


@declares("interface.load")
@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "workspace/offline.html")


@declares("interface.load")
@require_safe
@xframe_options_sameorigin
@csp(DRAWING_POLICY)
@cache_control(no_cache=True)
def drawing(request: HttpRequest) -> HttpResponse:
    """A frame in which diagrams are drawn, apart from everything."""
    return render(request, "workspace/drawing.html")
