"""In which language the interface speaks to somebody: the one that he chose, or else his browser's."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.errors import Invalid, NotSignedIn


class LanguageMiddleware(LocaleMiddleware):
    """After sign-in is known. Whoever has no session is not looked up."""

    def process_request(self, request: HttpRequest) -> None:
        chosen = ""
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            chosen = getattr(request.user, "language", "")
        language = chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


@transaction.atomic
def choose_language(actor: Actor, language: str) -> None:
    """Of one's own account; an empty one gives the choice back to the browser.

    Raises:
        NotSignedIn: the actor is no person.
        Invalid: the interface does not speak that language.
    """
    if not actor.is_person:
        raise NotSignedIn
    if language and language not in dict(settings.LANGUAGES):
        known = ", ".join(code for code, _ in settings.LANGUAGES)
        raise Invalid(f"The language must be one of: {known}.", code="unknown_language", details={"field": "language"})
    User.objects.filter(pk=actor.person_id).update(language=language)
    record(actor, "profile.change", Target("person", actor.id), details={"language": language})
