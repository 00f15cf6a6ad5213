"""How often a wrong password may be tried, and what happens to whoever tries more.

Counted is the name together with the address, so that nobody can lock out a colleague by trying wrong passwords for him
from elsewhere. The bound of the name alone is for those who try from many addresses, and so high that it takes many.
"""

from allauth.core.internal.ratelimit import RateLimitUsage, consume, get_ip
from django.http import HttpRequest, HttpResponse

from portal.configuration import live
from portal.core.error_views import error_response
from portal.core.errors import RateLimited

INVITATIONS = "30/m/ip"
"""How often the pages of invitations may be asked for from one address."""


def wrong_passwords() -> tuple[tuple[str, str], ...]:
    """The limits in force, in this order: what the first refuses is not counted by those after it."""
    time = int(live.seconds("wrong_passwords_time"))
    return (
        ("name-and-address", f"{live.whole_number('wrong_passwords')}/{time}s/key"),
        ("address", f"{live.whole_number('wrong_passwords_of_address')}/m/ip"),
        ("name", f"{live.whole_number('wrong_passwords_of_name')}/{time}s/key"),
    )


def count_attempt(request: HttpRequest, name: str) -> RateLimitUsage | None:
    """Count an attempt as failed; the caller rolls it back if the password is right. None where it is one too many."""
    # PostgreSQL compares names by their capitals.
    plain = name.strip().upper()
    keys = {"name-and-address": f"{plain} {get_ip(request)}", "name": plain}
    counted = RateLimitUsage(usage=[])
    for counter, rate in wrong_passwords():
        one = _count(request, counter, rate, keys.get(counter))
        if one is None:
            counted.rollback()
            return None
        counted.usage += one.usage
    return counted


def count_invitation(request: HttpRequest) -> bool:
    """Count a request for the page of an invitation; False where it is one too many."""
    return _count(request, "invitation", INVITATIONS) is not None


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """The answer to an address that sends too many sign-ins, right or wrong."""
    return error_response(request, RateLimited(reason="too many attempts"))


def _count(request: HttpRequest, counter: str, rate: str, key: str | None = None) -> RateLimitUsage | None:
    return consume(request, app="portal.accounts", action=counter, config={counter: rate}, key=key, limit_get=True)
