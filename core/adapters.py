"""How do people get in? By invitation only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody makes an account of their own: a coordinator gives a person a role, and the person is
    sent a link to set a password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
