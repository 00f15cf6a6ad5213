from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_info

from portal.accounts.door import actor_of, signed_in_user
from portal.workspace.page import page
from portal.workspace.presenters import browser_data


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    is_chosen: bool
    right_to_left: bool


@page("profile.view")
def own_settings(request: HttpRequest) -> HttpResponse:
    """What one chooses for oneself, and what is stored of one."""
    chosen = signed_in_user(request).language
    languages = [
        Language(code, name, code == chosen, bool(get_language_info(code)["bidi"])) for code, name in settings.LANGUAGES
    ]
    browser = browser_data() | {"person": str(actor_of(request).id)}
    context = {"languages": languages, "chosen": chosen, "browser": browser}
    return render(request, "workspace/settings.html", context)
