"""Whatever people do, in whatever order: after a sweep each month says what its figures say.

The lines are worked out here a second time, from the signed-off figures, in as plain a way as can be.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from boards.models import Agency, Membership, ReportingPeriod
from boards.rules import Role
from boards.services.months import close_month, reopen_month
from core.calendar import Month, months_between
from core.labels import TransitionRefused
from indicators.models import IndicatorDefinition, Observation
from indicators.services.open_data import import_police_months
from indicators.services.returns import accept_return
from reporting.models import IndicatorLine, SnapshotState
from reporting.months.services import publish_month
from tests.factories import make_agency, make_dimension, make_indicator
from tests.factories.police import CODES, counted, make_police_indicators
from tests.scenarios import Town, give_back, make_town, newest_lines, stale_months, submit, sweep

pytestmark = pytest.mark.django_db
MONTHS = [Month(2024, number) for number in (1, 2, 3, 4)]
REDEFINED = MONTHS[2]  # charges are counted in another way from here on

# Every indicator, whose it is, and its categories.
POLICE = {"arrests": (), "charges": (), "lines": ("london", "leeds")}
COUNCIL: dict[str, tuple[str, ...]] = {"homes": ()}
EVERY = POLICE | COUNCIL | dict.fromkeys(CODES, ())

type Cell = tuple[str, int | None]  # state, value


def boxes(indicators: dict[str, tuple[str, ...]]) -> list[str]:
    return [f"{code}.{part}".removesuffix(".") for code, parts in indicators.items() for part in (parts or ("",))]


def make_busy_town() -> Town:
    town = make_town()
    origin = make_dimension(town.area, "origin", list(POLICE["lines"]))
    make_indicator(town.police, "lines", dimension=origin, position=2)
    council = make_agency(town.area, "council")
    make_indicator(council, "homes", position=3)
    make_police_indicators(town.police)
    charges = town.area.indicators.get(code="charges")
    IndicatorDefinition.objects.create(indicator=charges, applies_from=REDEFINED.first_day, text="Another way.")
    Membership.objects.create(user=town.lead, area=town.area, role=Role.AGENCY_LEAD.value, agency=council)
    return town


# --- The lines once more --------------------------------------------------------------------------


def cells(town: Town) -> dict[tuple[str, str, Month], Cell]:
    """The signed-off figures: (indicator, category, month) → cell."""
    figures = Observation.objects.filter(period__area=town.area).select_related("indicator", "category", "period")
    return {
        (one.indicator.code, one.category.code if one.category else "", one.period.month): (one.state, one.value)
        for one in figures
        if one.signed_off_at is not None
    }


def whole(parts: list[Cell]) -> Cell:
    for state, value in parts:
        if value is None:
            return state, None
    return "figure", sum(value or 0 for _, value in parts)


def expected(town: Town, month: Month) -> dict[str, tuple[Any, ...]]:
    """What each line of a month has to say."""
    held = cells(town)
    first = min(period.month for period in ReportingPeriod.objects.filter(area=town.area))

    def cell(code: str, part: str, at: Month) -> Cell:
        if EVERY[code] and not part:
            return whole([cell(code, each, at) for each in EVERY[code]])
        return held.get((code, part, at), ("awaited", None))

    lines = {}
    for code, parts in EVERY.items():
        for part in ("", *parts):
            now = cell(code, part, month)
            before = cell(code, part, month.previous) if month > first else ("", None)
            change, reason = None, ""
            if now[1] is None:
                reason = now[0]
            elif before[1] is None:
                reason = f"previous_{before[0]}" if before[0] else "no_previous_month"
            elif code == "charges" and month == REDEFINED:
                reason = "new_definition"
            else:
                change = now[1] - before[1]
            arrow = "none" if change is None else "up" if change > 0 else "down" if change < 0 else "level"
            history = [cell(code, part, past)[1] for past in months_between(first, month)]
            lines[f"{code}.{part}".removesuffix(".")] = (*now, *before, arrow, change, reason, history)
    return lines


def shown(town: Town, month: Month) -> dict[str, tuple[Any, ...]]:
    return {
        name: (
            line.state,
            line.value,
            line.previous_state,
            line.previous_value,
            line.movement,
            line.change,
            line.no_arrow_reason,
            line.history,
        )
        for name, line in newest_lines(town, month).items()
    }


# --- What people do -------------------------------------------------------------------------------

months = st.sampled_from(MONTHS)
figures = st.none() | st.integers(0, 3)
agencies = st.sampled_from([("police", boxes(POLICE)), ("council", boxes(COUNCIL))])


class Life(RuleBasedStateMachine):
    """Acts in any order. One that isn't allowed just then is refused, and must change nothing."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.issued: dict[int, list[Any]] = {}

    def attempt(self, act: Callable[[], object]) -> None:
        with suppress(TransitionRefused):
            act()

    def period(self, month: Month) -> ReportingPeriod | None:
        return ReportingPeriod.objects.filter(area=self.town.area, starts_on=month.first_day).first()

    def begins_before_all(self, month: Month) -> bool:
        """Whether it is before all that is published: then a line that begins with its definition stays as it was."""
        periods = ReportingPeriod.objects.filter(area=self.town.area)
        return month.first_day < min((period.starts_on for period in periods if period.is_published), default=date.min)

    def on_period(self, month: Month, act: Callable[[ReportingPeriod], object]) -> None:
        if period := self.period(month):
            self.attempt(lambda: act(period))

    def on_returns(self, month: Month, act: Callable[[Any], object]) -> None:
        if period := self.period(month):
            for submission in period.submissions.all():
                self.attempt(lambda submission=submission: act(submission))

    @rule(month=months, whose=agencies, data=st.data())
    def submit(self, month: Month, whose: tuple[str, list[str]], data: st.DataObject) -> None:
        if self.begins_before_all(month) and not self.period(month):
            return
        code, names = whose
        typed = {name: data.draw(figures, label=name) for name in names}
        agency = Agency.objects.get(area=self.town.area, code=code)
        self.attempt(lambda: submit(self.town, month, typed, agency=agency))

    @rule(month=months)
    def accept(self, month: Month) -> None:
        self.on_returns(month, lambda submission: accept_return(submission, by=self.town.coordinator))

    @rule(month=months)
    def give_back(self, month: Month) -> None:
        self.on_returns(month, lambda submission: give_back(self.town, submission))

    @rule(month=months, drugs=st.integers(0, 3))
    def take_in_a_file(self, month: Month, drugs: int) -> None:
        if self.begins_before_all(month):
            return
        import_police_months(self.town.area, [counted(str(month), drugs, 1, 2)], by=None)

    @rule(month=months)
    def close(self, month: Month) -> None:
        self.on_period(month, lambda period: close_month(period, by=self.town.coordinator, missing=[], why="Early"))

    @rule(month=months)
    def reopen(self, month: Month) -> None:
        self.on_period(month, lambda period: reopen_month(period, by=self.town.coordinator))

    @rule(month=months)
    def publish(self, month: Month) -> None:
        def act(period: ReportingPeriod) -> None:
            snapshot = publish_month(period, why="Early", by=self.town.coordinator)
            self.issued[snapshot.pk] = list(snapshot.lines.order_by("pk").values())
            assert shown(self.town, month) == expected(self.town, month)  # at this moment, swept or not

        self.on_period(month, act)

    @rule()
    def sweep(self) -> None:
        sweep()
        assert stale_months(self.town) == []
        for period in ReportingPeriod.objects.filter(area=self.town.area):
            assert shown(self.town, period.month) == expected(self.town, period.month)

    def teardown(self) -> None:
        try:
            self.sweep()
            kept = {pk: list(IndicatorLine.objects.filter(snapshot=pk).order_by("pk").values()) for pk in self.issued}
            assert kept == self.issued
            published = ReportingPeriod.objects.filter(snapshots__state=SnapshotState.PUBLISHED.value)
            assert published.count() == len(self.issued)
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)


def test_after_any_acts_each_month_says_what_its_figures_say(db: None):
    Life.town = make_busy_town()
    run_state_machine_as_test(
        Life, settings=settings(max_examples=30, stateful_step_count=15, deadline=None, database=None)
    )
