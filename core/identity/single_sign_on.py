"""Sign somebody in with a provider.

allauth keeps the state, makes the proof of the code (PKCE) and finishes the sign-in. We call the provider with limits
and check its token.

It brings libraries that only single sign-on needs, so nothing imports it before somebody asks for it.
"""

import logging
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import quote_plus

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthError, ProviderException
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from core.identity.id_tokens import Untrusted, read_id_token
from core.identity.provider_calls import Calls, NoAnswer
from core.identity.provider_links import LinkRefused, name_subject, open_account
from core.identity.providers import Provider
from core.identity.sign_in import note_failed_sign_in
from core.models import User
from core.tasks import hint_account_letters

logger = logging.getLogger(__name__)
CANCELLED = "You didn’t sign in with {name}. Try again, or use your password."
STALE = "That sign-in with {name} took too long, or was already used. Start again."
DOWN = "{name} isn’t answering. Try again in a few minutes, or use your password."
DECLINED = "{name} didn’t sign you in. Try again, or use your password."
UNTRUSTED = "We can’t trust the answer from {name}, so you aren’t signed in. Tell the operator."
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class SignInRefused(ProviderException):  # type: ignore[misc]  # allauth has no types
    """Somebody isn't signed in. The text is for them; `reason` and `person` are for the record."""

    def __init__(self, sentence: str, *, reason: str, person: User | None = None) -> None:
        super().__init__(sentence)
        self.reason, self.person = reason, person


class ProvidersAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The providers of the setting. allauth's own would read them from a table too, where anybody who can write to it
    could add one."""

    def list_apps(self, request: Any, provider: str | None = None, client_id: str | None = None) -> list[SocialApp]:
        providers = [trusted for trusted in settings.OIDC_PROVIDERS.values() if provider in (None, trusted.id)]
        return [
            SocialApp(
                provider=OpenIDConnectProvider.id,
                provider_id=trusted.id,
                name=trusted.name,
                client_id=trusted.client_id,
                secret=trusted.client_secret,
            )
            for trusted in providers
            if client_id in (None, trusted.client_id)
        ]

    def get_provider(self, request: Any, provider: str, client_id: str | None = None) -> "SignOnProvider":
        """Return a provider. Raises ValueError if the operator has taken it away, as allauth expects of it."""
        if provider not in settings.OIDC_PROVIDERS:
            raise ValueError(f"There is no provider {provider!r}.")
        return SignOnProvider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def is_open_for_signup(self, request: Any, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: Any, sociallogin: SocialLogin) -> None:
        """Find whose account this is, before allauth signs anybody in. Raises SignInRefused."""
        provider, claims = settings.OIDC_PROVIDERS[sociallogin.account.provider], sociallogin.claims
        try:
            sociallogin.account, is_new = open_account(provider, claims=claims)
        except LinkRefused as fault:
            raise SignInRefused(str(fault), reason=fault.reason, person=fault.person) from None
        sociallogin.user = sociallogin.account.user
        request.signed_in_by = provider
        request.has_factor_there = provider.has_factor(claims)
        if is_new:
            transaction.on_commit(hint_account_letters, robust=True)

    def on_authentication_error(
        self,
        request: Any,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: Mapping[str, Any] | None = None,
    ) -> None:
        """Say what went wrong on the sign-in page, which still has the password's form."""
        state = (extra_context or {}).get("state")
        if isinstance(exception, SignInRefused):
            sentence, reason, person = str(exception), exception.reason, exception.person
        elif error == AuthError.CANCELLED:
            sentence, reason, person = CANCELLED, "cancelled", None
        else:
            sentence, reason, person = (STALE, "stale", None) if state is None else (DECLINED, "declined", None)
        note_failed_sign_in(
            person, provider=provider.sub_id, reason=reason, ip=get_account_adapter().get_client_ip(request)
        )
        messages.error(request, sentence.replace("{name}", provider.name))
        after = (state or {}).get("next")
        raise ImmediateHttpResponse(
            redirect(f"{reverse('account_login')}{'?' + urlencode({'next': after}) if after else ''}")
        )


class SignOnAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """One page's talk with a provider."""

    # allauth passes these to a client that exchanges no code here, and where it catches no refusal of ours.
    access_token_url, basic_auth = "", False

    def __init__(self, request: HttpRequest, provider_id: str) -> None:
        super().__init__(request, provider_id)
        self.trusted: Provider = settings.OIDC_PROVIDERS[provider_id]
        self.calls = Calls()
        self.nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return where the provider's pages are, as it says. Raises SignInRefused."""
        if not hasattr(self, "_found"):
            config = self._get(f"{self.trusted.issuer.rstrip('/')}/.well-known/openid-configuration")
            is_safe = all(self.trusted.allows(config.get(name)) for name in ENDPOINTS)  # type: ignore[arg-type]
            if config.get("issuer") != self.trusted.issuer or not is_safe:
                self._distrust("its configuration is another provider's, or names an address that isn't safe")
            self._found = config
        return self._found

    def get_access_token_data(
        self, request: Any, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Exchange the code for a token. Raises SignInRefused."""
        self.nonce = make_nonce(pkce_code_verifier or "")
        party = request.GET.get("iss")  # RFC 9207: which provider sent the person back
        if party not in (None, self.trusted.issuer):
            self._distrust("another provider sent the person back")
        sent = {
            "grant_type": "authorization_code",
            "code": request.GET["code"],
            "redirect_uri": client.callback_url,
            "code_verifier": pkce_code_verifier or "",
        }
        auth, ways = None, self.openid_config.get("token_endpoint_auth_methods_supported", [])
        if "client_secret_basic" in ways and "client_secret_post" not in ways:  # it can't have a colon in our name
            auth = (quote_plus(app.client_id), quote_plus(app.secret))  # RFC 6749, 2.3.1
        else:
            sent |= {"client_id": app.client_id, "client_secret": app.secret}
        try:
            status, answer = self.calls.post(self.openid_config["token_endpoint"], sent, auth=auth)
        except NoAnswer as fault:
            self._miss(fault)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._miss(f"the exchange of a code answered with {status}")
        if status != HTTPStatus.OK:
            logger.warning("Single sign-on with %s: the code was refused (%s).", self.trusted.id, status)
            raise SignInRefused(DECLINED, reason="code refused")
        return answer

    def parse_token(self, data: Mapping[str, Any]) -> SocialToken:
        return SocialToken()  # we call nothing in the person's name, so the provider's key is thrown away

    def complete_login(self, request: Any, app: SocialApp, token: SocialToken, **sent: Any) -> SocialLogin:
        """Check the token. Raises SignInRefused."""
        keys = self._get(self.openid_config["jwks_uri"])  # each time: a key that is withdrawn is then useless
        try:
            claims = read_id_token(sent["response"].get("id_token"), keys=keys, provider=self.trusted, nonce=self.nonce)
        except Untrusted as fault:
            self._distrust(str(fault))
        login = SocialLogin(
            account=SocialAccount(provider=self.trusted.id, uid=name_subject(claims)), provider=self.get_provider()
        )
        login.claims = claims
        return login

    def _get(self, address: str) -> dict[str, Any]:
        try:
            return self.calls.get(address)
        except NoAnswer as fault:
            self._miss(fault)

    def _miss(self, fault: object) -> NoReturn:
        logger.warning("Single sign-on with %s: %s.", self.trusted.id, fault)
        raise SignInRefused(DOWN, reason="no answer") from None

    def _distrust(self, why: str) -> NoReturn:
        logger.warning("Single sign-on with %s: %s.", self.trusted.id, why)
        raise SignInRefused(UNTRUSTED, reason="untrusted") from None


class SignOnProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    oauth2_adapter_class = SignOnAdapter
    pkce_enabled_default = True

    def get_pkce_params(self) -> dict[str, str]:
        """Return what proves a sign-in to be the one that was begun: of its code, and of its token."""
        params: dict[str, str] = super().get_pkce_params()
        return params | {"nonce": make_nonce(params["code_verifier"])}

    def get_default_scope(self) -> list[str]:
        return ["openid", "email"]

    def serialize(self) -> dict[str, Any]:
        """Return its id, for a sign-in that waits for a second factor. Two providers may know us by the same name."""
        return {"id": self.sub_id}


def make_nonce(verifier: str) -> str:
    """Return what a sign-in's token has to repeat. Nobody knows it before the sign-in begins, as nobody knows the
    verifier of its code, and nobody can tell the verifier from it."""
    return sha256(f"nonce {verifier}".encode()).hexdigest()


def find_address(request: HttpRequest, provider_id: str, *, after: str | None) -> str:
    """Return the provider's address where somebody signs in. Raises ImmediateHttpResponse if it isn't there.

    Nothing of it comes from the visitor, except the page that they want afterwards.
    """
    provider = ProvidersAdapter(request).get_provider(request, provider_id)
    try:
        answer = provider.redirect(request, process=AuthProcess.LOGIN, next_url=after, auth_params={})
    except SignInRefused as fault:
        about: Any = {"state": {"next": after}}
        response = render_authentication_error(request, provider, exception=fault, extra_context=about)
        raise ImmediateHttpResponse(response) from None
    return str(answer.url)


def finish(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in whoever the provider sent back, or say why not."""
    answer: HttpResponse = OAuth2CallbackView.adapter_view(SignOnAdapter(request, provider_id))(request)
    return answer
