"""What may a person do in a region, and what do its areas show it?

`open_to_region` says which roles may open a view of a region. Nobody else gets in: not the areas' own people, and not
the operator, who makes regions and reads no figure of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast

from django.http import Http404, HttpRequest
from django.utils import timezone

from boards.models import LEAST_AREAS, Consent, PartnershipArea, Region, RegionMembership, Shows
from boards.permissions import View
from boards.roles import RegionRole
from core.models import User
from core.permissions import is_operator


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


def find_region_access(user: User, slug: str) -> RegionAccess:
    """Return what a person is in the region with that slug. Four queries.

    Raises Http404 if they have no role in it, or if it doesn't exist. An operator gets in without a role.
    """
    region = Region.objects.filter(slug=slug).first()
    held = RegionMembership.objects.filter(region=region, user=user.pk).values_list("role", flat=True)
    roles = frozenset(RegionRole(role) for role in held) if user.is_active else frozenset()
    if region is None or not (roles or is_operator(user)):
        raise Http404("This page doesn't exist, or you can't open it.")
    return RegionAccess(user, region, roles, list_places(region))


def find_shown(region: Region) -> RegionAccess:
    """Return what a region's areas show it today, for a job: as nobody, without a role. Two queries."""
    return RegionAccess(User(), region, places=list_places(region))


def list_places(region: Region) -> tuple[Place, ...]:
    """List the areas of a region by name. Two queries."""
    # Consents of an area don't overlap (boards.services.consents). The newest comes last, and wins.
    in_force = Consent.objects.in_force(timezone.localdate()).filter(region=region).order_by("pk")
    shows = {area: (pk, Shows(shows)) for pk, area, shows in in_force.values_list("pk", "area", "shows")}
    areas = PartnershipArea.objects.filter(region_places__region=region).order_by("name", "pk")
    rows = areas.values_list("pk", *Place._fields[1:-2])
    return tuple(Place(*row, *shows.get(row[0], (None, None))) for row in rows)


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
