"""What would a file of past months change, before any of it is saved? And what does publishing months together do?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.months import Month
from indicators.imports.history import History
from indicators.services.back_history import Become, FigureTaken, SeriesReport
from indicators.services.taking_history import Preview, Taken

MOST_FAULTS = 50  # that a page lists
MOST_CHANGED = 200


@dataclass(frozen=True, slots=True)
class Counts:
    """How many figures of an indicator, or of a month, are new, differ, and are already here."""

    label: str
    new: int
    replaced: int
    held: int
    span: str = ""
    is_opened: bool = False


@dataclass(frozen=True, slots=True)
class HistoryView:
    """`faults` are sentences, each with its place in the file."""

    name: str
    lead: str
    faults: list[str]
    more_faults: int
    told: list[str]
    elsewhere: list[str]
    series: list[Counts]
    months: list[Counts]
    replaced: list[FigureTaken]
    more_replaced: int
    reaches: list[str]
    opened: str
    skipped: int
    can_be_taken: bool


def make_history_view(preview: Preview) -> HistoryView:
    history, taken = preview.history, preview.taken
    places = [history.figures.place(fault) for fault in preview.faults] if history.figures is not None else []
    faults = [f"{place}: {fault.sentence}" for place, fault in zip(places, preview.faults, strict=True)]
    figures = taken.report.figures if taken else []
    replaced = [figure for figure in figures if figure.became is Become.REPLACED]
    return HistoryView(
        name=history.name,
        lead=describe_preview(taken),
        faults=faults[:MOST_FAULTS],
        more_faults=max(0, len(faults) - MOST_FAULTS),
        told=[*history.told, *([describe_police(history)] if history.months else [])],
        elsewhere=history.elsewhere,
        series=[count_series(each) for each in taken.report.series if each.figures] if taken else [],
        months=count_months(figures, taken.opened) if taken else [],
        replaced=replaced[:MOST_CHANGED],
        more_replaced=max(0, len(replaced) - MOST_CHANGED),
        reaches=[
            f"{reach.indicator.title}: from {reach.first.label}, not from {reach.since.label}"
            for reach in (taken.reaches if taken else ())
        ],
        opened=describe_opened(taken.opened) if taken else "",
        skipped=taken.report.skipped if taken else 0,
        can_be_taken=any(figure.became is not Become.HELD for figure in figures),
    )


def describe_preview(taken: Taken | None) -> str:
    if taken is None:
        return "Nothing has been saved. Correct the file, then send it again."
    if not taken.report.new and not taken.report.replaced:
        return "All its figures are already here, so there is nothing to save."
    return f"{describe_counts(taken)}. Nothing has been saved yet."


def describe_counts(taken: Taken) -> str:
    """ "1,200 figures are new, 34 differ from the figures here, and 5 are already here"."""
    report = taken.report
    said = [f"{report.new:,} {'figure is' if report.new == 1 else 'figures are'} new"]
    if report.replaced:
        said.append(f"{report.replaced:,} {'differs' if report.replaced == 1 else 'differ'} from the figures here")
    if report.held:
        said.append(f"{report.held:,} {'is' if report.held == 1 else 'are'} already here")
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]


def describe_police(history: History) -> str:
    rows, inside = sum(each.rows_read for each in history.months), sum(each.rows_matched for each in history.months)
    lost = sum(each.rows_without_lsoa for each in history.months)
    return (
        f"{rows:,} crimes are in the files, {inside:,} of them in the place. {lost:,} have no LSOA (small area), so "
        "they aren’t counted."
    )


def describe_opened(opened: Sequence[Month]) -> str:
    """ "118 months are opened for it, January 2017 to October 2026"; empty for none."""
    if not opened:
        return ""
    return f"{describe_months(len(opened))} opened for it: {describe_span(opened)}"


def describe_months(number: int) -> str:
    return "1 month is" if number == 1 else f"{number:,} months are"


def describe_span(months: Sequence[Month]) -> str:
    first, last = min(months), max(months)
    return first.label if first == last else f"{first.label} to {last.label}"


def count_series(series: SeriesReport) -> Counts:
    span = describe_span([figure.month for figure in series.figures])
    return Counts(series.title, series.new, series.replaced, series.held, span)


def count_months(figures: Sequence[FigureTaken], opened: Sequence[Month]) -> list[Counts]:
    """Count month by month, the oldest first, also months opened in between."""
    counted = Counter((figure.month, figure.became) for figure in figures)
    every = sorted({figure.month for figure in figures}.union(opened))
    return [
        Counts(
            month.label,
            counted[month, Become.NEW],
            counted[month, Become.REPLACED],
            counted[month, Become.HELD],
            is_opened=month in opened,
        )
        for month in every
    ]


def describe_taken(taken: Taken) -> str:
    """ "Imported: 1,200 figures are new. 118 months are opened for it: January 2017 to October 2026."."""
    opened = describe_opened(taken.opened)
    return f"Imported: {describe_counts(taken)}.{f' {opened}.' if opened else ''}"


def describe_published(last: Month, waiting: Sequence[Month], until: str) -> str:
    published = [month for month in waiting if month <= last]
    more = f" You can take them back together until {until}." if until else ""
    return f"{describe_months(len(published))} published: {describe_span(published)}.{more}"
