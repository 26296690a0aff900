"""What is said of a file of records that was counted? Nothing of a record."""

from collections.abc import Iterator, Sequence

from core.months import Month
from indicators.imports.counting import NOT_COUNTED, Counting
from indicators.imports.records import MOST_LINES, Tally

MOST_NAMED = 12  # kinds that a sentence lists


def describe_counting(counting: Counting, months: Sequence[Month]) -> list[str]:
    """Where each row of the file went, a sentence each."""
    return list(_describe(counting, counting.tally, set(months)))


def _describe(counting: Counting, tally: Tally, months: set[Month]) -> Iterator[str]:
    left = {kind: rows for kind, rows in tally.kinds.items() if counting.name_of(kind) == NOT_COUNTED}
    elsewhere = {month: 0 for month in tally.months if month not in months}
    counted = 0
    for (month, kind), rows in tally.rows.items():
        if kind in left:
            continue
        if month in elsewhere:
            elsewhere[month] += rows
        else:
            counted += rows
    yield f"{count_rows(tally.read)} in the file: {counted:,} counted for {describe_months(sorted(months))}."
    if counting.columns.summed:
        yield f"The figures are sums of “{counting.columns.summed}”."
    if beyond := sum(elsewhere.values()):
        yield f"{count_rows(beyond)} of other months: {describe_months(sorted(elsewhere))}."
    if left:
        named = [f"{kind or 'nothing'} ({rows:,})" for kind, rows in left.items()]
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        yield f"Not counted, by what “{counting.columns.kind}” says: {', '.join(named[:MOST_NAMED])}{more}."
    if tally.outside:
        values = " or ".join(f"“{value}”" for value in counting.columns.only_values[:3])
        yield f"{count_rows(tally.outside)} left out: not {values} under “{counting.columns.only}”."
    if tally.undated:
        has = "1 row has" if tally.undated == 1 else f"{tally.undated:,} rows have"
        yield f"{has} no date that can be read: {_name_lines(tally)}. Nothing is counted there."
    for name in counting.hidden:
        yield f"The hidden sheet “{name[:40]}” was not read."


def count_rows(rows: int) -> str:
    return "1 row is" if rows == 1 else f"{rows:,} rows are"


def describe_months(months: Sequence[Month]) -> str:
    return months[0].label if len(months) == 1 else f"{months[0].label} to {months[-1].label}"


def _name_lines(tally: Tally) -> str:
    lines = ", ".join(f"{line:,}" for line in tally.undated_lines)
    more = " and others" if tally.undated > MOST_LINES else ""
    return f"row {lines}" if tally.undated == 1 else f"rows {lines}{more}"
