"""What the installation says of itself on every page, error pages included; read from memory, never by a query."""

from dataclasses import dataclass

from django.http import HttpRequest

from portal.configuration import live


@dataclass(frozen=True, slots=True)
class Appearance:
    product: str
    company: str
    notice: str
    is_warning: bool
    support: str


def appearance(request: HttpRequest) -> dict[str, Appearance]:
    """A context processor of all templates."""
    return {
        "appearance": Appearance(
            product=live.text("product_name"),
            company=live.text("company_name"),
            notice=live.text("notice"),
            is_warning=live.text("notice_level") == "warning",
            support=live.text("support_contact"),
        )
    }
