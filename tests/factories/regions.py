"""A region for tests: its areas, their consents, and its people."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from boards.models import Consent, PartnershipArea, Region, RegionMembership, RegionPlace, Shows
from boards.rules import RegionRole
from core.models import User
from tests.factories import make_user


def make_region(*areas: PartnershipArea, slug: str = "essex", shows: Shows | None = Shows.PARTNERS) -> Region:
    """A region with these areas. Each consents for a year from today, unless `shows` is None."""
    region = Region.objects.create(slug=slug, name=slug.capitalize(), made_at=timezone.now(), made_by=make_user())
    for area in areas:
        join_region(region, area, shows=shows)
    return region


def join_region(region: Region, area: PartnershipArea, *, shows: Shows | None = Shows.PARTNERS) -> Consent | None:
    RegionPlace.objects.get_or_create(
        region=region, area=area, defaults={"invited_at": timezone.now(), "invited_by": make_user()}
    )
    if shows is None:
        return None
    now, today = timezone.now(), timezone.localdate()
    return Consent.objects.create(
        area=area,
        region=region,
        shows=shows.value,
        starts_on=today,
        ends_on=today + timedelta(days=365),
        given_at=now,
        given_by=make_user(),
        agreed_at=now,
        agreed_by=make_user(),
    )


def make_region_member(region: Region, role: RegionRole = RegionRole.DIRECTOR, **fields: Any) -> User:
    user = make_user(**fields)
    RegionMembership.objects.create(
        user=user, region=region, role=role.value, given_at=timezone.now(), given_by=make_user()
    )
    return user
