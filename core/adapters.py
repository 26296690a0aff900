"""How do people get an account? By invitation only."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest

from core.models import User
from core.services import sign_ins

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

    # What people do with their account is recorded here, because every way to sign in leads through these methods.

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        sign_ins.note_signed_in(user, ip=self.get_client_ip(request))

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            sign_ins.note_signed_out(user, ip=self.get_client_ip(request))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        sign_ins.note_failed_sign_in(str(credentials.get("email", "")), ip=self.get_client_ip(request))

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        sign_ins.note_password(user, ip=self.get_client_ip(self.request))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
