"""A provider is linked to an account at its first sign-in, and opens no other.

Nobody gets an account here: an invitation makes it. After the first sign-in the provider's subject decides, and not
the address. A mailbox may get another owner, and a provider can write any address.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from core import audit
from core.identity.providers import Provider
from core.identity.sign_in import end_everything
from core.letter_kinds import AccountLetterKind
from core.mail.account import write_letter
from core.models import User

WHO = "your area’s coordinator or your region’s director"


class LinkRefused(Exception):
    """The provider may not open this account. The text is for the person; `reason` is for the record."""

    def __init__(self, sentence: str, *, reason: str, person: User | None = None) -> None:
        super().__init__(sentence)
        self.reason, self.person = reason, person


def name_subject(claims: Mapping[str, Any]) -> str:
    """Return what identifies a person at a provider: a hash of issuer and subject.

    Another provider may use the same subject for somebody else.
    """
    return sha256(f"{claims['iss']}\n{claims['sub']}".encode()).hexdigest()


@transaction.atomic
def open_account(provider: Provider, *, claims: Mapping[str, Any]) -> tuple[SocialAccount, bool]:
    """Return the link to an account, and whether it is new. `claims` are of a checked token. Raises LinkRefused."""
    if not provider.has_claims(claims):
        raise LinkRefused(
            f"{provider.name} didn’t say that you belong to it. Use your work account there, or tell the operator.",
            reason="other tenant",
        )
    subject = name_subject(claims)
    link = SocialAccount.objects.select_related("user").filter(provider=provider.id, uid=subject).first()
    if link is not None:
        _check_person(provider, link.user)
        return link, False
    person = _find_person(provider, claims)
    # Locked, so two sign-ins at the same moment don't both make a link.
    person = User.objects.select_for_update().get(pk=person.pk)
    if SocialAccount.objects.filter(user=person, provider=provider.id).exclude(uid=subject).exists():
        raise LinkRefused(
            f"{provider.name} says that {person.email} now belongs to someone else there. "
            "If the address is yours, ask the operator to unlink it.",
            reason="changed subject",
            person=person,
        )
    link, is_new = SocialAccount.objects.get_or_create(user=person, provider=provider.id, uid=subject)
    if is_new:
        audit.record("user.provider_linked", person, by=person, provider=provider.id)
        write_letter(person, AccountLetterKind.PROVIDER, about=f"You can now sign in with {provider.name}")
    return link, is_new


@transaction.atomic
def unlink(link: SocialAccount, *, name: str, by: User | None) -> None:
    """Remove a link, sign its person out everywhere and write to them. Their next sign-in there links them again."""
    person = link.user
    link.delete()
    end_everything(person, by=by)
    audit.record("user.provider_unlinked", person, by=by, provider=link.provider)
    write_letter(person, AccountLetterKind.PROVIDER, about=f"Your account is no longer linked to {name}")


def _find_person(provider: Provider, claims: Mapping[str, Any]) -> User:
    address = claims.get("email")
    # Signs that aren't ASCII can look like others, and a database may take them for the same.
    if not isinstance(address, str) or not address.isascii() or not provider.confirms_address(claims):
        raise LinkRefused(
            f"{provider.name} didn’t confirm your email address. Sign in with your password, and tell the operator.",
            reason="address not confirmed",
        )
    if not provider.vouches_for(address):
        raise LinkRefused(
            f"{provider.name} can’t sign in people with addresses like {address}. Sign in with your password.",
            reason="other domain",
        )
    person = User.objects.filter(email__iexact=address).first()
    if person is None or person.email.lower() != address.lower():
        raise LinkRefused(
            f"No one has invited {address} yet. Ask {WHO} for an invitation.",
            reason="not invited",
        )
    _check_person(provider, person)
    return person


def _check_person(provider: Provider, person: User) -> None:
    """Raise LinkRefused for an account that is switched off, or whose address the provider may not vouch for.

    Somebody who moved to another agency keeps their account, and the earlier provider no longer opens it.
    """
    if not person.is_active:
        raise LinkRefused(
            f"Your account is switched off. Ask {WHO}.",
            reason="inactive",
            person=person,
        )
    if not provider.vouches_for(person.email):
        raise LinkRefused(
            f"{provider.name} can’t sign in {person.email}. Sign in with your password.",
            reason="other domain",
            person=person,
        )
