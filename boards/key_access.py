"""Work out what a key opens at this moment: never more than its owner may open (docs/adr/0067).

The key, the person who answers for it and their roles are read with each request. Nothing about roles is stored with a
key, so a role that ends, a second factor that goes and an account that is closed count from the next request on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hmac import compare_digest

from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.utils import timezone

from boards.key_secrets import MARK, Scope, read_key
from boards.models import ApiKey, Key, KeyUse, PartnershipArea, RegionKey, RegionKeyUse, RegionMembership
from boards.permissions import Access, RegionAccess, access_from, lacks_factor, list_places, list_roles_held
from boards.rules import RegionRole, Role
from boards.selectors import count_use
from core.calendar import date_label
from core.models import User
from core.permissions import is_let_off

NOT_SENT = "Send a key in the header “Authorization: Bearer vvd_…”. You can make one on your keys page."
UNKNOWN = "We don’t know this key. Check that you sent all of it."
IN_ADDRESS = (
    "Don’t send a key in the address: addresses are stored in logs. Send it in the header “Authorization: Bearer …”. "
    "Revoke this key, and make another."
)
NO_DIGEST = "0" * 64


class KeyRefused(Exception):
    """Raised for a key that opens nothing now. Its text is a sentence. `problem` is the kind of problem."""

    status, problem = 401, "key-refused"


class KeyUnknown(KeyRefused):
    """No key was sent, or one that we don't know."""

    problem = "key-unknown"


class KeyOver(KeyRefused):
    """The key has ended or was revoked. Only somebody with its secret learns that."""

    problem = "key-over"


class KeyInAddress(KeyRefused):
    status, problem = 400, "key-in-address"


class NobodyAnswers(KeyRefused):
    """The key is right, but its owner may open nothing now."""

    status, problem = 403, "nobody-answers"


class TooManyWrong(KeyRefused):
    status, problem = 429, "too-many-wrong-keys"


class KeyedAccess(Access):
    """What a key opens: as its person's roles, but no draft of a month, whoever asks."""

    __slots__ = ()

    @property
    def can_see_drafts(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """A key that was checked: what it opens, and as whom. `agency` is the agency whose key it is."""

    key: int
    name: str
    scopes: frozenset[Scope]
    agency: int | None
    access: KeyedAccess

    @property
    def area(self) -> PartnershipArea:
        return self.access.area


@dataclass(frozen=True, slots=True)
class RegionKeyAccess:
    """A region's key that was checked: what the region's areas show its owner now."""

    key: int
    name: str
    scopes: frozenset[Scope]
    access: RegionAccess


def find_key(request: HttpRequest, scopes: Iterable[Scope] = ()) -> KeyAccess | RegionKeyAccess:
    """Return what the request's key opens, and count the request. `scopes` say what it asks for. Raises
    KeyRefused or TooOften."""
    if any(value.startswith(MARK) for values in request.GET.lists() for value in values[1]):
        raise KeyInAddress(IN_ADDRESS)
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if not sent.strip() or scheme.lower() != "bearer":
        raise KeyUnknown(NOT_SENT)
    try:
        access = check_key(sent.strip())
    except KeyUnknown:
        if not ratelimit.consume(request, app="allauth.account", action="api_key", limit_get=True):
            raise TooManyWrong("Too many wrong keys came from your address. Wait a minute.") from None
        raise
    uses = RegionKeyUse if isinstance(access, RegionKeyAccess) else KeyUse
    count_use(access.key, timezone.now(), scopes, uses=uses)
    return access


def check_key(sent: str) -> KeyAccess | RegionKeyAccess:
    """Return what a key opens. At most six queries. Raises KeyRefused."""
    prefix, digest = read_key(sent)
    # Always both: otherwise the time of an answer would say whether a prefix exists.
    of_area = ApiKey.objects.select_related("area", "answers_by").filter(prefix=prefix).first()
    of_region = RegionKey.objects.select_related("region", "answers_by").filter(prefix=prefix).first()
    key = of_area or of_region
    # The same work for an unknown prefix and for a wrong secret, so that nobody learns which prefixes exist.
    if not compare_digest(key.digest if key else NO_DIGEST, digest) or key is None:
        raise KeyUnknown(UNKNOWN)
    check_in_force(key, timezone.localdate())
    return make_region_access(key) if isinstance(key, RegionKey) else make_access(key)


def check_in_force(key: Key, today: date) -> None:
    if key.revoked_at is not None:
        raise KeyOver("Someone revoked this key. Ask its owner for another.")
    if key.ends_on < today:
        raise KeyOver(f"This key ended on {date_label(key.ends_on)}. Ask its owner for another.")


def make_access(key: ApiKey) -> KeyAccess:
    """Build the access from the roles that the person has now. Raises NobodyAnswers."""
    area, person, agency = key.area, key.answers_by, key.agency_id
    if not area.has_keys:
        raise NobodyAnswers(f"{area.name} has turned off keys for machines.")
    memberships = list(list_roles_held(person, area))
    if agency is not None:
        memberships = [
            membership
            for membership in memberships
            if membership[0] == Role.AGENCY_LEAD.value and membership[1] == agency
        ]
    if not (memberships and person.is_active):
        raise NobodyAnswers(
            "No one is responsible for this key now. A lead of the agency can take it over."
            if agency is not None
            else f"The owner of this key no longer has a role in {area.name}."
        )
    check_factor(person)
    # Not what an operator may do besides: a key has the roles that somebody gave its owner.
    base = access_from(person, area, memberships)
    access = KeyedAccess(
        person, area, base.roles - {Role.OPERATOR}, base.led, base.approved, base.told, base.seated, base.chaired
    )
    return KeyAccess(key.pk, key.name, read_scopes(key), agency, access)


def make_region_access(key: RegionKey) -> RegionKeyAccess:
    """Build the access from the person's roles and the areas' consents as they are now. Raises NobodyAnswers."""
    region, person = key.region, key.answers_by
    held = RegionMembership.objects.filter(region=region, user=person).values_list("role", flat=True)
    roles = frozenset(RegionRole(role) for role in held)
    if not (roles and person.is_active):
        raise NobodyAnswers(f"The owner of this key no longer has a role in {region.name}.")
    check_factor(person)
    access = RegionAccess(person, region, roles, list_places(region))
    return RegionKeyAccess(key.pk, key.name, read_scopes(key), access)


def check_factor(person: User) -> None:
    if not is_let_off(person) and lacks_factor(person):
        raise NobodyAnswers(
            "The person who is responsible for this key needs a second factor. They can set it up when they sign in."
        )


def read_scopes(key: Key) -> frozenset[Scope]:
    by_code = {scope.value: scope for scope in Scope}
    return frozenset(by_code[code] for code in key.scopes.split() if code in by_code)
