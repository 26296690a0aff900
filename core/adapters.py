"""How do people get an account, and prove who they are? By invitation only, with a password and a second factor."""

import logging
import time
from typing import Any
from urllib.parse import urlsplit

import qrcode
from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import audit
from core.models import User
from core.selectors.factors import list_factors
from core.services.sealing import Unreadable, seal, unseal
from core.services.sessions import end_sessions

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

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person of a change to their account. If it is about a second factor, record it and end their other
        sessions."""
        if template_prefix in CHANGES:
            verb, kind = CHANGES[template_prefix]
            audit.record(verb, user, by=user, kind=kind)
            # A session that somebody else opened with the password alone must not outlive the change.
            end_sessions(user, but=self.request.session.session_key)
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Return whether somebody has to prove again who they are. To add a first factor, a sign-in of the last few
        minutes is enough: there is nothing stronger yet that we could ask for."""
        request = self.request
        if app == "allauth.mfa" and not list_factors(request.user).exists():
            records = get_authentication_records(request, request.user)
            latest = max((float(record["at"]) for record in records), default=0.0)
            return bool(time.time() - latest >= account_settings.REAUTHENTICATION_TIMEOUT)
        return bool(super().is_reauthentication_required(app=app, **options))


# The e-mail about a change to a second factor, and what the audit log says.
CHANGES = {
    "mfa/email/totp_activated": ("factor.added", "app"),
    "mfa/email/totp_deactivated": ("factor.removed", "app"),
    "mfa/email/webauthn_added": ("factor.added", "passkey"),
    "mfa/email/webauthn_removed": ("factor.removed", "passkey"),
    "mfa/email/recovery_codes_generated": ("factor.renewed", "recovery codes"),
}
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
