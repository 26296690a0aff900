"""Imports open data: each month's recorded crime, how many people live in an area, and what other areas counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.services.area import lock_area
from boards.services.months import ensure_month, locked, mark_stale
from core import audit
from core.calendar import Month, months_between
from core.models import User
from core.texts import one_line
from indicators.imports.open_data import INDICATOR_OF, ComparisonFile, PoliceMonth, PopulationFile, PopulationRow
from indicators.models import Collection, ComparisonSeries, FigureAct, Indicator, Observation, Population
from indicators.permissions import check_can_import, check_can_take_in
from indicators.services.history import NOTHING, FigureBefore, note_changes
from indicators.trend import CellState

SOURCE = "data.police.uk street-level crime"


@dataclass(frozen=True, slots=True)
class FigureImported:
    """One indicator's count now, and before (None: there was no figure)."""

    code: str
    value: int
    was: int | None

    @property
    def is_new(self) -> bool:
        return self.was is None

    @property
    def is_replaced(self) -> bool:
        return self.was is not None and self.was != self.value


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What the import of one month did. `has_changed` is False if every count was there already. Then no figure was
    written."""

    month: Month
    figures: tuple[FigureImported, ...]
    has_changed: bool


@transaction.atomic
def import_police_months(
    area: PartnershipArea, counted: Sequence[PoliceMonth], *, by: User | None
) -> list[ImportResult]:
    """Save the counts of one or more months, all of them or none, and return what each did, in the order given.

    `by` is None at the command line. A count that differs replaces the earlier one, in a published month too: open
    data is issued again, and the roll-up makes the change the next version. Each month between the area's first and
    last is opened, to skip none. Raises PermissionDenied, or ValidationError with a sentence where the area isn't
    set up for these figures or two files are of one month.
    """
    if by is not None:
        check_can_take_in(area, by=by)
    # The second file for a month would silently replace the first one's counts.
    _check_one_file_a_month(counted)
    indicators = _indicators_for(area, [month.month for month in counted])
    open_months(area, [month.month for month in counted], by=by)
    # Always in calendar order, whatever the order of the files.
    results = {
        month.month: _import_month(area, month, indicators, by=by)
        for month in sorted(counted, key=lambda month: month.month)
    }
    return [results[month.month] for month in counted]


@transaction.atomic
def import_police_areas(
    counted: Mapping[PartnershipArea, Sequence[PoliceMonth]], *, by: User | None
) -> dict[PartnershipArea, list[ImportResult]]:
    """Import for several areas, all of them or none. Raises as for one."""
    in_order = sorted(counted, key=lambda area: area.pk)  # lock months in the order of the areas, as everywhere
    return {area: import_police_months(area, counted[area], by=by) for area in in_order}


def _check_one_file_a_month(counted: Sequence[PoliceMonth]) -> None:
    for month, files in Counter(month.month for month in counted).items():
        if files > 1:
            names = " and ".join(other.name_of_file for other in counted if other.month == month)
            raise ValidationError(f"{names} are both for {month.label}. Send one file for each month.")


def _indicators_for(area: PartnershipArea, months: Sequence[Month]) -> dict[str, Indicator]:
    """Return the indicators that a police file fills, by code.

    Raises ValidationError, with a sentence that says what to do, where one isn't there or can't
    take a count in one of the months.
    """
    indicators = {
        indicator.code: indicator
        for indicator in Indicator.objects.filter(area=area, code__in=INDICATOR_OF.values()).prefetch_related(
            "definitions"
        )
    }
    missing = [code for code in INDICATOR_OF.values() if code not in indicators]
    if missing:
        raise ValidationError(
            f"{area.name} has no indicator {_listed(missing)}. First add it in the area's set-up, as an import."
        )
    for indicator in indicators.values():
        _check_can_take(indicator, months)
    return indicators


def _check_can_take(indicator: Indicator, months: Sequence[Month]) -> None:
    if indicator.collection != Collection.IMPORT:
        raise ValidationError(
            f"{indicator.code} comes from the agency's return. "
            "To use a file instead, first change “How its figures arrive” to an import in the area's set-up."
        )
    if indicator.dimension_id is not None:
        raise ValidationError(f"{indicator.code} is split into categories, but a police file has one count for it.")
    since = min((definition.applies_from for definition in indicator.definitions.all()), default=None)
    for month in sorted(months):
        # A figure for a month that doesn't ask for the indicator would be saved but never shown.
        if since is None or month.first_day < since:
            raise ValidationError(
                f"{indicator.code} has no definition that applies in {month.label}. "
                "First add one to the indicator in the area's set-up."
            )
        if indicator.retired_from is not None and month.first_day >= indicator.retired_from:
            raise ValidationError(
                f"{indicator.code} is retired from {Month.of(indicator.retired_from).label}, "
                f"so it accepts no figure for {month.label}."
            )


def _listed(codes: Sequence[str]) -> str:
    return f"{', '.join(codes[:-1])} or {codes[-1]}" if len(codes) > 1 else codes[0]


def open_months(area: PartnershipArea, months: Sequence[Month], *, by: User | None) -> None:
    """Open the months of a file, and all months between the area's first and last.

    The area's months from the first of these are locked to the end of the transaction. Raises ValidationError for a
    month that hasn't started.
    """
    # Read without a lock: if somebody opens one of these months now, ensure_month finds it.
    opened = {Month.of(day) for day in ReportingPeriod.objects.filter(area=area).values_list("starts_on", flat=True)}
    every = opened.union(months)
    if not every:
        return
    missing = [month for month in months_between(min(every), max(every)) if month not in opened]
    # Opening a month locks those after it, and then come the file's months. So lock all of them first, in the
    # order of the calendar, as everybody does: two can't wait for each other.
    first = min((*missing, *months), default=max(every))
    later = ReportingPeriod.objects.filter(area=area, starts_on__gte=first.first_day)
    list(later.order_by("area_id", "starts_on").select_for_update().values_list("pk", flat=True))
    for month in missing:
        ensure_month(area, month, by=by, for_history=True)


def _import_month(
    area: PartnershipArea, counted: PoliceMonth, indicators: dict[str, Indicator], *, by: User | None
) -> ImportResult:
    period = locked(ReportingPeriod.objects.get(area=area, starts_on=counted.month.first_day))
    observations = {
        observation.indicator_id: observation
        for observation in Observation.objects.filter(
            period=period, indicator__in=indicators.values(), category__isnull=True
        )
    }
    now = timezone.now()
    figures: list[FigureImported] = []
    changed: list[tuple[Observation, FigureBefore, FigureBefore]] = []
    for code, value in counted.counts.items():
        observation = observations.get(indicators[code].pk) or Observation(indicator=indicators[code], period=period)
        # A figure that was entered but not accepted is on no page, so it counts as none.
        was = observation.value if observation.signed_off_at else None
        figures.append(FigureImported(code, value, was))
        if was != value:
            before = FigureBefore.of(observation) if observation.pk else NOTHING
            observation.value, observation.state, observation.note = value, CellState.FIGURE.value, ""
            # An import replaces this figure if an agency's return supplied it before imports did.
            observation.submission, observation.imported_from = None, _source(counted)
            observation.signed_off_at, observation.signed_off_by = now, by
            observation.is_provisional, observation.correction = False, None
            changed.append((observation, before, FigureBefore.of(observation)))
    result = ImportResult(counted.month, tuple(figures), bool(changed))
    if changed:
        for observation, _, _ in changed:
            observation.save()
        note_changes(FigureAct.IMPORTED, changed, by=by, at=now, why=counted.name_of_file)
        mark_stale(area, counted.month)
        audit.record(
            "figures.imported",
            period,
            by=by,
            area=area.slug,
            file=counted.name_of_file,
            figures={figure.code: figure.value for figure in figures},
            replaced={figure.code: figure.was for figure in figures if figure.is_replaced},
        )
    return result


def _source(counted: PoliceMonth) -> str:
    longest = Observation._meta.get_field("imported_from").max_length
    return f"{SOURCE}, {counted.name_of_file}"[:longest]


LONGEST = 200  # characters


def read_provenance(source: str, licence: str) -> tuple[str, str]:
    """Return the tidied texts. Raises ValidationError, with a sentence."""
    return _one_line("source", source), _one_line("licence", licence)


def _one_line(name: str, typed: str) -> str:
    text = one_line(typed)
    if not text:
        raise ValidationError(f"Enter the {name} of these numbers. Pages show the {name} with the numbers.")
    if len(text) > LONGEST:
        raise ValidationError(f"Shorten the {name} to {LONGEST} characters; it has {len(text):,}.")
    return text


@dataclass(frozen=True, slots=True)
class EditionsImported:
    """How many rows were added, how many got a new edition, and how many were there already. And how many rows of the
    file are for other areas."""

    new: int
    corrected: int
    held: int
    elsewhere: int = 0


@transaction.atomic
def import_populations(
    area: PartnershipArea, file: PopulationFile, *, source: str, licence: str, by: User | None
) -> EditionsImported:
    """Save the area's rows of a file without faults, all of them or none. Existing populations stay. A row that differs
    in number, source or licence becomes the next edition. `by` is None at the command line.

    Raises PermissionDenied, or ValidationError with a sentence.
    """
    if by is not None:
        check_can_import(area, by=by)
    source, licence = read_provenance(source, licence)
    rows, now = _rows_of_area(area, file.rows), timezone.now()
    lock_area(area)
    populations = [
        Population(
            area=area,
            year=row.year,
            ages=row.ages,
            residents=row.residents,
            source=source,
            licence=licence,
            name_of_file=file.name[:LONGEST],
            imported_at=now,
        )
        for row in rows
    ]
    added = _save_editions(
        populations,
        Population.objects.filter(area=area),
        key=attrgetter("year", "ages"),
        says=attrgetter("residents", "source", "licence"),
    )
    if added:
        # A published rate keeps the residents it was published with. A rate without residents gets these.
        mark_stale(area, Month(min(population.year for population in added), 1))
    elsewhere = len(file.rows) - len(rows)
    return _report("populations.imported", area, populations, added, file=file.name, elsewhere=elsewhere, by=by)


def _save_editions[Row: (Population, ComparisonSeries)](
    rows: Iterable[Row],
    existing: QuerySet[Row],
    *,
    key: Callable[[Row], object],
    says: Callable[[Row], object],
) -> list[Row]:
    """Save the rows that are new, or that say something else than the newest edition with their key. Returns those."""
    # Each key's last row wins: the newest edition.
    newest = {key(row): row for row in existing.order_by("edition")}
    added: list[Row] = []
    for row in rows:
        before = newest.get(key(row))
        if before is None or says(before) != says(row):
            row.edition = before.edition + 1 if before else 1
            added.append(row)
    existing.bulk_create(added)
    return added


def _report(
    verb: str,
    area: PartnershipArea,
    rows: Sequence[Population | ComparisonSeries],
    added: Sequence[Population | ComparisonSeries],
    *,
    file: str,
    elsewhere: int = 0,
    by: User | None,
) -> EditionsImported:
    new = sum(row.edition == 1 for row in added)
    report = EditionsImported(new, len(added) - new, len(rows) - len(added), elsewhere)
    if added:
        details = {"file": file, "source": added[0].source, "new": report.new, "corrected": report.corrected}
        audit.record(verb, area, by=by, area=area.slug, **details)
    return report


def _rows_of_area(area: PartnershipArea, rows: Sequence[PopulationRow]) -> list[PopulationRow]:
    if not area.ons_code:
        raise ValidationError(
            f"{area.name} has no ONS code, so we can’t find its rows. Add the code in the admin first."
        )
    of_area = [row for row in rows if row.ons_code == area.ons_code]
    if not of_area:
        codes = sorted({row.ons_code for row in rows})
        there = f"{', '.join(codes[:5])}{' and others' if len(codes) > 5 else ''}"
        raise ValidationError(f"The file has no row for {area.name}, {area.ons_code}. It has {there}.")
    return of_area


@transaction.atomic
def import_comparisons(
    area: PartnershipArea, file: ComparisonFile, *, source: str, licence: str, by: User | None
) -> EditionsImported:
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
    now = timezone.now()
    several = [
        ComparisonSeries(
            indicator=indicators[code],
            name=name,
            first=min(months).first_day,
            values=[months.get(month) for month in months_between(min(months), max(months))],
            source=source,
            licence=licence,
            name_of_file=file.name[:LONGEST],
            imported_at=now,
        )
        for (code, name), months in file.series.items()
    ]
    added = _save_editions(
        several,
        ComparisonSeries.objects.filter(indicator__area=area),
        key=attrgetter("indicator_id", "name"),
        says=attrgetter("first", "values", "source", "licence"),
    )
    return _report("comparisons.imported", area, several, added, file=file.name, by=by)


def _check_codes(area: PartnershipArea, file: ComparisonFile, indicators: Mapping[str, Indicator]) -> None:
    unknown = sorted({code for code, _ in file.series} - indicators.keys())
    if unknown:
        raise ValidationError(
            f"{area.name} has no indicator {', '.join(f'“{code}”' for code in unknown[:5])}"
            f"{' and others' if len(unknown) > 5 else ''}. Nothing was saved."
        )
    if ratio := next((code for code, _ in file.series if indicators[code].ratio), ""):
        raise ValidationError(
            f"“{ratio}” is worked out from two counts, but a comparison series has only one. Leave it out. "
            "Nothing was saved."
        )
    if itself := next((name for _, name in file.series if name.casefold() == area.name.casefold()), ""):
        raise ValidationError(f"{itself} is this area, which can’t be compared with itself. Leave it out.")
