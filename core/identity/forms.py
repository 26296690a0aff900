"""The forms of the second factor: allauth's, with a code accepted once and bad input refused."""

import json
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from core import audit
from core.identity.factors import find_or_make_secret, spend_code
from core.identity.providers import find_required
from core.letter_kinds import OPTIONAL
from core.mail.account import ask_reset
from core.models import User
from core.tasks import hint_account_letters

CODE = "The code in your app, or one of your recovery codes."
LONGEST_NAME = 60  # characters
LONGEST_CREDENTIAL = 16 * 1024  # characters: a browser's answer has one or two thousand
# What the library raises for an answer that no browser would send.
BROKEN = (TypeError, ValueError, LookupError, AttributeError, NotImplementedError, AssertionError)


def code_field(help_text: str) -> forms.CharField:
    return forms.CharField(
        label="Code",
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-10", "autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
        error_messages={"required": "Enter the code."},
    )


class Once(BaseAuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A form whose code is accepted once, in all processes together."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field(CODE)

    def clean_code(self) -> str:
        try:
            return self._spend()
        except ValidationError as wrong:
            # Not what is refused for too many tries, or these would fill the record.
            if wrong.code == "incorrect_code":
                # Somebody may know the password who shouldn't.
                ip = get_account_adapter().get_client_ip(context.request)
                audit.record("factor.failed", self.user, by=None, ip=ip)
            raise

    def _spend(self) -> str:
        code: str = super().clean_code()
        authenticator = self.authenticator
        # A recovery code is spent already, under a lock of its row.
        if authenticator.type == Authenticator.Type.TOTP:
            secret = decrypt(authenticator.data["secret"])
            if not spend_code(self.user, secret=secret, code=code):
                raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(Once, AuthenticateForm):  # type: ignore[misc]
    """Sign in with a code."""


class CodeAgainForm(Once, ReauthenticateForm):  # type: ignore[misc]
    """Prove again who you are, with a code."""


class AppForm(ActivateTOTPForm):  # type: ignore[misc]
    """Set up an authenticator app: the first code shows that it works."""

    use_required_attribute = False
    code = code_field("The six digits that your app shows now.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        # Not allauth's: it would leave the secret in the session for anybody who reads the database.
        forms.Form.__init__(self, *args, **kwargs)
        self.secret = find_or_make_secret(context.request.session)

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if not spend_code(self.user, secret=self.secret, code=code):
            raise get_adapter().validation_error("incorrect_code")
        note_proof(context.request, self.user, type=Authenticator.Type.TOTP)
        return code


def note_proof(request: HttpRequest, user: User, *, type: Authenticator.Type) -> None:  # noqa: A002  # allauth's
    """Note that somebody has just proved that they hold a factor, so that we don't ask again to show their recovery
    codes."""
    record_authentication(request, user, "mfa", type=type, reauthenticated=True)


class CredentialField(forms.JSONField):
    """A browser's answer about a passkey. Anybody can send anything here."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        wrong = get_adapter().validation_error("incorrect_code")
        if isinstance(value, str) and len(value) > LONGEST_CREDENTIAL:
            raise wrong
        try:
            read = super().to_python(value)
        except (RecursionError, ValidationError):
            raise wrong from None
        if "\\u0000" in json.dumps(read):  # PostgreSQL stores no NUL
            raise wrong
        return read


def name_field() -> forms.CharField:
    return forms.CharField(
        label="Name",
        help_text="A name that tells it from your other passkeys, such as “Work phone”.",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
        error_messages={
            "required": "Enter a name.",
            "max_length": f"The name is too long: shorten it to {LONGEST_NAME} characters.",
        },
    )


def credential_field() -> CredentialField:
    return CredentialField(
        error_messages={"required": "No passkey was sent. Press the button again, and follow your browser."}
    )


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Add a passkey."""

    use_required_attribute = False
    name = name_field()
    credential = credential_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The browser has made the passkey before we see the name: don't lose one over the other.
        self.fields["name"].required = False
        self.fields["name"].widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except BROKEN:
            raise get_adapter().validation_error("incorrect_code") from None
        if not self.errors:
            note_proof(context.request, self.user, type=Authenticator.Type.WEBAUTHN)
        return cleaned


class NamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """Give a passkey another name."""

    use_required_attribute = False
    name = name_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs.pop("maxlength", None)


class PasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """Sign in with a passkey."""

    credential = credential_field()

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except BROKEN:
            raise get_adapter().validation_error("incorrect_code") from None


class PasskeyAgainForm(PasskeyForm, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Prove again who you are, with a passkey."""

    reauthenticated = True
    passwordless = False


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


class RemindersForm(forms.Form):
    is_reminded = forms.BooleanField(label="Send me emails, one a day at most", required=False)
    wanted = forms.MultipleChoiceField(
        label="What they are about",
        help_text="You only get emails about your own work in your areas. We don’t email you about anything that "
        "you leave unticked. Information officers always get the emails about people who gain or lose a strong role.",
        choices=[(kind.value, kind.label) for kind in OPTIONAL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    @property
    def unwanted(self) -> list[str]:
        """Return the kinds without a tick."""
        return [kind.value for kind in OPTIONAL if kind.value not in self.cleaned_data["wanted"]]
