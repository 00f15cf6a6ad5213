"""`/invitation/…`: where an invited person chooses a password."""

from typing import Any

from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from portal.accounts.invitations import accept_invitation, tokens
from portal.accounts.limits import count_invitation, too_many_requests
from portal.accounts.models import User
from portal.core.errors import Invalid, NotFound


class InvitationPage(PasswordResetConfirmView):
    """Django's page for a new password, by the tokens of invitations and the house's services.

    The token leaves the address at the first request, so that neither history nor referrer keeps it.
    """

    template_name = "account/invitation.html"
    token_generator = tokens

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not count_invitation(request):
            return too_many_requests(request)
        return super().dispatch(request, *args, **kwargs)

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        status = 200 if context["validlink"] else NotFound.status
        return super().render_to_response(context, status=status, **response_kwargs)

    def get_success_url(self) -> str:
        return f"{reverse('account_login')}?chosen"

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        token = self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        try:
            accept_invitation(form.user.pk, token, form.cleaned_data["new_password1"])
        except NotFound:
            # Used in another tab meanwhile.
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        except Invalid as error:
            form.add_error(None, error.message)
            return self.form_invalid(form)
        return super(PasswordResetConfirmView, self).form_valid(form)
