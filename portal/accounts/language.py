"""In which language the interface speaks to somebody: the one that he chose, or else his browser's."""

import uuid

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation import gettext as _

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
        translation.activate(_offered(chosen, request))
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


def language_of_socket(actor: Actor, accepted: str) -> str:
    """As for a page; ``accepted`` is the browser's Accept-Language."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return _offered(_chosen(actor.person_id), request)


def language_of(person_id: uuid.UUID) -> str:
    """For what a worker writes in somebody's name: the language that was chosen, or else English."""
    return _chosen(person_id) or settings.LANGUAGE_CODE


def _chosen(person_id: uuid.UUID) -> str:
    return User.objects.filter(pk=person_id).values_list("language", flat=True).first() or ""


def _offered(chosen: str, request: HttpRequest) -> str:
    return chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


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
        raise Invalid(
            _("The language must be one of: %(known)s.") % {"known": known},
            code="unknown_language",
            details={"field": "language"},
        )
    User.objects.filter(pk=actor.person_id).update(language=language)
    record(actor, "profile.change", Target("person", actor.id), details={"language": language})
