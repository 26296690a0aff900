"""Describes a counted file of records, without anything from a record, and lists how many people live in an area."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.calendar import Month
from indicators.imports.records import MOST_LINES, NOT_COUNTED, Counting, Tally
from indicators.lines import LABELS, Columns
from indicators.models import Population

MOST_NAMED = 12  # kinds that a sentence lists
MOST_VALUES = 3


def describe_columns(columns: Columns) -> str:
    """ "Dates under “Date”, kinds under “Offence”; only rows with “Anytown” under “Town”."."""
    said = [f"dates under “{columns.month}”"]
    said += [f"kinds under “{columns.kind}”"] if columns.kind else ["every row is the same kind"]
    said += [f"totals of “{columns.summed}”"] if columns.summed else []
    words = ", ".join(said)
    only = f"; only rows with {_name_values(columns)} under “{columns.only}”" if columns.only else ""
    return f"{words[0].upper()}{words[1:]}{only}."


def _name_values(columns: Columns) -> str:
    return " or ".join(f"“{value}”" for value in columns.only_values[:MOST_VALUES])


def describe_counting(counting: Counting, months: Collection[Month], *, today: Month) -> Iterator[str]:
    """Yield a sentence for each part of the file's rows: counted, left out or undated. `today` is the current month."""
    tally = counting.tally
    left = {kind: rows for kind, rows in tally.kinds.items() if counting.find_target(kind) == NOT_COUNTED}
    counted, elsewhere = 0, Counter[Month]()
    for (month, kind), rows in tally.rows.items():
        if kind not in left and month in months:
            counted += rows
        elif kind not in left:
            elsewhere[month] += rows
    yield f"{count_rows(tally.read)} in the file: {counted:,} counted for {describe_months(sorted(months))}."
    yield from _describe_doubts(tally, today)
    if counting.columns.summed:
        yield f"Each figure is a total of the numbers under “{counting.columns.summed}”."
    if elsewhere:
        yield f"{count_rows(elsewhere.total())} for other months: {describe_months(sorted(elsewhere))}."
    if left:
        named = [f"{kind or 'nothing'} ({rows:,})" for kind, rows in left.items()]
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        kinds = f"{', '.join(named[:MOST_NAMED])}{more}"
        yield f"Not counted, because of the kind under “{counting.columns.kind}”: {kinds}."
    if tally.outside:
        columns = counting.columns
        yield f"{count_rows(tally.outside)} left out, because “{columns.only}” doesn’t say {_name_values(columns)}."
    for name in counting.hidden:
        yield f"The hidden sheet “{name[:40]}” was not read."


def _describe_doubts(tally: Tally, today: Month) -> Iterator[str]:
    """Yield what may be wrong with the dates."""
    if tally.is_doubtful:
        yield (
            "No date has a day above 12. If the dates in this file put the month before the day, all of these counts "
            "are wrong."
        )
    if ahead := sum(rows for (month, _), rows in tally.rows.items() if month > today):
        yield f"{count_rows(ahead)} dated in the future. Check the dates."
    if tally.undated:
        has = "1 row has" if tally.undated == 1 else f"{tally.undated:,} rows have"
        yield f"{has} no date that we can read: {_name_lines(tally)}. We don’t count rows without a date."


def count_rows(rows: int) -> str:
    return "1 row is" if rows == 1 else f"{rows:,} rows are"


def describe_months(months: Sequence[Month]) -> str:
    return months[0].label if len(months) == 1 else f"{months[0].label} to {months[-1].label}"


def _name_lines(tally: Tally) -> str:
    lines = ", ".join(f"{line:,}" for line in tally.undated_lines)
    more = " and others" if tally.undated > MOST_LINES else ""
    return f"row {lines}" if tally.undated == 1 else f"rows {lines}{more}"


@dataclass(frozen=True, slots=True)
class Residents:
    """An age band's current number in a year, and the numbers before it was corrected, newest first."""

    count: str
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    years: str
    source: str
    licence: str
    file: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Populations:
    years: list[int]
    bands: list[tuple[str, list[Residents | None]]]
    sources: list[Source]


def make_populations(populations: Sequence[Population]) -> Populations:
    """Build the cells from rows with newer editions before older ones."""
    editions: dict[tuple[int, str], list[Population]] = {}
    for row in populations:
        editions.setdefault((row.year, row.ages), []).append(row)
    years = sorted({row.year for row in populations}, reverse=True)
    bands = [
        (label, [_make_residents(editions.get((year, ages), [])) for year in years])
        for ages, label in LABELS.items()
        if any((year, ages) in editions for year in years)
    ]
    return Populations(years, bands, _make_sources(populations))


def _make_residents(editions: Sequence[Population]) -> Residents | None:
    if not editions:
        return None
    newest, *before = (f"{row.residents:,}" for row in editions)
    return Residents(newest, tuple(before))


def _make_sources(populations: Sequence[Population]) -> list[Source]:
    """List one source for each import, newest first, even if its numbers have since been corrected."""
    imports: dict[tuple[str, str, str, datetime], set[int]] = {}
    for row in populations:
        imports.setdefault((row.source, row.licence, row.name_of_file, row.imported_at), set()).add(row.year)
    sources = [Source(", ".join(map(str, sorted(years))), *origin) for origin, years in imports.items()]
    return sorted(sources, key=lambda source: source.imported_at, reverse=True)
