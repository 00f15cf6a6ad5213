import datetime

from django.utils import timezone


def now() -> datetime.datetime:
    return timezone.now()
