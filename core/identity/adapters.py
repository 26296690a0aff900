"""Tell allauth how people get an account and prove who they are.

They do so by invitation only, with a password or a provider and a second factor, and with limits that strangers can't
use against them.
"""

import time
from typing import Any
from urllib.parse import urlsplit

import qrcode
from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import audit
from core.identity.factors import Unreadable, list_factors, seal, unseal
from core.identity.providers import find_required
from core.identity.sessions import BEGAN, DEVICE, FACTOR_THERE, PROVIDER
from core.identity.sign_in import (
    end_others,
    find_device,
    forget_others,
    name_browser,
    note_failed_sign_in,
    remember_device,
)
from core.letter_kinds import AccountLetterKind
from core.mail.account import write_letter
from core.models import User
from core.tasks import hint_account_letters
from core.visitors import find_visitor

APP = "allauth.account"
USE_PROVIDER = "Your agency uses single sign-on. Choose “Sign in with {name}”."
FACTOR_STAGE = "allauth.mfa.stages.AuthenticateStage"
USED_A_CODE = (
    "You used a recovery code. If you lost your device, set up a new passkey or app, then remove the lost one."
)
PASSWORD_CHANGES = frozenset({"password_changed", "password_reset", "password_set"})
# What allauth calls a change of a second factor, what the record says, and what the letter says.
FACTOR_CHANGES = {
    "totp_activated": ("factor.added", "app", "An authenticator app was added to your account"),
    "totp_deactivated": ("factor.removed", "app", "The authenticator app was removed from your account"),
    "webauthn_added": ("factor.added", "passkey", "A passkey was added to your account"),
    "webauthn_removed": ("factor.removed", "passkey", "A passkey was removed from your account"),
    "recovery_codes_generated": ("factor.renewed", "recovery codes", "Your account has new recovery codes"),
}


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody creates their own account. A coordinator gives a person a role, and we send the person a link to set a
    password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The email address or the password is wrong. Check both and try again.",
        "enter_current_password": "The current password is wrong: try again.",
        "incorrect_password": "The password is wrong: try again.",
        "too_many_login_attempts": "There were too many tries for this address. Wait five minutes, then try again.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the visitor's address. allauth's own fails with a stack trace if a proxy was left out."""
        return find_visitor(request).address

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Return whether somebody has to prove again who they are. To add a first factor, a sign-in of the last few
        minutes is enough: there is nothing stronger yet that we could ask for."""
        request = self.request
        if app == "allauth.mfa" and not list_factors(request.user).exists():
            records = get_authentication_records(request, request.user)
            latest = max((float(record["at"]) for record in records), default=0.0)
            is_old = bool(time.time() - latest >= account_settings.REAUTHENTICATION_TIMEOUT)
            if is_old and not request.user.has_usable_password():
                # By single sign-on only. allauth would let them do it, because there is nothing that it could ask for.
                raise ImmediateHttpResponse(redirect("account_reauthenticate"))
            return is_old
        return bool(super().is_reauthentication_required(app=app, **options))

    # --- Limits: by mailbox and address for strangers, by mailbox and device for a device that we know ----------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count this try, and raise ValidationError if there were too many. A right password takes it back."""
        mailbox = str(credentials.get("email", "")).lower()
        provider = find_required(settings.OIDC_PROVIDERS, mailbox)
        if provider is not None:
            # Before the password is looked at, so the answer doesn't tell whether it is right.
            raise ValidationError(USE_PROVIDER.format(name=provider.name))
        device = find_device(request, email=mailbox)
        if device is not None:
            usage = ratelimit.consume(request, app=APP, action="known_failed", key=f"{mailbox} {device.key}")
        elif ratelimit.consume(request, app=APP, action="sign_in"):
            usage = ratelimit.consume(request, app=APP, action="login_failed", key=mailbox)
        else:
            usage = None
        if not usage:
            raise self.validation_error("too_many_login_attempts")
        self.tried = usage

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        person: User | None = super().authenticate(request, **credentials)
        if person is not None:
            self.tried.rollback()
        return person

    # --- Signing in --------------------------------------------------------------------------------------------------

    def pre_login(self, request: Any, user: User, **hints: Any) -> HttpResponse | None:
        """Let nobody in by a link to a password whose agency requires its provider."""
        provider = find_required(settings.OIDC_PROVIDERS, user.email)
        if provider is not None and getattr(request, "signed_in_by", None) != provider:
            messages.error(request, USE_PROVIDER.format(name=provider.name))
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **hints)
        return answer

    def get_login_stages(self) -> list[str]:
        """Return the steps of a sign-in: not our second factor, if the provider has just asked for one."""
        stages: list[str] = super().get_login_stages()
        if getattr(self.request, "has_factor_there", False):
            return [stage for stage in stages if stage != FACTOR_STAGE]
        return stages

    def login(self, request: Any, user: User) -> None:
        request.is_first_sign_in = user.last_login is None
        # The working day starts again, and nothing of an earlier sign-in in this browser counts.
        for key in (BEGAN, PROVIDER, FACTOR_THERE):
            request.session.pop(key, None)
        super().login(request, user)
        provider = name_provider(request, user)
        if provider:
            request.session[PROVIDER] = provider
            request.session[FACTOR_THERE] = getattr(request, "has_factor_there", False)
        how = {"provider": provider} if provider else {}
        audit.record("user.signed_in", user, by=user, ip=self.get_client_ip(request), **how)
        request.session[DEVICE] = name_browser(request)

    def post_login(self, request: Any, user: User, **hints: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **hints)
        is_first = getattr(request, "is_first_sign_in", False)
        if remember_device(request, response, person=user, is_first=is_first):
            transaction.on_commit(hint_account_letters, robust=True)
        records = get_authentication_records(request, user)
        if records and records[-1].get("type") == Authenticator.Type.RECOVERY_CODES:
            # Whoever needs one has lost the device: lead them to a new factor before the codes run out.
            messages.info(request, USED_A_CODE)
            return redirect("mfa_index")
        return response

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            audit.record("user.signed_out", user, by=user, ip=self.get_client_ip(request))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        person = User.objects.filter(email__iexact=str(credentials.get("email", ""))).first()
        note_failed_sign_in(person, ip=self.get_client_ip(request))

    # --- Changes -----------------------------------------------------------------------------------------------------

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        audit.record("user.password_set", user, by=user, ip=self.get_client_ip(self.request))

    @transaction.atomic
    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Sign a person out everywhere else after a change of their password or second factor, and write to them.

        allauth calls this after each change. A session that somebody else opened mustn't outlive it. Nobody gets a
        letter about their first password, which an invitation asked for.
        """
        change = template_prefix.rpartition("/")[2]
        if change in FACTOR_CHANGES:
            verb, kind, words = FACTOR_CHANGES[change]
            audit.record(verb, user, by=user, kind=kind)
            write_letter(user, AccountLetterKind.FACTOR, about=words)
        elif change not in PASSWORD_CHANGES:
            return
        elif user.last_login is not None:
            write_letter(user, AccountLetterKind.PASSWORD)
        end_others(user, this=self.request.session.session_key, by=user)
        forget_others(self.request, person=user)
        transaction.on_commit(hint_account_letters, robust=True)


def name_provider(request: HttpRequest, user: User) -> str:
    """Return the id of the provider by which somebody is signing in; empty for a password.

    They may have proved a second factor here since. So the last password, or the last answer of a provider, decides.
    """
    first = [record for record in get_authentication_records(request, user) if record["method"] != "mfa"]
    return str(first[-1].get("provider", "")) if first else ""


QUIET_ZONE = 4  # modules of white around a QR code: the standard asks for them


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Passkeys, authenticator apps and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code or passkey is wrong, or was used before. Wait for a new code, then try again.",
        "cannot_generate_recovery_codes": "Set up a passkey or an authenticator app first.",
        "unreadable": "We can’t read your second factor, because this site’s key has changed. Tell the operator.",
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text)
        except Unreadable:
            raise self.validation_error("unreadable") from None

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the domain of our passkeys. It comes from SITE_URL: whoever sends a request chooses its Host."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": "V+V Dashboard"}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  # allauth's
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"

    def build_totp_svg(self, url: str) -> SafeString:
        """Return the QR code as a part of the page: our policy for contents allows no picture in an address."""
        code = qrcode.QRCode(border=QUIET_ZONE)
        code.add_data(url)
        rows = code.get_matrix()
        dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
        return format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" width="240" height="240" role="img" '
            'aria-label="QR code of the key below"><rect width="{0}" height="{0}" fill="#fff"/>'
            '<path d="{1}" fill="#000"/></svg>',
            len(rows),
            dots,
        )
