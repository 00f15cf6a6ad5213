import datetime

from django import template

register = template.Library()


@register.filter
def moment(written: str) -> datetime.datetime:
    """A time that a notice holds as text."""
    return datetime.datetime.fromisoformat(written)
