"""The life of a link to set a password: an invitation works for days, a link to a new password for hours."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils import timezone
from django.utils.http import base36_to_int

BEGINNING = datetime(2001, 1, 1)  # noqa: DTZ001  # a token begins with the seconds since then, by the local clock


class LinkTokens(PasswordResetTokenGenerator):
    """Django's tokens, which work once: with a password, a sign-in or another address they change."""

    def check_token(self, user: Any, token: str | None) -> bool:
        if token is None or not super().check_token(user, token):
            return False
        made_at = BEGINNING + timedelta(seconds=base36_to_int(token.partition("-")[0]))
        life = timedelta(hours=settings.RESET_HOURS)
        if not user.has_usable_password():
            life = timedelta(days=settings.INVITATION_DAYS)
        return timezone.make_naive(timezone.now()).replace(microsecond=0) - made_at <= life
