"""The check of an ID token of OpenID Connect: whether it says who somebody is, in a way that we can trust. Pure.

allauth would skip the signature of a token that it fetched itself, would let the token choose its algorithm, and asks
for no nonce. Only single sign-on imports this, and with it PyJWT.
"""

import hmac
import time
from collections.abc import Mapping
from typing import Any

import jwt

from core.identity.providers import Provider

# Each has a public key. With `none`, or with a secret shared with others, anybody could write the token.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY = 60  # seconds: clocks differ
MOST_CHARACTERS = 255  # of a subject
# A key or a claim may be anything that JSON can say, and PyJWT doesn't expect all of it.
MALFORMED = (jwt.PyJWTError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


class Untrusted(Exception):
    """A token that doesn't prove anything. Its text is for the log, and has nothing of the token's own."""


def read_id_token(token: Any, *, keys: Any, provider: Provider, nonce: str) -> dict[str, Any]:
    """Return a token's claims. Raises Untrusted unless this provider signed it with one of its present keys, for us,
    for this sign-in, and it hasn't expired.

    `keys` is the provider's set of keys (JWKS) as it has just sent it.
    """
    if not isinstance(token, str) or not nonce:
        raise Untrusted("there is no token")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _find_key(keys, jwt.get_unverified_header(token)),
            algorithms=ALGORITHMS,
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "sub", "exp", "iat", "nonce"], "enforce_minimum_key_length": True},
        )
    except MALFORMED as fault:
        raise Untrusted(type(fault).__name__) from None
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_CHARACTERS:
        raise Untrusted("its subject isn't text")
    if not isinstance(claims["nonce"], str) or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise Untrusted("it is for another sign-in")
    _check_party(claims, provider.client_id)
    return claims


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """Refuse a token that was issued to another party, even if it names us too."""
    audience, party = claims["aud"], claims.get("azp")
    if party not in (None, client_id) or (party is None and isinstance(audience, list) and len(audience) > 1):
        raise Untrusted("it was issued to another party")


def _find_key(keys: Any, header: Mapping[str, Any]) -> jwt.PyJWK:
    """Return the one key that a token's header names. It must be among those that the provider publishes now."""
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise Untrusted("its algorithm isn't one of ours")
    rows = keys.get("keys") if isinstance(keys, dict) else None
    usable = [row for row in rows if _is_usable(row, algorithm)] if isinstance(rows, list) else []
    # A provider with a single key may leave its name out.
    named = usable if kid is None else [row for row in usable if row.get("kid") == kid]
    if len(named) != 1:
        raise Untrusted("its key isn't one of the provider's")
    return jwt.PyJWK.from_dict(named[0], algorithm=algorithm)


def _is_usable(row: Any, algorithm: str) -> bool:
    if not isinstance(row, dict) or row.get("use", "sig") != "sig" or row.get("alg", algorithm) != algorithm:
        return False
    ends = row.get("exp")  # some providers say until when a key is good
    return ends is None or (isinstance(ends, int | float) and ends > time.time())
