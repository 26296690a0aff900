"""Which of allauth's forms do we change? Only the one that asks for a new password."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from core.providers import find_required
from core.services.passwords import ask_reset
from core.tasks import hint_account_letters


class ResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Asks for a link to a new password. It doesn't look the address up, so nothing here depends on it."""

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        provider = find_required(settings.OIDC_PROVIDERS, email)
        if provider is not None:
            raise ValidationError(f"You need no password here. Go to the sign-in page: “Sign in with {provider.name}”.")
        return email

    def save(self, request: HttpRequest, **_: Any) -> str:
        email = str(self.cleaned_data["email"])
        ask_reset(email)
        transaction.on_commit(hint_account_letters, robust=True)
        return email
