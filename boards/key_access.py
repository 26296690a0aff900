"""What does a key open at this moment? Never more than its owner may open: docs/adr/0067.

One statement reads the key, the person who answers for it and their roles now. Nothing about roles is stored with a
key, so a role that ends, a second factor that goes and an account that is closed count from the next request on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hmac import compare_digest
from typing import Any

from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest
from django.utils import timezone

from boards.key_secrets import MARK, Scope, read_key
from boards.key_use import count_use
from boards.models import ApiKey, Membership, PartnershipArea, RegionMembership, read_factor_roles
from boards.permissions import Access, access_from
from boards.roles import Role
from boards.sessions import Held, area_reader, list_columns
from core.models import User
from core.months import date_label
from core.permissions import is_let_off
from core.selectors import as_day, fetch_rows
from core.selectors.factors import FACTORS
from core.statements import statement

NOT_SENT = "Send a key in the header “Authorization: Bearer vvd_…”. You make one on your keys page."
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


KEY_READ = ("id", "digest", "scopes", "name", "ends_on", "revoked_at", "agency_id", "answers_by_id")
KNOWN_OF_PERSON = {"id", "email", "name", "is_active", "is_staff", "is_superuser"}
# In the order of the model, which from_db relies on.
PERSON_READ = [field.attname for field in User._meta.concrete_fields if field.attname in KNOWN_OF_PERSON]
# By hand, because each request of a machine asks for this first: see core.selectors. A LEFT JOIN: for a person without
# a role, there is one row without a role. Roles of all areas and regions: any of them may need a second factor.
KEYS = statement(
    """
    SELECT held.role, held.agency_id, held.board_id, held.area_id, place.factor_roles,
        EXISTS (SELECT 1 FROM {factor} own WHERE own.user_id = person.id AND own.type IN (%s, %s)),
        EXISTS (SELECT 1 FROM {in_region} wider WHERE wider.user_id = person.id),
        {key_columns}, {person_columns}, {area_columns}
    FROM {key} owned
    JOIN {area} area ON area.id = owned.area_id
    JOIN {person} person ON person.id = owned.answers_by_id
    LEFT JOIN {held} held ON held.user_id = person.id
    LEFT JOIN {area} place ON place.id = held.area_id
    WHERE owned.prefix = %s
""",
    factor=Authenticator,
    in_region=RegionMembership,
    key_columns=[f"owned.{column}" for column in KEY_READ],
    person_columns=[f"person.{column}" for column in PERSON_READ],
    area_columns=list_columns(PartnershipArea, "area"),
    key=ApiKey,
    area=PartnershipArea,
    person=User,
    held=Membership,
)
HELD_COLUMNS = 7
type Found = dict[str, Any]


def find_key(request: HttpRequest, scopes: Iterable[Scope] = ()) -> KeyAccess:
    """Return what the request's key opens, and count the request. `scopes` say what it asks for. Two statements. Raises
    KeyRefused or TooOften."""
    if any(value.startswith(MARK) for values in request.GET.lists() for value in values[1]):
        raise KeyInAddress(IN_ADDRESS)
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if not sent.strip() or scheme.lower() != "bearer":
        raise KeyUnknown(NOT_SENT)
    try:
        found = check_key(sent.strip())
    except KeyUnknown:
        if not ratelimit.consume(request, app="allauth.account", action="api_key", limit_get=True):
            raise TooManyWrong("Too many wrong keys came from your address. Wait a minute.") from None
        raise
    count_use(found.key, timezone.now(), scopes)
    return found


def check_key(sent: str) -> KeyAccess:
    """Return what a key opens. One statement. Raises KeyRefused."""
    prefix, digest = read_key(sent)
    rows = fetch_rows(KEYS, [*FACTORS, prefix])
    key = dict(zip(KEY_READ, rows[0][HELD_COLUMNS:], strict=False)) if rows else {"digest": NO_DIGEST}
    # The same work for an unknown prefix and for a wrong secret, so that nobody learns which prefixes exist.
    if not compare_digest(str(key["digest"]), digest):
        raise KeyUnknown(UNKNOWN)
    check_in_force(key, timezone.localdate())
    return make_access(key, rows)


def check_in_force(key: Found, today: date) -> None:
    if key["revoked_at"] is not None:
        raise KeyOver("Somebody revoked this key. Ask its owner for another.")
    if as_day(key["ends_on"]) < today:
        raise KeyOver(f"This key ended on {date_label(as_day(key['ends_on']))}. Ask its owner for another.")


def make_access(key: Found, rows: Sequence[Sequence[Any]]) -> KeyAccess:
    """Build the access from the roles that the person has now. Raises NobodyAnswers."""
    after = HELD_COLUMNS + len(KEY_READ)
    person = User.from_db(DEFAULT_DB_ALIAS, PERSON_READ, rows[0][after : after + len(PERSON_READ)])
    (area,) = area_reader().read([rows[0][after + len(PERSON_READ) :]])
    if not area.has_keys:
        raise NobodyAnswers(f"{area.name} has turned off keys for machines.")
    held: list[Held] = [(row[0], row[1], row[2]) for row in rows if row[3] == area.pk]
    agency = key["agency_id"]
    if agency is not None:
        held = [each for each in held if each[0] == Role.AGENCY_LEAD.value and each[1] == agency]
    if not (held and person.is_active):
        raise NobodyAnswers(
            "Nobody answers for this key now. A lead of the agency can take it over."
            if agency is not None
            else f"The owner of this key has no role in {area.name} now."
        )
    if lacks_factor(person, rows):
        raise NobodyAnswers(
            "The person who answers for this key needs a second factor. They set it up when they sign in."
        )
    # Not what an operator may do besides: a key has the roles that somebody gave its owner.
    base = access_from(person, area, held)
    access = KeyedAccess(
        person, area, base.roles - {Role.OPERATOR}, base.led, base.approved, base.told, base.seated, base.chaired
    )
    known = {scope.value: scope for scope in Scope}
    scopes = frozenset(known[code] for code in key["scopes"].split() if code in known)
    return KeyAccess(key["id"], key["name"], scopes, agency, access)


def lacks_factor(person: User, rows: Sequence[Sequence[Any]]) -> bool:
    """As boards.sessions has it of somebody who signs in."""
    if rows[0][5] or is_let_off(person):
        return False
    needed = (row[0] is not None and Role(row[0]) in read_factor_roles(row[4] or "") for row in rows)
    return person.is_superuser or bool(rows[0][6]) or any(needed)
