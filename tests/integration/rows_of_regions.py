"""A region with an area that consented and a person, and how each constraint of their kinds is violated."""

from collections.abc import Callable
from datetime import date

from boards.models import Consent, RegionMembership, RegionPlace
from reporting.models import RegionMonth
from tests.factories.regions import make_region, make_region_member
from tests.integration.rows import twice
from tests.scenarios import Town


def leave_region(town: Town) -> None:
    region = make_region(town.area)
    make_region_member(region)
    RegionMonth.objects.create(region=region, starts_on=date(2026, 10, 1), key="k")


GIVEN = Consent.objects.exclude(region=None)
REGION_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("area_once_in_a_region", lambda town: twice(RegionPlace.objects.all())),
    ("one_region_role", lambda town: twice(RegionMembership.objects.all())),
    ("one_region_month", lambda town: twice(RegionMonth.objects.all())),
    ("region_month_starts_on_the_first", lambda town: RegionMonth.objects.update(starts_on=date(2026, 10, 2))),
    ("consent_shows_what_its_region_may", lambda town: GIVEN.update(shows="joint")),
    ("consent_shows_what_its_region_may", lambda town: GIVEN.update(region=None)),
]
