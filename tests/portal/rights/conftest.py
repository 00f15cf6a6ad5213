"""The fixtures of sockets, of which `/api` has the home."""

from tests.portal.api.conftest import at_its_address

__all__ = ["at_its_address"]
