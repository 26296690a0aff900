"""How do people get in? By invitation only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody makes an account of their own: a coordinator gives a person a role, and the person is
    sent a link to set a password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is wrong: check both, and try again.",
        "enter_current_password": "The current password is wrong: try again.",
        "incorrect_password": "The password is wrong: try again.",
        "too_many_login_attempts": "There were too many tries for this address. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
