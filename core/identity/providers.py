"""The providers of single sign-on that the operator trusts, and for whom; and the check of their tokens. Pure.

The operator writes a list in JSON. docs/operations.md has an example, and describes each key.
"""

import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import jwt

NEEDED = ("id", "name", "issuer", "client_id", "client_secret", "domains")
OPTIONAL = ("claims", "second_factor", "verified_by", "required")
DOMAIN = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+")
CONFIRMED = (True, "true", "1")  # what providers write; JSON's 1 equals True
EXAMPLE = '[{"id": "council", "name": "Anytown Council", …}]'


class BadProviders(ValueError):
    """A setting that makes no sense, as a sentence. It never shows a value: one of them is a secret."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider. `claims` are what each of its tokens must say, and `factor` is what a token says after a
    second factor."""

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    domains: frozenset[str] = frozenset()
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    factor: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verified_by: str = "email_verified"
    is_required: bool = False

    def vouches_for(self, address: str) -> bool:
        """Return whether an e-mail address is in one of its domains. A subdomain is another domain."""
        mailbox, _, domain = address.rpartition("@")
        return bool(mailbox) and domain.lower() in self.domains

    def has_claims(self, claims: Mapping[str, Any]) -> bool:
        """Return whether a token says what the operator asks of each."""
        return all(_says(claims.get(name), wanted) for name, wanted in self.claims.items())

    def has_factor(self, claims: Mapping[str, Any]) -> bool:
        """Return whether a token says that its person proved a second factor there. No, if the setting names none."""
        return bool(self.factor) and all(_says(claims.get(name), wanted) for name, wanted in self.factor.items())

    def confirms_address(self, claims: Mapping[str, Any]) -> bool:
        return claims.get(self.verified_by) in CONFIRMED

    def allows(self, address: str) -> bool:
        """Return whether we may call an address: over HTTPS, unless the issuer is on this machine without it."""
        return is_address(address, needs_https=self.issuer.startswith("https://"))


def find_provider(providers: Mapping[str, Provider], address: str) -> Provider | None:
    """Return the provider that vouches for an address, if any."""
    return next((provider for provider in providers.values() if provider.vouches_for(address)), None)


def find_required(providers: Mapping[str, Provider], address: str) -> Provider | None:
    """Return the provider with which the owner of an address has to sign in, if any."""
    provider = find_provider(providers, address)
    return provider if provider is not None and provider.is_required else None


def is_address(text: Any, *, needs_https: bool) -> bool:
    """Return whether this is a full web address without a user, and without a space or a sign that isn't ASCII."""
    if not isinstance(text, str) or not re.fullmatch(r"[!-~]+", text):
        return False
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return False
    schemes = ("https",) if needs_https else ("https", "http")
    return url.scheme in schemes and bool(url.hostname) and "@" not in url.netloc


def read_providers(text: str, *, needs_https: bool) -> dict[str, Provider]:
    """Return the providers of a setting by their id. Raises BadProviders."""
    if not text:
        return {}
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadProviders(f"write a list in JSON, such as {EXAMPLE}.")
    by_id: dict[str, Provider] = {}
    for number, row in enumerate(rows, start=1):
        provider = _read(row, number, needs_https=needs_https)
        if provider.id in by_id:
            raise BadProviders(f"two providers have the id {provider.id!r}; each needs its own.")
        for other in by_id.values():
            shared = sorted(provider.domains & other.domains)
            if shared:
                raise BadProviders(
                    f"{other.id!r} and {provider.id!r} both have the domain {shared[0]}; give it to one."
                )
        by_id[provider.id] = provider
    return by_id


def _read(row: dict[str, Any], number: int, *, needs_https: bool) -> Provider:
    where = f"provider {number}"
    for name in NEEDED:
        if name not in row:
            raise BadProviders(f"{where} has no {name!r}.")
    unknown = sorted(set(row) - {*NEEDED, *OPTIONAL})
    if unknown:
        raise BadProviders(f"{where} has {unknown[0]!r}, which we don't know.")
    for name in ("id", "name", "client_id", "client_secret"):
        if not isinstance(row[name], str) or not row[name].strip():
            raise BadProviders(f"{where} needs a text for {name!r}.")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", row["id"]):
        raise BadProviders(f"{where} needs an 'id' of small letters, digits and hyphens.")
    issuer = row["issuer"]
    if not is_address(issuer, needs_https=needs_https) or {"?", "#"} & set(issuer):
        begins = "https://" if needs_https else "https:// or http://"
        raise BadProviders(f"{where} needs an 'issuer' that starts with {begins}, without a query.")
    verified_by = row.get("verified_by", "email_verified")
    if not isinstance(verified_by, str) or not verified_by:
        raise BadProviders(f"{where} needs the name of a claim for 'verified_by'.")
    if not isinstance(row.get("required", False), bool):
        raise BadProviders(f"{where} needs true or false for 'required'.")
    return Provider(
        id=row["id"],
        name=row["name"].strip(),
        issuer=issuer,
        client_id=row["client_id"],
        client_secret=row["client_secret"],
        domains=_read_domains(row["domains"], where),
        claims=_read_claims(row, "claims", where),
        factor=_read_claims(row, "second_factor", where),
        verified_by=verified_by,
        is_required=row.get("required", False),
    )


def _read_domains(value: Any, where: str) -> frozenset[str]:
    """Return the domains. Never none: a provider without a limit could vouch for anybody's address."""
    are_texts = isinstance(value, list) and all(isinstance(domain, str) for domain in value)
    domains = frozenset(domain.strip().lower() for domain in value) if are_texts else frozenset()
    if not domains or not all(DOMAIN.fullmatch(domain) for domain in domains):
        raise BadProviders(f"{where} needs a list of 'domains', such as [\"anytown.gov.uk\"].")
    return domains


def _read_claims(row: dict[str, Any], name: str, where: str) -> dict[str, tuple[str, ...]]:
    value = row.get(name, {})
    if not isinstance(value, dict):
        raise BadProviders(f"{where} needs an object for {name!r}.")
    rows = {claim: wanted if isinstance(wanted, list) else [wanted] for claim, wanted in value.items()}
    if not all(wanted and all(isinstance(value, str) for value in wanted) for wanted in rows.values()):
        raise BadProviders(f'{where} needs claims with texts for {name!r}, such as {{"hd": "anytown.gov.uk"}}.')
    return {claim: tuple(wanted) for claim, wanted in rows.items()}


def _says(value: Any, wanted: tuple[str, ...]) -> bool:
    """Return whether a claim is, or has in its list, one of these texts."""
    return any(one in wanted for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


# The check of an ID token of OpenID Connect: whether it says who somebody is, in a way that we can trust.
#
# allauth would skip the signature of a token that it fetched itself, would let the token choose its algorithm, and asks
# for no nonce.

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
        raise Untrusted("its subject is no text")
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
