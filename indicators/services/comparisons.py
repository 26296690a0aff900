"""Imports what other areas counted, from open data."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea
from boards.services.setup import lock_area
from core import audit
from core.models import User
from core.months import Month, months_between
from indicators.imports.comparisons import ComparisonFile
from indicators.models import ComparisonSeries, Indicator
from indicators.permissions import check_can_import
from indicators.services.provenance import LONGEST, read_provenance


@dataclass(frozen=True, slots=True)
class ComparisonsImported:
    """How many series were added, how many got a new edition, and how many were there already."""

    new: int
    corrected: int
    held: int


@transaction.atomic
def import_comparisons(
    area: PartnershipArea, file: ComparisonFile, *, source: str, licence: str, by: User | None
) -> ComparisonsImported:
    """Save the series of a file without faults, all of them or none. Existing series stay. A series that differs
    becomes the next edition, with all the file's months. `by` is None at the command line.

    Raises PermissionDenied, or ValidationError with a sentence.
    """
    if by is not None:
        check_can_import(area, by=by)
    source, licence = read_provenance(source, licence)
    lock_area(area)
    indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(area=area)}
    _check_codes(area, file, indicators)
    # Each name's last row wins: the newest edition.
    held = {
        (series.indicator.code, series.name): series
        for series in ComparisonSeries.objects.filter(indicator__area=area)
        .select_related("indicator")
        .order_by("edition")
    }
    added, now = [], timezone.now()
    for (code, name), months in file.series.items():
        first, values = _as_values(months)
        newest = held.get((code, name))
        if newest and (newest.first, newest.values, newest.source, newest.licence) == (
            first.first_day,
            values,
            source,
            licence,
        ):
            continue
        added.append(
            ComparisonSeries(
                indicator=indicators[code],
                name=name,
                edition=newest.edition + 1 if newest else 1,
                first=first.first_day,
                values=values,
                source=source,
                licence=licence,
                name_of_file=file.name[:LONGEST],
                imported_at=now,
            )
        )
    ComparisonSeries.objects.bulk_create(added)
    new = sum(series.edition == 1 for series in added)
    report = ComparisonsImported(new, len(added) - new, len(file.series) - len(added))
    if added:
        details = {"file": file.name, "source": source, "new": report.new, "corrected": report.corrected}
        audit.record("comparisons.imported", area, by=by, area=area.slug, **details)
    return report


def _as_values(months: Mapping[Month, int]) -> tuple[Month, list[int | None]]:
    first = min(months)
    return first, [months.get(month) for month in months_between(first, max(months))]


def _check_codes(area: PartnershipArea, file: ComparisonFile, indicators: Mapping[str, Indicator]) -> None:
    unknown = sorted({code for code, _ in file.series} - indicators.keys())
    if unknown:
        raise ValidationError(
            f"{area.name} has no indicator {', '.join(f'“{code}”' for code in unknown[:5])}"
            f"{' and others' if len(unknown) > 5 else ''}. Nothing was saved."
        )
    if ratio := next((code for code, _ in file.series if indicators[code].ratio), ""):
        raise ValidationError(
            f"“{ratio}” is worked out from two counts, but a series here has one. Leave it out. Nothing was saved."
        )
    if own := next((name for _, name in file.series if name.casefold() == area.name.casefold()), ""):
        raise ValidationError(f"{own} is this area itself, so it can’t be compared. Leave it out.")
