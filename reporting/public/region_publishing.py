"""How a month of a region becomes public: two of its people decide, and what its totals rest on is settled.

What takes it down again is the consent of an area, or the withdrawal of an area's own edition: see selectors.
"""

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from boards.models import Region, ReportingPeriod
from boards.permissions import find_region_access
from boards.rules import RegionRole
from boards.ties import read_ties
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import User
from reporting.models import PublicEdition, RegionalRest, RegionEdition, RegionEditionSource, RegionTotal
from reporting.public.publishing import PEOPLE, AreaPublishing, Publishing
from reporting.public.totals import Prepared, prepare_edition

NOT_THEIRS = "Only a director or an analyst of {region} can do this."
CHANGED = (
    "This edition is out of date: an area’s permission or figures, or another total, changed. Ask for approval again."
)


class RegionPeriod(NamedTuple):
    """A month of a region. It has no row of its own, as an area's ReportingPeriod is."""

    region: Region
    month: Month


class RegionPublishing(Publishing[RegionEdition, Prepared]):
    """A month of a region: one of its people asks, another approves, and a director makes it public."""

    noun = "region_edition"
    out_of_date = CHANGED

    def __init__(self, period: RegionPeriod) -> None:
        self.region, self.month = period

    @property
    def editions(self) -> QuerySet[RegionEdition]:
        of_month = RegionEdition.objects.filter(region=self.region, starts_on=self.month.first_day)
        return of_month.select_related("region", *PEOPLE)

    def check_works_for(self, *roles: RegionRole, by: User) -> None:
        """Let only somebody with one of these roles in the region; without any, with a role."""
        try:
            access = find_region_access(by, self.region.slug)
        except Http404 as missing:
            raise PermissionDenied(NOT_THEIRS.format(region=self.region)) from missing
        if not access.is_any(*(roles or RegionRole)):
            only_directors = f"Only a director of {self.region} can do this."
            raise PermissionDenied(only_directors if roles else NOT_THEIRS.format(region=self.region))

    def check_can_ask(self, *, by: User) -> None:
        self.check_works_for(by=by)

    def check_can_approve(self, edition: RegionEdition, *, by: User) -> None:
        """Let somebody of the region who is tied to nobody who asked (boards.ties) approve it."""
        self.check_works_for(by=by)
        # The database refuses this too.
        if edition.asked_by_id == by.pk:
            raise PermissionDenied(
                "You can’t approve your own request. Someone else from the region has to approve it."
            )
        if edition.asked_by is not None:
            check_together(edition.asked_by, self.region, by=by, act="approve it")

    def check_can_decline(self, edition: RegionEdition, *, by: User) -> None:
        self.check_works_for(by=by)

    def check_can_publish(self, *, by: User) -> None:
        self.check_works_for(RegionRole.DIRECTOR, by=by)

    def check_can_open(self, edition: RegionEdition, *, by: User) -> None:
        if edition.asked_by_id is not None or edition.agreed_by is None:
            return
        if edition.agreed_by_id == by.pk:
            raise PermissionDenied("You approved this edition, so someone else has to make it public.")
        check_together(edition.agreed_by, self.region, by=by, act="make it public")

    def check_is_current(self, edition: RegionEdition) -> None:
        """Whatever it is made of is in its fingerprint."""

    def prepare(self) -> Prepared:
        return prepare_edition(self.region, self.month)

    def create(self, prepared: Prepared, *, asked_by: User | None) -> RegionEdition:
        """Settle the counts that its totals decide about, too. Raises TransitionRefused if another region was first."""
        edition = RegionEdition.objects.create(
            region=self.region,
            starts_on=self.month.first_day,
            fingerprint=prepared.fingerprint,
            content=prepared.content,
            asked_at=timezone.now(),
            asked_by=asked_by,
        )
        RegionEditionSource.objects.bulk_create(
            RegionEditionSource(edition=edition, public_edition=area_edition, consent=consent)
            for area_edition, consent in prepared.sources
        )
        RegionTotal.objects.bulk_create(
            RegionTotal(
                edition=edition,
                indicator_code=total.code,
                areas=list(total.areas),
                outcome=total.outcome.value,
                value=total.value,
            )
            for total in prepared.totals
        )
        # Not only once it is public: the region's own people read it now, and could compare it with the next one.
        settle(edition, prepared)
        return edition

    def describe(self, edition: RegionEdition) -> dict[str, Any]:
        number = {} if edition.number is None else {"number": str(edition.number)}
        return {"region": self.region.slug, **number}


def check_together(first: User, region: Region, *, by: User, act: str) -> None:
    """Raise PermissionDenied for somebody who is tied to whoever acted first. One person alone gives a role in a
    region, so it doesn't matter which of them invited the other."""
    if tie := read_ties([], first, by).describe(first, by.pk):
        raise PermissionDenied(f"{tie}, so someone else from {region} has to {act}.")


def settle(edition: RegionEdition, prepared: Prepared) -> None:
    """Save the counts that the totals decided about: no other total may look at them. Raises TransitionRefused if
    another region was first."""
    totals = {total.indicator_code: total for total in edition.totals.all()}
    rests = [
        RegionalRest(
            total=totals[total.code],
            period_id=month,
            snapshot_id=gap.snapshot_id,
            indicator_code=code,
            below=gap.hidden.shape.below,
            parts=gap.hidden.shape.parts,
        )
        for total in prepared.totals
        if total.outcome.settles
        for (month, code), gap in total.gaps.items()
        if gap.hidden.shape is not None
    ]
    try:
        with transaction.atomic():
            RegionalRest.objects.bulk_create(rests)
    except IntegrityError as taken:
        raise TransitionRefused(CHANGED) from taken


# --- Of any place ---------------------------------------------------------------------------------

type Period = ReportingPeriod | RegionPeriod
type PlaceEdition = PublicEdition | RegionEdition


def period_of(edition: PlaceEdition) -> Period:
    """Return the month that an edition is of."""
    return edition.period if isinstance(edition, PublicEdition) else RegionPeriod(edition.region, edition.month)


def find_publishing(period: Period) -> Publishing[Any, Any]:
    """Return how a month becomes public."""
    return RegionPublishing(period) if isinstance(period, RegionPeriod) else AreaPublishing(period)
