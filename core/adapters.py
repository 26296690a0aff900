"""How do people get an account? By invitation only."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest

logger = logging.getLogger(__name__)


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody creates their own account. A coordinator gives a person a role, and we send the person a link to set a
    password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is wrong. Check both and try again.",
        "enter_current_password": "The current password is wrong: try again.",
        "incorrect_password": "The password is wrong: try again.",
        "too_many_login_attempts": "There were too many tries for this address. Wait five minutes, then try again.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message. If that fails, show a message instead of an error page. The page must not reveal whether an
        address has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:
            # allauth writes to unknown addresses too, so this can happen to any address and gives nothing away. With
            # ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS off, it would.
            logger.exception("A message could not be sent.")
            messages.error(self.request, "The e-mail could not be sent. Try again later, or ask your coordinator.")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
