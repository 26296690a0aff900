"""Whose request is it? The session's own person, who was read together with it."""

from allauth.account.auth_backends import AuthenticationBackend

from core.models import User
from core.trail import trail


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, but it doesn't ask again for somebody whom the session's query has just read."""

    def get_user(self, user_id: int) -> User | None:
        own = trail.get()
        session = getattr(own.request, "session", None) if own is not None else None
        person: User | None = getattr(session, "person", None)
        if person is None or person.pk != user_id:
            person = super().get_user(user_id)
        elif not self.user_can_authenticate(person):
            person = None
        if own is not None and person is not None:
            own.person = person.pk
        return person
