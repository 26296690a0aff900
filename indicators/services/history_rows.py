"""Which faults do the rows of a file of past figures have in an area, alone and together?"""

from dataclasses import dataclass, field

from boards.models import Agency, PartnershipArea
from core.months import Month
from indicators.figures import read_figure
from indicators.imports.figures import Fault, FigureRow
from indicators.models import Category, Indicator, Observation
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

    def fault(self, row: FigureRow, column: str, sentence: str) -> None:
        self.faults.append(Fault(row.line, column, sentence))

    def read(self, row: FigureRow) -> None:
        agency = self.catalogue.agencies.get(row.agency)
        indicator = self.catalogue.indicators.get(row.indicator)
        if row.area and row.area != self.area.slug:
            self.fault(row, "area", f"This row is for the area {row.area}, but this is {self.area.slug}.")
        elif agency is None:
            known = ", ".join(sorted(self.catalogue.agencies))
            # Quote 40 characters at most: a cell of somebody's file can hold a page.
            self.fault(row, "agency", f"{self.area.name} has no agency “{row.agency[:40]}”. It has: {known}.")
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
            known = ", ".join(categories or ())
            self.fault(row, "category", f"{indicator.code} has no category “{row.category[:40]}”. It has: {known}.")
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

    def check_together(self, held: dict[Key, Observation]) -> None:
        """Check the file's figures against the existing ones (`held`)."""
        # The file's figures win: check what the months will hold once they are saved.
        values = {key: figure.value for key, figure in held.items()} | {
            key: read_value(row) for key, row in self.figures.items()
        }
        self._check_categories(values)
        self._check_parts(values)

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
                    code for code, each in self.catalogue.categories[indicator].items() if not each.retired
                )
                sentence = (
                    f"{row.indicator} is the sum of its categories, but in this file they add up to {total:,}."
                    if is_known
                    else f"{row.indicator} is split. Give a row for each category instead ({codes})."
                )
                self.fault(row, "value", sentence)
            elif row.state != CellState.FIGURE and is_known:
                self.fault(
                    row,
                    "state",
                    f"In this file each category of {row.indicator} has a figure, so the whole must have one.",
                )

    def _check_categories(self, values: dict[Key, int | None]) -> None:
        """Check that a month has every category that is asked for, or none."""
        reported: set[tuple[int, Month]] = set()
        known = values.keys() | self.awaited
        for (indicator, category, month), row in self.figures.items():
            if category is None or (indicator, month) in reported:
                continue
            reported.add((indicator, month))
            missing = [
                each.code
                for each in self.catalogue.categories[indicator].values()
                if not each.retired and (indicator, each.pk, month) not in known
            ]
            if missing:
                self.fault(
                    row,
                    "category",
                    f"{row.indicator} for {month.label} is missing {', '.join(missing)}. "
                    "Enter every category, with 0 where there were none.",
                )

    def _check_parts(self, values: dict[Key, int | None]) -> None:
        """Check that the parts of a whole don't add up to more than it."""
        parts_of: dict[int, list[Indicator]] = {}
        for indicator in self.catalogue.indicators.values():
            if indicator.part_of_id is not None:
                parts_of.setdefault(indicator.part_of_id, []).append(indicator)
        totals: dict[tuple[int, Month], int] = {}
        for (key, _, month), value in values.items():
            if value is not None:
                totals[key, month] = totals.get((key, month), 0) + value
        lines: dict[tuple[int, Month], FigureRow] = {}
        for (key, _, month), row in self.figures.items():
            lines.setdefault((key, month), row)
        for indicator in self.catalogue.indicators.values():
            parts = parts_of.get(indicator.pk, [])
            for month in {month for key, month in lines if key in {indicator.pk, *(part.pk for part in parts)}}:
                together = sum(totals.get((part.pk, month), 0) for part in parts)
                whole = totals.get((indicator.pk, month))
                if parts and whole is not None and together > whole:
                    concerned = [lines.get((each.pk, month)) for each in (indicator, *parts)]
                    self.fault(
                        next(row for row in concerned if row is not None),
                        "value",
                        f"{indicator.code} for {month.label} is {whole:,}, but its parts "
                        f"({', '.join(part.code for part in parts)}) add up to {together:,}, which is more.",
                    )


def read_value(row: FigureRow) -> int | None:
    return read_figure(row.value) if row.state == CellState.FIGURE else None
