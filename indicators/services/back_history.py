"""Imports years of figures from a file: all of them or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from itertools import batched

from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.services.months import mark_stale
from core import audit
from core.models import User
from core.months import Month
from indicators.imports.figures import Fault, FigureRow
from indicators.models import FigureAct, Observation
from indicators.permissions import check_can_take_in
from indicators.services.history import FigureBefore, note_changes
from indicators.services.history_rows import Catalogue, Key, Reading, read_value
from indicators.services.imports import open_months

# A statement may have only so many values, on SQLite above all. So keys are passed in batches.
AT_ONCE = 500  # figures deleted or added by one statement, which a page gives five seconds


class HistoryRefused(Exception):
    """Raised for a file whose figures can't be imported. Nothing was saved. `faults` are by row and column."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("The file has faults, and nothing was saved.")
        self.faults = sorted(faults, key=lambda fault: fault.line)


class Become(Enum):
    """What the import did with a figure of a file."""

    NEW = auto()
    REPLACED = auto()
    HELD = auto()  # it said so already


@dataclass(frozen=True, slots=True)
class FigureTaken:
    """A figure of a file, and the one before it as text ("12", "not available"); empty for none."""

    label: str
    month: Month
    was: str
    now: str
    became: Become
    value: int | None = None  # now


@dataclass(slots=True)
class SeriesReport:
    """What the import did with the rows of one indicator."""

    agency: str
    indicator: str
    title: str
    figures: list[FigureTaken] = field(default_factory=list)

    def count(self, became: Become) -> int:
        return sum(figure.became is became for figure in self.figures)

    @property
    def new(self) -> int:
        return self.count(Become.NEW)

    @property
    def replaced(self) -> int:
        return self.count(Become.REPLACED)

    @property
    def held(self) -> int:
        return self.count(Become.HELD)

    @property
    def first(self) -> Month:
        return min(figure.month for figure in self.figures)

    @property
    def last(self) -> Month:
        return max(figure.month for figure in self.figures)


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What an import did: indicator by indicator, in the file's order. `skipped` rows are blank or awaited,
    so they have no figure."""

    series: list[SeriesReport]
    skipped: int

    @property
    def figures(self) -> list[FigureTaken]:
        return [figure for each in self.series for figure in each.figures]

    @property
    def new(self) -> int:
        return sum(each.new for each in self.series)

    @property
    def replaced(self) -> int:
        return sum(each.replaced for each in self.series)

    @property
    def held(self) -> int:
        return sum(each.held for each in self.series)


@transaction.atomic
def import_figures(
    area: PartnershipArea, rows: Iterable[FigureRow], *, name_of_file: str, by: User | None
) -> HistoryReport:
    """Save the figures of a file, signed off, and return what was done with each. `by` is None at the command line.

    `rows` are those of a file without faults (indicators.imports.figures). A figure from an earlier file is replaced,
    in a published month too: the roll-up makes the change the next version. A figure from a return or a correction is
    never overwritten. Each month between the area's first and last is opened, to skip none.

    Raises PermissionDenied, or HistoryRefused with every fault. Then nothing has changed.
    """
    if by is not None:
        check_can_take_in(area, by=by)
    now = timezone.now()
    # One “today” for the whole file, even if midnight passes while it is read.
    reading = Reading(area, Catalogue.of(area), Month.of(timezone.localdate(now)))
    for row in rows:
        reading.read(row)
    reading.check_wholes()
    # Refuse what is wrong with the file alone before any month is opened or locked.
    if reading.faults:
        raise HistoryRefused(reading.faults)
    if not reading.figures:
        return HistoryReport([], len(reading.awaited))
    months = sorted({month for _, _, month in reading.figures})
    open_months(area, months, by=by)
    periods = _locked_periods(area, months)
    # Read these only under the months' locks: otherwise a return could be accepted in between.
    held = _held(area, periods)
    reading.check_together(held)
    _check_not_reported(reading, held)
    if reading.faults:
        raise HistoryRefused(reading.faults)
    return _save(reading, held, periods, name_of_file=name_of_file, by=by, at=now)


def _locked_periods(area: PartnershipArea, months: Sequence[Month]) -> dict[Month, ReportingPeriod]:
    """Return the months, locked to the end of the transaction. Always lock in calendar order: otherwise two
    transactions could wait for each other."""
    periods = ReportingPeriod.objects.filter(
        area=area, starts_on__gte=months[0].first_day, starts_on__lte=months[-1].first_day
    )
    wanted = set(months)
    return {
        period.month: period
        for period in periods.order_by("area_id", "starts_on").select_for_update()
        if period.month in wanted
    }


def _held(area: PartnershipArea, periods: dict[Month, ReportingPeriod]) -> dict[Key, Observation]:
    """Return the existing figures of these months, signed off or not."""
    month_of = {period.pk: month for month, period in periods.items()}
    figures = Observation.objects.filter(
        indicator__area=area,
        period__starts_on__gte=min(periods).first_day,
        period__starts_on__lte=max(periods).first_day,
    )
    return {
        (figure.indicator_id, figure.category_id, month_of[figure.period_id]): figure
        for figure in figures
        if figure.period_id in month_of
    }


def _says_the_same(figure: Observation, row: FigureRow) -> bool:
    return figure.state == row.state and figure.value == read_value(row)


def describe_figure(figure: Observation) -> str:
    """ "1,234"; "not available"."""
    return f"{figure.value:,}" if figure.value is not None else figure.get_state_display().lower()


def _check_not_reported(reading: Reading, held: dict[Key, Observation]) -> None:
    for key, row in reading.figures.items():
        figure = held.get(key)
        if figure is None or _says_the_same(figure, row):
            continue
        was = describe_figure(figure)
        if figure.correction_id is not None:
            how = "was corrected"
        elif figure.submission_id is not None:
            how = "came through the return"
        else:
            continue
        reading.fault(row, "value", f"{row.name} for {key[2].label} {how}: {was}. Ask for a correction if it is wrong.")


def _save(
    reading: Reading,
    held: dict[Key, Observation],
    periods: dict[Month, ReportingPeriod],
    *,
    name_of_file: str,
    by: User | None,
    at: datetime,
) -> HistoryReport:
    longest = Observation._meta.get_field("imported_from").max_length
    series: dict[int, SeriesReport] = {}
    labels = reading.catalogue.list_labels()
    figures: list[Observation] = []
    changes: list[tuple[Observation, FigureBefore, FigureBefore]] = []
    outdated: list[int] = []
    for key, row in reading.figures.items():
        indicator, category, month = key
        report = series.setdefault(indicator, SeriesReport(row.agency, row.indicator, labels[indicator, None]))
        before, label = held.get(key), labels[indicator, category]
        was = describe_figure(before) if before else ""
        if before is not None and _says_the_same(before, row) and _is_kept(before, row):
            report.figures.append(FigureTaken(label, month, was, was, Become.HELD, before.value))
            continue
        if before is not None:
            outdated.append(before.pk)
        figure = Observation(
            indicator_id=indicator,
            category_id=category,
            period=periods[month],
            state=row.state,
            value=read_value(row),
            note=row.note.strip(),
            # An upload names itself. bulk_create doesn't check the length, and PostgreSQL refuses a longer name.
            imported_from=name_of_file[:longest],
            signed_off_at=at,
            signed_off_by=by,
        )
        became = Become.REPLACED if before else Become.NEW
        report.figures.append(FigureTaken(label, month, was, describe_figure(figure), became, figure.value))
        figures.append(figure)
        changes.append((figure, FigureBefore.of(before), FigureBefore.of(figure)))
    report_of_all = HistoryReport(list(series.values()), len(reading.awaited))
    if figures:
        # Delete before adding: a constraint allows one figure in each place.
        for keys in batched(outdated, AT_ONCE):
            Observation.objects.filter(pk__in=keys).delete()
        Observation.objects.bulk_create(figures, batch_size=AT_ONCE)
        # The history names a figure's place, not its row. So it survives the delete.
        note_changes(FigureAct.IMPORTED, changes, by=by, at=at, why=name_of_file)
        changed = [figure.period.month for figure in figures]
        # In this transaction: a change without its mark would never be rolled up.
        mark_stale(reading.area, min(changed))
        audit.record(
            "figures.imported",
            reading.area,
            by=by,
            area=reading.area.slug,
            file=name_of_file,
            first=str(min(changed)),
            last=str(max(changed)),
            new=report_of_all.new,
            replaced=report_of_all.replaced,
            held=report_of_all.held,
        )
    return report_of_all


def _is_kept(figure: Observation, row: FigureRow) -> bool:
    """Return whether an equal figure stays as it is. Only a file's own note could change it."""
    from_a_file = figure.submission_id is None and figure.correction_id is None
    return not from_a_file or figure.note == row.note.strip()
