"""Imports years of figures from a file: all of them or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from itertools import batched

from django.db import transaction
from django.utils import timezone

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.services.months import mark_stale
from core import audit
from core.calendar import Month
from core.models import User
from indicators.figures import read_figure
from indicators.imports.figures import Fault, FigureRow
from indicators.models import Category, FigureAct, Indicator, Observation
from indicators.permissions import check_can_take_in
from indicators.selectors.validation import Counts, MonthFigures, get_rules
from indicators.services.history import FigureBefore, note_changes
from indicators.services.open_data import open_months
from indicators.trend import OWED, CellState

type Key = tuple[int, int | None, Month]  # indicator, category, month


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What an area measures, by code. It is read once."""

    agencies: dict[str, Agency]
    indicators: dict[str, Indicator]
    categories: dict[int, dict[str, Category]]  # by the indicator's key

    @classmethod
    def of(cls, area: PartnershipArea) -> "Catalogue":
        indicators = list(
            # Loaded once: a file has thousands of rows, and each would need a query.
            Indicator.objects.filter(area=area)
            .select_related("owner")
            .prefetch_related("definitions", "dimension__categories")
        )
        return cls(
            {agency.code: agency for agency in Agency.objects.filter(area=area)},
            {indicator.code: indicator for indicator in indicators},
            {
                indicator.pk: {category.code: category for category in indicator.dimension.categories.all()}
                for indicator in indicators
                if indicator.dimension is not None
            },
        )

    def list_labels(self) -> dict[tuple[int, int | None], str]:
        """Return "Drug lines, Birmingham", from the keys of both."""
        labels: dict[tuple[int, int | None], str] = {}
        for indicator in self.indicators.values():
            labels[indicator.pk, None] = indicator.title
            for category in self.categories.get(indicator.pk, {}).values():
                labels[indicator.pk, category.pk] = f"{indicator.title}, {category.name}"
        return labels


@dataclass(slots=True)
class Reading:
    """The rows checked against the catalogue: their figures, the wholes that they name (checked but not saved), the
    rows that are blank or say "awaited" (without a figure), and the faults."""

    area: PartnershipArea
    catalogue: Catalogue
    today: Month
    figures: dict[Key, FigureRow] = field(default_factory=dict)
    wholes: dict[Key, FigureRow] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    awaited: set[Key] = field(default_factory=set)

    def fault(self, row: FigureRow, column: str, sentence: str, *others: FigureRow) -> None:
        self.faults.append(Fault(row.line, column, sentence, tuple(other.line for other in others)))

    def read(self, row: FigureRow) -> None:
        agency = self.catalogue.agencies.get(row.agency)
        indicator = self.catalogue.indicators.get(row.indicator)
        if row.area and row.area != self.area.slug:
            self.fault(row, "area", f"This row is for the area {row.area}, but you are importing for {self.area.slug}.")
        elif agency is None:
            codes = ", ".join(sorted(self.catalogue.agencies))
            # Quote 40 characters at most: a cell of somebody's file can hold a page.
            self.fault(row, "agency", f"{self.area.name} has no agency “{row.agency[:40]}”. It has: {codes}.")
        elif indicator is None:
            self.fault(row, "indicator", f"{self.area.name} has no indicator “{row.indicator[:40]}”.")
        elif indicator.owner_id != agency.pk:
            self.fault(row, "agency", f"{indicator.code} is supplied by {indicator.owner.code}, not by {agency.code}.")
        elif not indicator.takes_figures:
            self.fault(row, "indicator", f"{indicator.code} is worked out from other figures, so you can’t import it.")
        elif sentence := self._month_fault(indicator, Month.parse(row.month)):
            self.fault(row, "month", sentence)
        else:
            self._read_figure(row, indicator)

    def _month_fault(self, indicator: Indicator, month: Month) -> str:
        if month > self.today:
            return f"{month.label} has not started yet."
        since = min((definition.applies_from for definition in indicator.definitions.all()), default=None)
        # A figure for a month that doesn't ask for the indicator would be saved but never shown.
        if since is None or month.first_day < since:
            return (
                f"{indicator.code} has no definition that applies in {month.label}. Add one in the area’s set-up first."
            )
        if indicator.retired_from is not None and month.first_day >= indicator.retired_from:
            return f"{indicator.code} is retired from {Month.of(indicator.retired_from).label}."
        return ""

    def _read_figure(self, row: FigureRow, indicator: Indicator) -> None:
        categories = self.catalogue.categories.get(indicator.pk)
        category = categories.get(row.category) if categories is not None and row.category else None
        if row.category and categories is None:
            self.fault(row, "category", f"{indicator.code} isn’t split into categories. Leave this empty.")
        elif row.category and category is None:
            codes = ", ".join(categories or ())
            self.fault(row, "category", f"{indicator.code} has no category “{row.category[:40]}”. It has: {codes}.")
        elif not row.is_blank and row.state not in (CellState.FIGURE, *OWED) and not row.note.strip():
            self.fault(row, "note", "Say in the note why there is no figure.")
        else:
            key = (indicator.pk, category.pk if category else None, Month.parse(row.month))
            if row.is_blank or row.state in OWED:
                self.awaited.add(key)
            elif categories is not None and category is None:
                # It is only checked. Saved beside its categories, it would count twice.
                self.wholes[key] = row
            else:
                self.figures[key] = row

    # --- Rows together ----------------------------------------------------------------------------

    def check_together(self, observations: dict[Key, Observation]) -> None:
        """Check the file's figures against the existing ones (`observations`)."""
        # The file's figures win: check what the months will hold once they are saved.
        values = {key: figure.value for key, figure in observations.items()} | {
            key: read_value(row) for key, row in self.figures.items()
        }
        self._check_categories(values)
        self._check_rules(values)

    def check_wholes(self) -> None:
        """Check that a whole is the sum of its parts in the same file."""
        parts: dict[tuple[int, Month], list[int | None]] = {}
        for (indicator, _, month), row in self.figures.items():
            parts.setdefault((indicator, month), []).append(read_value(row))
        for (indicator, _, month), row in self.wholes.items():
            counted = parts.get((indicator, month), [])
            is_known = bool(counted) and None not in counted
            total = sum(value for value in counted if value is not None)
            if row.state == CellState.FIGURE and not (is_known and read_figure(row.value) == total):
                codes = ", ".join(
                    code for code, category in self.catalogue.categories[indicator].items() if not category.retired
                )
                sentence = (
                    f"{row.indicator} is the sum of its categories, but in this file they add up to {total:,}."
                    if is_known
                    else f"{row.indicator} is split into categories. Enter a row for each of them instead ({codes})."
                )
                self.fault(row, "value", sentence)
            elif row.state != CellState.FIGURE and is_known:
                self.fault(
                    row,
                    "state",
                    f"In this file each category of {row.indicator} has a figure, so the whole must have one too.",
                )

    def _check_categories(self, values: dict[Key, int | None]) -> None:
        """Check that a month has every category that is asked for, or none."""
        reported: set[tuple[int, Month]] = set()
        keys = values.keys() | self.awaited
        for (indicator, category, month), row in self.figures.items():
            if category is None or (indicator, month) in reported:
                continue
            reported.add((indicator, month))
            missing = [
                part.code
                for part in self.catalogue.categories[indicator].values()
                if not part.retired and (indicator, part.pk, month) not in keys
            ]
            if missing:
                self.fault(
                    row,
                    "category",
                    f"{row.indicator} for {month.label} is missing {', '.join(missing)}. "
                    "Enter every category, with 0 where there were none.",
                )

    def _check_rules(self, values: dict[Key, int | None]) -> None:
        """Check the strict rules across figures in each month of the file, and in the one after it."""
        indicators = {indicator.pk: indicator.code for indicator in self.catalogue.indicators.values()}
        categories = {
            category.pk: category.code for named in self.catalogue.categories.values() for category in named.values()
        }
        counts: dict[Month, Counts] = {}
        for (indicator, category, month), value in values.items():
            of_month = counts.setdefault(month, {})
            of_month.setdefault(indicators[indicator], {})[categories[category] if category else ""] = value
        rows: dict[tuple[str, Month], list[FigureRow]] = {}
        for (indicator, _, month), row in self.figures.items():
            rows.setdefault((indicators[indicator], month), []).append(row)
        rules = get_rules(self.area)
        in_file = {month for _, month in rows}
        for month in sorted(in_file | {month.next for month in in_file}):
            figures = MonthFigures(counts.get(month, {}), counts.get(month.previous, {}))
            for broken in rules.find_broken(figures):
                concerned = [
                    row
                    for term in broken.rule.terms
                    for row in rows.get((term.indicator, month.previous if term.is_before else month), ())
                    if term.category in ("", row.category)
                ]
                if concerned and broken.rule.is_strict:
                    first, *others = sorted(concerned, key=lambda row: row.line)
                    self.fault(first, "value", f"{month.label}: {rules.describe(broken)}", *others)


def read_value(row: FigureRow) -> int | None:
    return read_figure(row.value) if row.state == CellState.FIGURE else None


# A statement may have only so many values, on SQLite above all. So keys are passed in batches.
AT_ONCE = 500  # figures deleted or added by one statement, which a page gives five seconds


class HistoryRefused(Exception):
    """Raised for a file whose figures can't be imported. Nothing was saved. `faults` are by row and column."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("The file has faults, so nothing was saved.")
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
        return [figure for series in self.series for figure in series.figures]

    @property
    def new(self) -> int:
        return sum(series.new for series in self.series)

    @property
    def replaced(self) -> int:
        return sum(series.replaced for series in self.series)

    @property
    def held(self) -> int:
        return sum(series.held for series in self.series)


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
    observations = _held(area, periods)
    reading.check_together(observations)
    _check_not_reported(reading, observations)
    if reading.faults:
        raise HistoryRefused(reading.faults)
    return _save(reading, observations, periods, name_of_file=name_of_file, by=by, at=now)


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


def _check_not_reported(reading: Reading, observations: dict[Key, Observation]) -> None:
    for key, row in reading.figures.items():
        figure = observations.get(key)
        if figure is None or _says_the_same(figure, row):
            continue
        was = describe_figure(figure)
        if figure.correction_id is not None:
            how = "was corrected"
        elif figure.submission_id is not None:
            how = "came in the agency’s return"
        else:
            continue
        reading.fault(
            row, "value", f"{row.name} for {key[2].label} {how}: {was}. Ask for a correction if that figure is wrong."
        )


def _save(
    reading: Reading,
    observations: dict[Key, Observation],
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
        before, label = observations.get(key), labels[indicator, category]
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
