"""How does the year compare with the year before, indicator by indicator? As text; docs/year.md has the rules."""

from collections.abc import Iterator, Sequence
from datetime import date

from core.months import Month
from indicators.judgement.tokens import Counted
from indicators.kpis.aims import Figure
from indicators.ratios import RATIO_KINDS, Ratio, RatioKind, show_change, show_number
from indicators.trend import CellState
from indicators.year_on_year import LEAST_ALIKE, YEAR, Total, TwoYears, Way, compare_years
from reporting.months.presenters.series import Series
from reporting.months.presenters.words import lower_first
from reporting.packs.presenters.shapes import Block, Cell, Chapter, Column, Paragraph, Table
from reporting.packs.presenters.sources import Sources

TITLE = "The year beside the year before"
HOW = "“Method and definitions” explains how we add up months, and what is more than chance."
READING = (
    "We compare months that have a figure in both years and are counted in the same way. For a count, we add them "
    "up. For a count taken on one day, we take their mean, never a sum. A share, a rate or an average is one sum "
    "divided by the other. A share of a count taken on one day is its newest month.",
    "Counts or rates of two years differ by more than chance if the exact 95 % range of their ratio leaves out 1. "
    "Shares do if Newcombe’s range of their difference leaves out 0. Both ranges are wider where months vary more.",
)
CHANCE = {True: ": more than chance alone would", False: ": no more than chance would", None: ""}


def years(sources: Sources) -> Chapter | None:
    if not sources.yearly:
        return None
    return Chapter("years", TITLE, tuple(make_blocks(sources.yearly, sources.month)), follows=True)


def make_blocks(yearly: Sequence[Series], month: Month) -> Iterator[Block]:
    told = [series for series in yearly if not describe_obstacle(series)]
    if told:
        first = month + -(YEAR - 1)
        yield Table(
            caption=f"{first.label} to {month.label} beside the twelve months before",
            columns=(Column("Indicator", 5), Column("Change on the year", 6), Column("What was added up", 6)),
            rows=tuple(map(year_row, told)),
        )
    left: dict[str, list[str]] = {}
    for series in yearly:
        left.setdefault(describe_obstacle(series), []).append(series.line.title)
    for why, titles in left.items():
        if why:
            yield Paragraph(f"{why}: {'; '.join([titles[0], *map(lower_first, titles[1:])])}.")
    yield Paragraph(HOW, look="quiet")


def describe_obstacle(series: Series) -> str:
    """Say why the public doesn't see two years compared; empty if it does. Withheld months are the small ones, so the
    others would give a wrong picture of the year.
    """
    if series.line.rounded_to:
        return "Not added up, because rounded"
    if any(point.state is CellState.WITHHELD for point in series.points[-2 * YEAR :]):
        return "Not added up, because some months are not shown and the others don’t show the year"
    return ""


def year_row(series: Series) -> tuple[Cell, ...]:
    name, found = Cell(series.line.title, is_strong=True), compare_series(series)
    left = describe_left_out(found, series)
    if found.now is None or found.before is None or found.change is None:
        return name, Cell("Can’t be compared"), Cell(left)
    return (
        name,
        Cell(describe_change(found, series), is_strong=found.is_more_than_chance is True),
        Cell(describe_added(found, series), more=(left,) if left else ()),
    )


def compare_series(series: Series) -> TwoYears:
    """Compare a series' last two years. A figure repeated from an earlier month adds nothing."""
    line = series.line
    held = {place for step in line.steps for place in step.get("held", ())}
    starts = [step["at"] for step in line.steps[1:]]
    if not line.ratio:
        counts = [None if value is None or place in held else Figure(value) for place, value in enumerate(line.history)]
        return compare_years(counts, counted=Counted(line.counts_as), starts=starts)
    pairs = zip(line.history, line.numerators, line.denominators, strict=True)
    figures = [None if value is None or cases is None else Figure(cases, of) for value, cases, of in pairs]
    ratio = Ratio(RatioKind(line.ratio), line.per)
    return compare_years(figures, counted=Counted(line.counts_as), ratio=ratio, starts=starts)


# --- In words -------------------------------------------------------------------------------------


def show_total(total: Total, found: TwoYears, series: Series) -> str:
    """ "132"; for a mean, which is stored in tenths like an average: "13.2"."""
    return show_number(total.value or 0, find_look(found, series))


def find_look(found: TwoYears, series: Series) -> str:
    return RatioKind.AVERAGE.value if found.way is Way.MEAN else series.line.ratio


def describe_change(found: TwoYears, series: Series) -> str:
    """ "Down 18 on the year before (132, was 150): no more than chance would"."""
    assert found.now is not None  # noqa: S101  # who asks looked
    assert found.before is not None  # noqa: S101
    now, before = (show_total(total, found, series) for total in (found.now, found.before))
    than = describe_than(found, series.month)
    if not found.change:
        return f"Level with {than} ({now})"
    way = "Up" if found.change > 0 else "Down"
    moved = show_change(found.change, find_look(found, series))
    return f"{way} {moved} on {than} ({now}, was {before}){CHANCE[found.is_more_than_chance]}"


def describe_than(found: TwoYears, month: Month) -> str:
    if found.way is Way.NEWEST:
        return (month + -YEAR).label
    return "the year before" if found.alike.is_whole else "the same months a year before"


def describe_added(found: TwoYears, series: Series) -> str:
    """ "Sum of April to October, in both years"; for a ratio "44 of 64, was 26 of 62: October of both years"."""
    assert found.now is not None  # noqa: S101  # who asks looked
    assert found.before is not None  # noqa: S101
    months = "all twelve months" if found.alike.is_whole else describe_span(found.alike.compared, series.month)
    match found.way:
        case Way.SUM | Way.MEAN:
            return f"{'Sum' if found.way is Way.SUM else 'Mean'} of {months}, in both years"
        case Way.NEWEST:
            months = series.month.name
    of_both = f"{months}, in both years"
    if not RATIO_KINDS[series.line.ratio].adds_up:
        return f"Each month’s mean: {found.now.cases:,} cases, were {found.before.cases:,}, in {of_both}"
    now, before = (f"{total.cases:,} of {total.of:,}" for total in (found.now, found.before))
    return f"{now}, was {before}: {of_both}"


def describe_span(places: Sequence[int], month: Month) -> str:
    """Name the months of a year that ends in `month`, run by run: "November to March, May and July to October"."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    names = [
        f"{name_month(run[0], month)} to {name_month(run[-1], month)}" if run[1:] else name_month(run[0], month)
        for run in runs
    ]
    return join(names)


def name_month(place: int, month: Month) -> str:
    return (month + (place - YEAR + 1)).name


def join(names: Sequence[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last


def describe_left_out(found: TwoYears, series: Series) -> str:
    """Return sentences on why months are left out; empty if none is."""
    return " ".join(list_left_out(found, series))


def list_left_out(found: TwoYears, series: Series) -> Iterator[str]:
    alike, month = found.alike, series.month

    def which(places: Sequence[int]) -> str:
        looked_at = [place for place in places if found.way is not Way.NEWEST or place == YEAR - 1]
        return describe_span(looked_at, month) if looked_at else ""

    if without := which(alike.without):
        yield f"Left out: {without}, without a figure in one of the two years."
    if otherwise := which(alike.otherwise):
        since = Month.of(date.fromisoformat(series.line.steps[-1]["from"]))
        yield f"Left out: {otherwise}, counted differently since {since.label}."
    if not_held := which(alike.not_held):
        left = "" if len(alike.not_held) == YEAR else f"Left out: {not_held}. "
        yield f"{left}Figures start in {series.first.label}."
    if alike.compared and found.now is None and found.way is not Way.NEWEST:
        yield f"We need {LEAST_ALIKE} comparable months."
