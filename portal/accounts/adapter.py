from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the package is untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are made by administrators; nobody signs himself up."""
        return False
