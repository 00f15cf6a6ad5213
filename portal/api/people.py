from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from portal.accounts.door import actor_of, signed_in_user
from portal.accounts.language import choose_language
from portal.accounts.models import User
from portal.api.export import export_response
from portal.api.refusals import REFUSALS
from portal.api.shapes import EngineOut, Me, MeIn, Page
from portal.core.declare import declares
from portal.engines.selectors import engines
from portal.retention.services.export import export_person

router = Router()


@router.get("/me", response={200: Me, **REFUSALS})
@declares("profile.view")
def me(request: HttpRequest) -> Me:
    return _me(signed_in_user(request))


@router.patch("/me", response={200: Me, **REFUSALS})
@declares("profile.change")
def change_me(request: HttpRequest, body: MeIn) -> Me:
    """One's own choices; ``language`` empty takes the browser's."""
    user = signed_in_user(request)
    choose_language(actor_of(request), body.language)
    user.language = body.language
    return _me(user)


@router.get(
    "/me/export",
    url_name="export",
    response=REFUSALS,
    openapi_extra={"responses": {200: {"description": "OK", "content": {"application/zip": {}}}}},
)
@declares("person.export")
def export_me(request: HttpRequest) -> HttpResponseBase:
    """One's own data, as a ZIP of JSON lines."""
    actor = actor_of(request)
    return export_response(export_person(actor, actor.person_id), request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))


@router.get("/engines", response={200: Page[EngineOut], **REFUSALS})
@declares("engine.list")
def list_engines(request: HttpRequest) -> Page[EngineOut]:
    return Page(
        items=[
            EngineOut(
                id=item.pk,
                name=item.name,
                model=item.model,
                state=item.state,
                detail=item.detail,
                is_default=item.is_default,
                supports_thinking=item.supports_thinking,
                supports_budget=item.supports_budget,
                context_tokens=item.context_tokens,
            )
            for item in engines(actor_of(request))
        ]
    )


def _me(user: User) -> Me:
    return Me(
        id=user.pk,
        username=user.username,
        name=user.display_name(),
        platform_role=user.platform_role,
        language=user.language,
    )
