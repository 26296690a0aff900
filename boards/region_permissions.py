"""What may a person do in a region, and what do its areas show it?

`open_to_region` says which roles may open a view of a region. Nobody else gets in: not the areas' own people, and not
the operator, who makes regions and reads no figure of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast

from django.db import DEFAULT_DB_ALIAS
from django.http import Http404, HttpRequest
from django.utils import timezone

from boards.models import LEAST_AREAS, Consent, PartnershipArea, Region, RegionMembership, RegionPlace, Shows
from boards.permissions import View
from boards.roles import RegionRole
from core.models import User
from core.permissions import is_operator
from core.selectors import fetch_rows
from core.statements import statement


class Place(NamedTuple):
    """An area that the region invited, with the consent that is in force today. Without one, both are None."""

    area_id: int
    slug: str
    name: str
    ons_code: str
    longitude: float | None
    latitude: float | None
    consent_id: int | None
    shows: Shows | None


@dataclass(frozen=True, slots=True)
class RegionAccess:
    """What one person is in one region, and what its areas show today."""

    user: User
    region: Region
    roles: frozenset[RegionRole] = frozenset()
    places: tuple[Place, ...] = ()  # by the area's name

    def is_any(self, *roles: RegionRole) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def can_set_up(self) -> bool:
        return is_operator(self.user) or RegionRole.DIRECTOR in self.roles

    @property
    def shows(self) -> dict[int, Shows]:
        """Return what each consenting area shows, by its key."""
        return {place.area_id: place.shows for place in self.places if place.shows is not None}

    @property
    def missing(self) -> int:
        """Return how many consents the region still lacks to show any figure."""
        return max(0, LEAST_AREAS - len(self.shows))


REGION_COLUMNS = [field.attname for field in Region._meta.concrete_fields]
# One statement by hand, because every page of a region asks for this first: see core.selectors. Joined on the left: a
# person without a role has a row without one, and a region may have no area yet. Consents of an area don't overlap
# (boards.services.consents); the newest is last.
HELD = statement(
    """
    SELECT held.role, area.id, area.slug, area.name, area.ons_code, area.longitude, area.latitude,
        given.id, given.shows, {columns}
    FROM {region} region
    LEFT JOIN {held} held ON held.region_id = region.id AND held.user_id = %s
    LEFT JOIN {place} place ON place.region_id = region.id
    LEFT JOIN {area} area ON area.id = place.area_id
    LEFT JOIN {consent} given ON given.region_id = region.id AND given.area_id = area.id
        AND given.agreed_at IS NOT NULL AND given.withdrawn_at IS NULL AND given.starts_on <= %s AND given.ends_on >= %s
    WHERE region.slug = %s
    ORDER BY area.name, given.id
""",
    columns=[f"region.{column}" for column in REGION_COLUMNS],
    region=Region,
    held=RegionMembership,
    place=RegionPlace,
    area=PartnershipArea,
    consent=Consent,
)


def find_region_access(user: User, slug: str) -> RegionAccess:
    """Return what a person is in the region with that slug. One query.

    Raises Http404 if they have no role in it, or if it doesn't exist. An operator gets in without a role.
    """
    today = timezone.localdate().isoformat()
    rows = fetch_rows(HELD, [user.pk, today, today, slug])
    roles = frozenset(RegionRole(row[0]) for row in rows if row[0] is not None) if user.is_active else frozenset()
    if not rows or not (roles or is_operator(user)):
        raise Http404("This page doesn't exist, or you can't open it.")
    region = Region.from_db(DEFAULT_DB_ALIAS, REGION_COLUMNS, rows[0][9:])
    return RegionAccess(user, region, roles, make_places(rows))


def find_shown(region: Region) -> RegionAccess:
    """Return what a region's areas show it today, for a job: as nobody, without a role. One query."""
    today = timezone.localdate().isoformat()
    return RegionAccess(User(), region, places=make_places(fetch_rows(HELD, [0, today, today, region.slug])))


def make_places(rows: Iterable[Sequence[Any]]) -> tuple[Place, ...]:
    """Return each area of the region once. These numbers are places in the SELECT of HELD."""
    found = {row[1]: Place._make((*row[1:8], Shows(row[8]) if row[8] else None)) for row in rows if row[1] is not None}
    return tuple(found.values())


class RegionView(Protocol):
    """A view of a region that says who may open it, by `open_to_region`, and perhaps what we note of it, by
    `boards.permissions.noted_as`."""

    open_to_region: tuple[RegionRole, ...]
    is_set_up: bool
    noted_as: str


class RegionRequest(HttpRequest):
    """A request for a page of a region, from somebody who works for it."""

    user: User
    in_region: RegionAccess
    noted_of_region: str


def open_to_region(*roles: RegionRole, and_operator: bool = False) -> Callable[[View], View]:
    """Say which roles may open a view of a region; without any, every role. `and_operator` is for its set-up only: an
    operator reads no figure there."""

    def mark(view: View) -> View:
        opened = cast("RegionView", view)
        opened.open_to_region, opened.is_set_up = roles or tuple(RegionRole), and_operator
        return view

    return mark
