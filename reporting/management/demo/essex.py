"""The region Essex of the demonstration: real police figures of fourteen towns, January to July 2018.

The first visitor has the towns made, one a request, so that the first start is no slower. Each is made whole, in one
transaction, or not at all. Two visitors at once wait for the region's lock. No job makes them: without a worker, jobs
run inside the request, and one request would take all the time.

We ship the counts and not the police's files, which have 22 MB for 294 numbers. Thirteen towns share one coordinator
and one information officer, so that the list of accounts stays short. Southend keeps its own people and figures.
"""

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from boards.models import Consent, Membership, PartnershipArea, Region, RegionPlace, ReportingPeriod, Shows
from boards.rules import Role
from boards.services.area import lock_region
from boards.services.regions import agree_to_consent, give_consent, invite_area
from core.calendar import Month
from core.models import User
from indicators.imports.open_data import PoliceMonth
from indicators.services.open_data import import_police_months
from reporting.management.demo import places
from reporting.management.demo.history import SETTLED, show_public, turn_on
from reporting.management.demo.places import load_populations, set_rules
from reporting.months.services import publish_past_months

LAST = Month(2018, 7)
# One coordinator and one information officer for all towns but Southend, which has its own.
PEOPLE = {"coordinator": Role.COORDINATOR, "information": Role.INFORMATION}
CONSENT_DAYS = 1000


def list_towns() -> list[dict[str, Any]]:
    """Return the towns in the order in which they are made, each as a blueprint has its area."""
    return list(places.read("essex")["town"])


def list_left(region: Region) -> list[dict[str, Any]]:
    """Return the towns that never gave the region a consent. One query.

    One that withdrew its consent was made. Only its own people may give it again.
    """
    there = set(Consent.objects.filter(region=region).values_list("area__slug", flat=True))
    return [town for town in list_towns() if town["slug"] not in there]


@transaction.atomic
def make_next_town(region: Region) -> str:
    """Make the next town, and return its name; empty if all are there."""
    # Two visitors at once: the second waits, and makes the town after.
    lock_region(region)
    left = list_left(region)
    if not left:
        return ""
    make_town(region, left[0])
    return str(left[0]["name"])


def make_town(region: Region, town: dict[str, Any]) -> None:
    area = PartnershipArea.objects.filter(slug=town["slug"]).first() or set_up(town)
    coordinator, officer = (
        Membership.objects.select_related("user").filter(area=area, role=role.value)[0].user for role in PEOPLE.values()
    )
    # Whoever imported Southend's figures by hand keeps what they did.
    if not ReportingPeriod.objects.filter(area=area).exists():
        publish_figures(area, town["name"], coordinator=coordinator, officer=officer)
    show_region(region, area, coordinator=coordinator, officer=officer)


def set_up(town: dict[str, Any]) -> PartnershipArea:
    """Make a town as Southend is made, with the region's own people."""
    southend, essex = places.read("southend"), places.read("essex")
    area = places.set_up({**southend, "area": town, "agency": essex["agency"]})
    for name, role in PEOPLE.items():
        fields = {"name": f"Essex towns {role.label.lower()} (demo)", "password": places.hash_password}
        user, _ = User.objects.get_or_create(email=f"{name}@essex.example", defaults=fields)
        since = places.OFFICERS_SINCE if role is Role.INFORMATION else None
        Membership.objects.create(user=user, area=area, role=role.value, acts_from=since)
    set_rules(area, southend["rule"])
    load_populations(area, southend["population"])
    return area


def publish_figures(area: PartnershipArea, place: str, *, coordinator: User, officer: User) -> None:
    """Import the seven months, publish them for the boards, and then for everybody."""
    import_police_months(area, list(read_counts(place)), by=None)
    publish_past_months(area, last=LAST, by=coordinator, grace=SETTLED)
    turn_on(area, coordinator=coordinator)
    area.refresh_from_db()
    for period in ReportingPeriod.objects.filter(area=area, starts_on__lte=LAST.first_day).order_by("starts_on"):
        period.area = area
        show_public(period, coordinator=coordinator, officer=officer)


def read_counts(place: str) -> Iterator[PoliceMonth]:
    """Read a town's months from the file of counts."""
    essex = places.read("essex")
    with (places.FOLDER / essex["counts"]).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["place"] == place:
                counts = {code: int(row[code]) for code in essex["indicators"]}
                yield PoliceMonth(
                    f"{row['month']}-essex-street.csv", Month.parse(row["month"]), counts, 0, sum(counts.values()), 0
                )


def show_region(region: Region, area: PartnershipArea, *, coordinator: User, officer: User) -> None:
    if not RegionPlace.objects.filter(region=region, area=area).exists():
        invite_area(region, area, by=places.make_operator())
    today = timezone.localdate()
    consent = give_consent(
        area,
        region=region,
        shows=Shows.PARTNERS,
        starts_on=today,
        ends_on=today + timedelta(days=CONSENT_DAYS),
        by=coordinator,
    )
    agree_to_consent(consent, by=officer)
