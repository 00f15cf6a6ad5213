"""What operations answer when they do not do what was asked: part of each one's description."""

from portal.api.shapes import Error

# 500 is not among them: nothing that a caller sends may lead there.
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 503), Error)
