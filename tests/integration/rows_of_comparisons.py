"""Consents and a comparison series that was corrected, and how each constraint of their kinds is violated."""

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone

from boards.models import Consent
from boards.rules import Role
from boards.services.regions import agree_to_consent, give_consent, withdraw_consent
from indicators.imports.open_data import read_comparison_file
from indicators.models import ComparisonSeries
from indicators.services.open_data import EditionsImported, import_comparisons
from tests.integration.rows import twice
from tests.scenarios import Town

SOURCE, LICENCE = "data.police.uk", "Open Government Licence v3.0"
NOW = timezone.now()


def import_rows(town: Town, *rows: str, source: str = SOURCE, licence: str = LICENCE) -> EditionsImported:
    """Each "arrests,Elsewhere,2026-09,12"."""
    content = "\n".join(["indicator,area,month,count", *rows]).encode()
    file = read_comparison_file(content, name_of_file="towns.csv")
    assert file.faults == []
    return import_comparisons(town.area, file, source=source, licence=licence, by=None)


def consent(town: Town, *, days: int = 365, starts_on: date | None = None) -> Consent:
    """Given by the coordinator and agreed to by the information officer."""
    first = starts_on or timezone.localdate()
    given = give_consent(town.area, starts_on=first, ends_on=first + timedelta(days=days), by=town.coordinator)
    return agree_to_consent(given, by=town.people[Role.INFORMATION])


def leave_comparisons(town: Town) -> None:
    """A withdrawn consent and one that holds; a series in two editions."""
    withdraw_consent(consent(town), by=town.coordinator)
    consent(town)
    for count in (12, 13):
        import_rows(town, f"arrests,Elsewhere,2026-09,{count}")


HOLDS, WITHDRAWN = (Consent.objects.filter(withdrawn_at__isnull=is_there) for is_there in (True, False))
FIRST, SECOND = (ComparisonSeries.objects.filter(edition=edition) for edition in (1, 2))
COMPARISON_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("consent_ends_after_its_start", lambda town: HOLDS.update(ends_on=date(2020, 1, 1))),
    ("consent_agreed_at_by", lambda town: HOLDS.update(agreed_by=None)),
    ("consent_agreed_at_by", lambda town: HOLDS.update(agreed_at=None)),
    ("consent_withdrawn_at_by", lambda town: WITHDRAWN.update(withdrawn_by=None)),
    ("consent_withdrawn_at_by", lambda town: HOLDS.update(withdrawn_at=NOW)),
    ("consent_agreed_to_by_another", lambda town: HOLDS.update(agreed_by=town.coordinator)),
    ("one_comparison_series_per_edition", lambda town: twice(FIRST)),
    ("comparison_editions_count_from_one", lambda town: twice(FIRST, edition=0)),
    ("comparison_begins_on_the_first", lambda town: twice(FIRST, edition=3, first=date(2026, 9, 2))),
    ("comparison_says_its_source", lambda town: twice(FIRST, edition=3, source="")),
    ("comparison_says_its_source", lambda town: twice(FIRST, edition=3, licence="")),
    ("comparison_says_its_source", lambda town: twice(FIRST, edition=3, name="")),
]
