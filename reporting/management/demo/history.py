"""Anytown's made-up months: 36 of them, ending with the October 2026 of the demonstration."""

import math
from collections.abc import Iterator
from random import Random
from typing import Any

from django.utils import timezone

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.services.months import close_month, ensure_month
from core.models import User
from core.months import Month, months_between
from indicators.models import Indicator, Observation, Submission
from indicators.selectors import boxes_of
from indicators.services.returns import Entry, accept_return, return_return, save_draft, submit_return
from indicators.trend import CellState
from reporting.rollup import roll_up, stale_periods
from reporting.services import publish_month

OCTOBER = Month(2026, 10)
FIRST = OCTOBER + -35
MADE_UP = "Made-up history for the demonstration"


def poisson(random: Random, mean: float) -> int:
    """A made-up count with this mean (Knuth's algorithm)."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def load_history(area: PartnershipArea, rows: list[dict[str, Any]], *, coordinator: User) -> None:
    """The months before October: figures as a file would bring them, then published one by one."""
    periods = {month: ensure_month(area, month, by=coordinator) for month in months_between(FIRST, OCTOBER.previous)}
    indicators = {
        indicator.code: indicator for indicator in Indicator.objects.filter(area=area).select_related("dimension")
    }
    observations: list[Observation] = []
    for row in rows:
        random = Random(row["code"])  # noqa: S311  # the same months on every machine
        indicator = indicators[row["code"]]
        categories = {c.code: c for c in indicator.dimension.categories.all()} if indicator.dimension else {}
        for month, period in periods.items():
            for code, value, note in month_of(row, month, random):
                observations.append(
                    Observation(
                        indicator=indicator,
                        category=categories[code] if code else None,
                        period=period,
                        state=CellState.NOT_APPLICABLE if value is None else CellState.FIGURE,
                        value=value,
                        note=note,
                        imported_from=MADE_UP,
                        signed_off_at=timezone.now(),
                        signed_off_by=coordinator,
                    )
                )
    cap_parts(observations)
    Observation.objects.bulk_create(observations)
    roll_up(stale_periods().filter(area=area))
    for period in periods.values():
        publish_month(close_month(period, by=coordinator, missing=[]), by=coordinator)


def month_of(row: dict[str, Any], month: Month, random: Random) -> Iterator[tuple[str, int | None, str]]:
    """An indicator's made-up figures for a month: (category, value, note)."""
    skipped = row.get("not_applicable", {})
    if month.number in skipped.get("months", []):
        yield "", None, skipped["note"]
        return
    if month == OCTOBER.previous:
        values = row.get("september", {})  # none: that return never came
    elif "history" in row:
        given = row["history"]
        split = given if isinstance(given, dict) else {"": given}
        values = {code: series[month - FIRST] for code, series in split.items()}
    else:
        usual = row["usual"]
        split = usual if isinstance(usual, dict) else {"": usual}
        values = {code: poisson(random, mean) for code, mean in split.items()}
    if not isinstance(values, dict):
        values = {"": values}
    for code, value in values.items():
        yield code, value, ""


def cap_parts(observations: list[Observation]) -> None:
    """Made-up wholes are at least the sum of their parts."""
    wholes = {(o.indicator_id, o.period_id): o for o in observations}
    least: dict[tuple[int, int], int] = {}
    for part in observations:
        if part.indicator.part_of_id and part.value is not None:
            key = (part.indicator.part_of_id, part.period_id)
            least[key] = least.get(key, 0) + part.value
    for key, together in least.items():
        wholes[key].value = max(wholes[key].value or 0, together)


def entries_for(agency: Agency, month: Month, rows: list[dict[str, Any]]) -> dict[str, Entry]:
    figures = {row["code"]: row["october"] for row in rows}
    entries = {}
    for box in boxes_of(agency, month):
        figure = figures[box.indicator.code]
        entries[box.name] = Entry(value=str(figure[box.category.code] if box.category else figure))
    return entries


def hand_in(agency: Agency, period: ReportingPeriod, entries: dict[str, Entry], *, lead: User) -> Submission:
    submission = save_draft(agency, period, entries, revision=0, by=lead)
    return submit_return(agency, period, revision=submission.revision, by=lead)


def load_october(
    area: PartnershipArea, rows: list[dict[str, Any]], *, coordinator: User, leads: dict[str, User]
) -> None:
    """October, as its people would have done it: entered, submitted, accepted, published."""
    period = ensure_month(area, OCTOBER, by=coordinator)
    for agency in Agency.objects.filter(area=area):
        submission = hand_in(agency, period, entries_for(agency, OCTOBER, rows), lead=leads[agency.code])
        accept_return(submission, by=coordinator)
    roll_up(stale_periods().filter(area=area))
    publish_month(close_month(period, by=coordinator, missing=[]), by=coordinator)


def load_november(
    area: PartnershipArea, rows: list[dict[str, Any]], *, coordinator: User, leads: dict[str, User]
) -> None:
    """November, half-way: a return in each state, so that there is something to do."""
    month = OCTOBER.next
    period = ensure_month(area, month, by=coordinator)
    random = Random(11)  # noqa: S311
    agencies = {agency.code: agency for agency in Agency.objects.filter(area=area)}

    def made_up(code: str) -> dict[str, Entry]:
        entries = entries_for(agencies[code], month, rows)
        return {
            name: Entry(value=str(max(0, int(entry.value) + random.randint(-2, 2)))) for name, entry in entries.items()
        }

    begun = dict(list(made_up("police").items())[:5])
    save_draft(agencies["police"], period, begun, revision=0, by=leads["police"])
    children = {**made_up("council-children"), "juveniles": Entry(value="15")}
    hand_in(agencies["council-children"], period, children, lead=leads["council-children"])
    housing = hand_in(
        agencies["council-housing"], period, {"cuckooed": Entry(value="31")}, lead=leads["council-housing"]
    )
    accept_return(housing, by=coordinator)
    justice = hand_in(
        agencies["youth-justice"], period, {"appropriate-adult": Entry(value="40")}, lead=leads["youth-justice"]
    )
    return_return(justice, comment="40 is ten times October’s figure. Is it 4?", by=coordinator)
    roll_up(stale_periods().filter(area=area))
