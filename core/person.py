"""Whose request it is: the session's own person, who was read together with it.

Each session holds the dotted name of PersonBackend. If this module moves, an upgrade signs everybody out, and what they
were typing with them.
"""

from allauth.account.auth_backends import AuthenticationBackend

from core.context import trail
from core.models import User


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, but it doesn't ask again for somebody whom the session's query has just read."""

    def get_user(self, user_id: int) -> User | None:
        request_trail = trail.get()
        session = getattr(request_trail.request, "session", None) if request_trail is not None else None
        person: User | None = getattr(session, "person", None)
        if person is None or person.pk != user_id:
            person = super().get_user(user_id)
        elif not self.user_can_authenticate(person):
            person = None
        if request_trail is not None and person is not None:
            request_trail.person = person.pk
        return person
