from allauth.account.views import login, logout
from django.urls import include, path

from portal.accounts.invitation_page import InvitationPage
from portal.api.event_stream import run_events
from portal.api.root import api_urls
from portal.console.site import console_urls
from portal.core.declare import declares
from portal.core.views import healthz, metrics, readyz

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("sign-in/", declares("session.sign_in")(login), name="account_login"),
    path("sign-out/", declares("session.sign_in")(logout), name="account_logout"),
    path(
        "invitation/<str:uidb64>/<str:token>/",
        declares("invitation.accept")(InvitationPage.as_view()),
        name="invitation",
    ),
    path("console/", console_urls),
    path("api/runs/<uuid:run_id>/events", run_events),
    path("api/", api_urls),
    path("", include("portal.workspace.urls")),
]

handler400 = "portal.core.error_views.bad_request"
handler403 = "portal.core.error_views.forbidden"
handler404 = "portal.core.error_views.not_found"
handler429 = "portal.accounts.limits.too_many_requests"
handler500 = "portal.core.error_views.server_error"
