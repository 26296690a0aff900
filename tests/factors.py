"""An authenticator app, as a phone has one: RFC 6238 from the standard library alone."""

import base64
import hashlib
import hmac
import re
import struct
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from core.identity.factors import unseal
from core.models import User
from tests.answers import Answer

PASSWORD = "a pebble on every window"
HOME, SIGN_IN, CODE = "/account/second-factor/", "/account/login/", "/account/second-factor/authenticate/"
APP, PASSKEY = "/account/second-factor/totp/activate/", "/account/second-factor/webauthn/add/"
CODES = "/account/second-factor/recovery-codes/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret: str, *, later: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    counter = struct.pack(">Q", int(time.time()) // 30 + later)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def give_password(user: User) -> None:
    user.set_password(PASSWORD)
    user.save()


def give_app(user: User, secret: str = SECRET) -> Authenticator:
    held: Authenticator = TOTP.activate(user, secret).instance
    return held


def give_passkey(user: User, name: str, *, pk: int | None = None) -> Authenticator:
    """A passkey of a device that nobody has: it is listed, and lets nobody in."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    held = AttestedCredentialData.create(Aaguid.NONE, b"a key of a test", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    known = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flags, 0, held)
    response = AuthenticatorAttestationResponse(
        client_data=CollectedClientData.create("webauthn.create", b"challenge", "http://localhost"),
        attestation_object=AttestationObject.create("none", known, {}),
    )
    credential = dict(RegistrationResponse(raw_id=held.credential_id, response=response))
    return Authenticator.objects.create(
        pk=pk, user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": credential}
    )


def sign_in(user: User) -> tuple[Answer, Answer]:
    """By the password; returns the browser, and the answer."""
    client = Client()
    return client, client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})


def sign_in_whole(user: User, *, later: int = 0, secret: str = SECRET) -> Answer:
    client, _ = sign_in(user)
    answer = client.post(CODE, {"code": code_of(secret, later=later)})
    assert answer.status_code == 302, words_of(answer)
    return client


def set_up_app(client: Answer) -> str:
    """By the pages; returns the secret."""
    page = client.get(APP).content.decode()
    secret = re.search(r"Key: <strong[^>]*>([A-Z2-7]+)<", page)[1]
    answer = client.post(APP, {"code": code_of(secret)})
    assert answer.status_code == 302, words_of(answer)
    return secret


def secret_of(user: User) -> str:
    return unseal(Authenticator.objects.get(user=user, type="totp").data["secret"])


def words_of(answer: Answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
