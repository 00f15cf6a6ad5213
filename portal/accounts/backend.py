import uuid

from allauth.account.auth_backends import AuthenticationBackend

from portal.accounts.models import User
from portal.core.prepared import PreparedRow

_person = PreparedRow(lambda pk: User.objects.filter(pk=pk).order_by(), uuid.UUID(int=1))


class PersonBackend(AuthenticationBackend):
    """allauth's sign-in; the row of a signed-in person is read by a query that is built once."""

    def get_user(self, user_id: uuid.UUID) -> User | None:
        found = _person.get(user_id)
        return found if found is not None and self.user_can_authenticate(found) else None
