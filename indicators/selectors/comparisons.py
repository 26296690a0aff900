"""What may an area compare its indicators with? Series of open data, and other areas with the same indicator."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from boards.models import Consent, PartnershipArea
from indicators.models import ComparisonSeries, Indicator


def list_comparisons(area: PartnershipArea, codes: Iterable[str]) -> list[ComparisonSeries]:
    """Return the newest edition of each series, by indicator and name. One query."""
    found = ComparisonSeries.objects.filter(indicator__area=area, indicator__code__in=list(codes))
    # The last row of each name wins: the newest edition.
    newest = {
        (series.indicator.code, series.name): series for series in found.select_related("indicator").order_by("edition")
    }
    return [series for _, series in sorted(newest.items())]


class OtherArea(NamedTuple):
    """Another area of this installation with an indicator of this code, and whether its consent is in force."""

    code: str
    area_id: int
    has_consent: bool


def list_others(area: PartnershipArea, codes: Iterable[str], *, today: date) -> list[OtherArea]:
    """List the other areas with an indicator of these codes. One query."""
    # Only codes and consents cross areas here, no figures.
    consent = Exists(Consent.objects.let_compare(area, today).filter(area=OuterRef("area")))
    found = Indicator.objects.filter(code__in=list(codes)).exclude(area=area).order_by("code", "area_id")
    return [OtherArea._make(row) for row in found.annotate(held=consent).values_list("code", "area_id", "held")]
