"""Which of allauth's forms do we change? Only the one that asks for a new password."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.db import transaction
from django.http import HttpRequest

from core.services.passwords import ask_reset
from core.tasks import hint_account_letters


class ResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Asks for a link to a new password. It doesn't look the address up, so nothing here depends on it."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **_: Any) -> str:
        email = str(self.cleaned_data["email"])
        ask_reset(email)
        transaction.on_commit(hint_account_letters, robust=True)
        return email
