"""Anytown's made-up months: 36 of them, ending with the October 2026 of the demonstration."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from boards.models import Agency, PartnershipArea, ReportingPeriod, RequestOutcome
from boards.services.months import close_month, ensure_month
from core.models import User
from core.months import Month, months_between
from indicators.entries import Entry
from indicators.models import FigureImport, Indicator, Observation, Submission
from indicators.ratios import is_asked
from indicators.selectors.returns import list_boxes
from indicators.services.corrections import ask_correction
from indicators.services.recordings import ask_recording_change
from indicators.services.returns import accept_return, release_return, return_return, save_draft, submit_return
from indicators.trend import CellState
from reporting.management.demo.kpis import DemoKpis
from reporting.management.demo.returns import (
    People,
    clock_at,
    days_ago,
    find_journey,
    hand_in_past,
    save_past,
)
from reporting.months.rollup import roll_up, stale_periods
from reporting.months.services import publish_month, write_commentary

OCTOBER = Month(2026, 10)
FIRST = OCTOBER + -35
SETTLED = timedelta(0)  # nobody takes back a month of the past
EARLY = "The strategic group met before the last returns were in."  # used if some are missing
FIRST_RETURN = OCTOBER + -11  # earlier figures came from a file
MADE_UP = "Made-up history for the demonstration"
COMMENTARY = """\
Cuckooed houses are the figure to ask about: 34 in October, and 87 in the last three months. About 54 is usual. In \
August, council housing began visiting tenants to explain the warning signs. In October, visits with the police found \
several in one block. Part of the rise may come from looking harder. The figures can’t show how much.

Fewer children were often missing from home: 48 in the last six months, and about 83 is usual. One child can count in \
several months. Referrals to the National Referral Mechanism were low too. Nobody has said why. Fewer referrals need \
not mean fewer victims.

Five more lines were known than in September, two of them from Birmingham. A rise of that size in one month can be \
chance.

Three figures for September never arrived: trafficking charges, closure orders and woundings. Two agencies sent no \
return, and the police return came without the charges. So October’s figures have no arrow.
"""


def poisson(random: Random, mean: float) -> int:
    """A made-up count with this mean (Knuth's algorithm)."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def load_history(
    area: PartnershipArea, rows: list[dict[str, Any]], *, people: People, kpis: DemoKpis, say: Callable[[str], object]
) -> None:
    """Make the months before October: figures as from a file, then a year of returns. Each month is published in turn,
    with the KPIs' changes between. Says how far it is.
    """
    coordinator = people.coordinator
    periods = {month: ensure_month(area, month, by=coordinator) for month in months_between(FIRST, OCTOBER.previous)}
    observations = list(make_figures(area, rows, periods, by=coordinator))
    cap_parts(observations)
    returns = []
    for period in periods.values():
        if period.month < FIRST_RETURN:
            continue
        came: dict[Agency, list[Observation]] = defaultdict(list)
        for figure in observations:
            if figure.period_id == period.pk:
                came[figure.indicator.owner].append(figure)
        returns += [hand_in_past(agency, period, figures, people=people) for agency, figures in came.items()]
    save_past(returns, observations)
    note_import(area, [figure for figure in observations if figure.imported_from], people=people)
    for period in periods.values():
        kpis.do_before(period.month)
        closed = close_month(period, by=coordinator, missing=[], why=EARLY)
        publish_month(closed, why=EARLY, grace=SETTLED, by=coordinator)  # it also rolls the month up
        if period.month.number % 6 == 0:
            say(f"{area.name}: {period.month.label} is published …")


def note_import(area: PartnershipArea, figures: list[Observation], *, people: People) -> None:
    """Say that the analyst brought in what came from a file, and that the coordinator confirmed it."""
    now = timezone.now()
    FigureImport.objects.create(
        area=area,
        asked_at=now,
        asked_by=people.analyst,
        ends_on=timezone.localdate(now),
        name_of_file=MADE_UP,
        figures=len(figures),
        first=min(figure.period.starts_on for figure in figures),
        last=max(figure.period.starts_on for figure in figures),
        outcome=RequestOutcome.CONFIRMED.value,
        decided_at=now,
        decided_by=people.coordinator,
    )


def make_figures(
    area: PartnershipArea, rows: list[dict[str, Any]], periods: dict[Month, ReportingPeriod], *, by: User
) -> Iterator[Observation]:
    indicators = {
        indicator.code: indicator
        for indicator in Indicator.objects.filter(area=area).select_related("dimension", "owner")
    }
    for row in rows:
        if "october" not in row:
            continue  # it is worked out
        random = Random(row["code"])  # noqa: S311  # the same months on every machine
        there: dict[str, int] = {}  # for a stock, the month before
        indicator = indicators[row["code"]]
        categories = {c.code: c for c in indicator.dimension.categories.all()} if indicator.dimension else {}
        first = Month.of(row.get("defined_from", FIRST.first_day))
        asked = [month for month in periods if month >= first and is_asked(indicator.asked, month, first)]
        for month, period in ((month, periods[month]) for month in asked):
            for code, state, value, note in make_month(row, month, random, there):
                yield Observation(
                    indicator=indicator,
                    category=categories[code] if code else None,
                    period=period,
                    state=state,
                    value=value,
                    note=note,
                    imported_from=MADE_UP,
                    signed_off_at=timezone.now(),
                    signed_off_by=by,
                )


def made_up(row: dict[str, Any], code: str, mean: float, random: Random, there: dict[str, int]) -> int:
    """Return a made-up count with this mean; for a stock, most of the month before plus new ones."""
    stays = row.get("stays", 0)
    kept = random.binomialvariate(there[code], stays) if there.get(code) else 0
    there[code] = kept + poisson(random, mean * (1 - stays) if code in there else mean)
    return there[code]


def make_month(
    row: dict[str, Any], month: Month, random: Random, there: dict[str, int]
) -> Iterator[tuple[str, CellState, int | None, str]]:
    """Yield an indicator's made-up figures for a month: (category, state, value, note)."""
    skipped = row.get("not_applicable", {})
    if month.number in skipped.get("months", []):
        yield "", CellState.NOT_APPLICABLE, None, skipped["note"]
        return
    if month == OCTOBER.previous:
        if "september_awaited" in row:
            yield "", CellState.AWAITED, None, row["september_awaited"]
            return
        values = row.get("september", {})  # none: that return never arrived
    elif "history" in row:
        given = row["history"]
        split = given if isinstance(given, dict) else {"": given}
        values = {code: series[month - FIRST] for code, series in split.items()}
    else:
        usual = row["usual"]
        split = usual if isinstance(usual, dict) else {"": usual}
        values = {code: made_up(row, code, mean, random, there) for code, mean in split.items()}
    if not isinstance(values, dict):
        values = {"": values}
    for code, value in values.items():
        yield code, CellState.FIGURE, value, ""


def cap_parts(observations: list[Observation]) -> None:
    """Raise made-up wholes to at least the sum of their parts."""
    wholes = {(o.indicator_id, o.period_id): o for o in observations}
    least: dict[tuple[int, int], int] = {}
    for part in observations:
        if part.indicator.part_of_id and part.value is not None:
            key = (part.indicator.part_of_id, part.period_id)
            least[key] = least.get(key, 0) + part.value
    for key, together in least.items():
        if key not in wholes:
            continue  # it isn't collected each month
        wholes[key].value = max(wholes[key].value or 0, together)


def entries_for(agency: Agency, month: Month, rows: list[dict[str, Any]]) -> dict[str, Entry]:
    by_code = {row["code"]: row for row in rows}
    entries = {}
    for box in list_boxes(agency, month):
        row = by_code[box.indicator.code]
        figure = row["october"][box.category.code] if box.category else row["october"]
        entries[box.name] = Entry(value=str(figure), note=row.get("october_note", ""))
    return entries


def hand_in(
    agency: Agency, period: ReportingPeriod, entries: dict[str, Entry], *, lead: User, at: datetime
) -> Submission:
    with clock_at(at):
        submission = save_draft(agency, period, entries, revision=0, by=lead)
        return submit_return(agency, period, revision=submission.revision, by=lead)


def load_october(area: PartnershipArea, rows: list[dict[str, Any]], *, people: People, kpis: DemoKpis) -> None:
    """Make October as its people would have: entered, submitted, released, accepted, published."""
    coordinator = people.coordinator
    period = ensure_month(area, OCTOBER, by=coordinator)
    for agency in Agency.objects.filter(area=area):
        entries = entries_for(agency, OCTOBER, rows)
        if not entries:
            continue  # it supplies nothing before November
        journey = find_journey(agency, period)
        submission = hand_in(agency, period, entries, lead=people.leads[agency.code], at=journey.submitted)
        if agency.needs_release:
            with clock_at(journey.released or journey.submitted):
                release_return(submission, by=people.approvers[agency.code])
        with clock_at(journey.accepted or journey.submitted):
            accept_return(submission, by=coordinator)
    kpis.do_before(OCTOBER)
    roll_up(stale_periods().filter(area=area))
    close_month(period, by=coordinator, missing=[])
    write_commentary(period, None, COMMENTARY, revision=0, by=people.analyst)
    publish_month(period, grace=SETTLED, by=coordinator)


def load_november(area: PartnershipArea, rows: list[dict[str, Any]], *, people: People) -> None:
    """Make a half-finished November: a return in each state, a provisional figure, and a requested correction for
    October, so that there is something to do.
    """
    month, coordinator, leads = OCTOBER.next, people.coordinator, people.leads
    period = ensure_month(area, month, by=coordinator)
    random = Random(11)  # noqa: S311
    agencies = {agency.code: agency for agency in Agency.objects.filter(area=area)}

    def made_up(code: str) -> dict[str, Entry]:
        entries = entries_for(agencies[code], month, rows)
        return {
            name: Entry(value=str(max(0, int(entry.value) + random.randint(-2, 2)))) for name, entry in entries.items()
        }

    def came(code: str, entries: dict[str, Entry], *, days: int) -> Submission:
        return hand_in(agencies[code], period, entries, lead=leads[code], at=days_ago(days, period))

    begun = dict(list(made_up("police").items())[:5])
    save_draft(agencies["police"], period, begun, revision=0, by=leads["police"])
    came("council-children", {**made_up("council-children"), "juveniles": Entry(value="15")}, days=3)
    cuckooed = Entry(value="31", note="Still the same block")
    housing = came("council-housing", {**made_up("council-housing"), "cuckooed": cuckooed}, days=4)
    with clock_at(days_ago(1, period)):
        accept_return(housing, provisional=["cuckooed"], by=coordinator)
    justice = came("youth-justice", {"appropriate-adult": Entry(value="40", note="Counted by the scheme")}, days=8)
    with clock_at(days_ago(6, period)):
        return_return(justice, comment="40 is ten times October’s figure. Is it 4?", by=coordinator)
    safety = {**made_up("council-community-safety"), "closure-orders": Entry(value="3")}
    came("council-community-safety", safety, days=2)
    ask_for_correction(area, by=leads["council-children"])
    roll_up(stale_periods().filter(area=area))


def ask_for_recording(area: PartnershipArea, *, by: User) -> None:
    """Ask for a change of recording, which waits for a second person."""
    arrests = Indicator.objects.get(area=area, code="drug-arrests")
    why = "The new custody system counts each arrest; the old one counted each person once a month."
    ask_recording_change(arrests, month=OCTOBER.next, why=why, by=by)


def ask_for_correction(area: PartnershipArea, *, by: User) -> None:
    november = ReportingPeriod.objects.get(area=area, starts_on=OCTOBER.next.first_day)
    with clock_at(days_ago(2, november)):
        ask_correction(
            Indicator.objects.get(area=area, code="nrm-referrals"),
            None,
            ReportingPeriod.objects.get(area=area, starts_on=OCTOBER.first_day),
            entry=Entry(value="6"),
            reason="A referral of 30 October was logged only in November.",
            by=by,
        )
