"""The errors that a caller may see. Faces turn them into the one shape ``{"error": {code, message, details}}``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class AppError(Exception):
    """Base of all expected errors. ``message`` is shown to people: it says what to do and holds no content."""

    status = 500
    code = "internal"
    default_message: "StrOrPromise" = _("Something went wrong. Try again.")

    def __init__(
        self,
        message: "StrOrPromise" = "",
        *,
        code: str = "",
        details: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        self.message = str(message or self.default_message)
        self.code = code or type(self).code
        # For the audit journal only: nobody who is refused is told more than the message.
        self.reason = reason or ("" if self.code == type(self).code else self.code)
        self.details = dict(details or {})
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "details": self.details}}


class Invalid(AppError):
    status = 400
    code = "invalid"
    default_message: "StrOrPromise" = _("The request is not valid.")


class NotSignedIn(AppError):
    status = 401
    code = "not_signed_in"
    default_message: "StrOrPromise" = _("Sign in first.")


class Forbidden(AppError):
    status = 403
    code = "forbidden"
    default_message: "StrOrPromise" = _("You may not do this.")


class Sealed(Forbidden):
    """It is there, and nobody outside its workspace reads it. Only platform administrators are told so."""

    code = "sealed"
    default_message: "StrOrPromise" = _(
        "Nobody outside its workspace reads this, platform administrators included. "
        "Reading it takes a break-glass access that a second person has approved."
    )


class NotFound(AppError):
    """Missing, or not visible to the actor: the two look alike."""

    status = 404
    code = "not_found"
    default_message: "StrOrPromise" = _("There is nothing here.")


class MethodNotAllowed(AppError):
    status = 405
    code = "method_not_allowed"
    default_message: "StrOrPromise" = _("This address does not take that method.")


class Conflict(AppError):
    status = 409
    code = "conflict"
    default_message: "StrOrPromise" = _("This was changed in the meantime. Reload and try again.")


class TooLarge(AppError):
    status = 413
    code = "too_large"
    default_message: "StrOrPromise" = _("This is too large.")


class UnsupportedType(AppError):
    status = 415
    code = "unsupported_type"
    default_message: "StrOrPromise" = _("This address takes JSON (Content-Type: application/json).")


class RateLimited(AppError):
    status = 429
    code = "rate_limited"
    default_message: "StrOrPromise" = _("Too many requests. Wait a moment.")


class Unavailable(AppError):
    status = 503
    code = "unavailable"
    default_message: "StrOrPromise" = _("A part of the appliance is not available. Try again in a moment.")
