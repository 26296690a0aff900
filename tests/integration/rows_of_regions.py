"""A region with an area that consented and a person, and how each constraint of their kinds is violated."""

from collections.abc import Callable

from boards.models import Consent, RegionMembership, RegionPlace
from tests.factories.regions import make_region, make_region_member
from tests.integration.rows import twice
from tests.scenarios import Town


def leave_region(town: Town) -> None:
    make_region_member(make_region(town.area))


GIVEN = Consent.objects.exclude(region=None)
REGION_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("area_once_in_a_region", lambda town: twice(RegionPlace.objects.all())),
    ("one_region_role", lambda town: twice(RegionMembership.objects.all())),
    ("consent_shows_what_its_region_may", lambda town: GIVEN.update(shows="joint")),
    ("consent_shows_what_its_region_may", lambda town: GIVEN.update(region=None)),
]
