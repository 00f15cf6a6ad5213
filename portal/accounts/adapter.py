from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from portal.accounts.limits import count_attempt
from portal.accounts.sign_in_audit import refused_by_limit


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The name or the password is not right."),
        "too_many_login_attempts": _("Too many wrong passwords. Wait a while, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are made by administrators; nobody signs himself up."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raises ValidationError: too many wrong passwords. What is counted here is taken back after the right one."""
        name = credentials.get("username") or ""
        self._login_failed_rl_usage = count_attempt(request, name)
        if self._login_failed_rl_usage is None:
            refused_by_limit(name)
            raise self.validation_error("too_many_login_attempts")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Only after the right password, so the page tells nothing to strangers."""
        return render(request, "account/suspended.html", status=403)
