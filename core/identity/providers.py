"""The providers of single sign-on that the operator trusts, and for whom. Pure.

The operator writes a list in JSON. docs/run/connect.md has an example, and describes each key.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

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
        raise BadProviders(f"{where} needs an 'id' made of small letters, digits and hyphens.")
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
