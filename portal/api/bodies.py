"""Request bodies: read as JSON, but only where they hold few values.

A body may be large, since a question may be long. The same bytes as a million small values would take a hundred times
their size in memory, and as many complaints, before the first field is looked at.
"""

import re
from itertools import islice

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

MOST_TOKENS = 2_000
"""Strings, commas and opening brackets; a question with its attachments has fewer than 60."""

# A string without an end counts too: a pattern that failed there would begin again at each quote inside.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[,\[{]', re.DOTALL)


class TooManyValues(Exception):
    """ninja answers 400 for whatever its parser raises."""


class FewValuesParser(Parser):
    def parse_body(self, request: HttpRequest) -> DictStrAny:
        if any(islice(_TOKENS.finditer(request.body), MOST_TOKENS, None)):
            raise TooManyValues
        return super().parse_body(request)
