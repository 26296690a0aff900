"""The plan's timeline: where its bars, marks and months stand, and what its rows say."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.charts import (
    LAST_TICK,
    MONTHS_BACK,
    MONTHS_ON,
    MOST_MAIN_TICKS,
    MOST_MONTHS_WITH_STEPS,
    MOST_TICKS,
    Axis,
    Dates,
    draw_bar,
    make_axis,
    make_ticks,
    place_today,
)
from actions.models import Action
from actions.presenters.timeline import describe_dates, describe_label, is_recent, make_dates, make_row, make_timeline
from actions.templatetags.plan import timeline_bar
from boards.models import Strand
from core.calendar import Month

TODAY = date(2026, 11, 26)
YEAR = Axis(Month(2026, 1), Month(2026, 12))
days = st.dates(date(2001, 1, 1), date(2060, 12, 31))


@st.composite
def some_dates(draw: st.DrawFn) -> Dates:
    """As the product holds them: due after the start, steps between the two, no end before the start."""
    starts_on = draw(days)
    length = draw(st.integers(1, 4000))
    due_on = starts_on + timedelta(length)
    first = draw(st.none() | days)
    ended_on = draw(st.none() | st.integers(0, 5000).map(lambda after: starts_on + timedelta(after)))
    steps = draw(st.lists(st.tuples(st.integers(0, length), st.booleans()), max_size=4))
    return Dates(starts_on, due_on, first, ended_on, tuple((starts_on + timedelta(at), done) for at, done in steps))


plans = st.lists(some_dates(), min_size=1, max_size=6)


# --- The axis --------------------------------------------------------------------------------------


@given(plans, days, st.booleans())
def test_an_axis_is_of_whole_months_and_no_longer_than_needed(plan: list[Dates], today: date, is_over: bool):
    axis = make_axis(plan, today, is_over=is_over)

    shown = [day for each in plan for day in each.days(today)]
    low, high = Month.of(min(shown)), Month.of(max(shown))
    assert low <= axis.first <= axis.last <= high
    if is_over or high - low <= MONTHS_BACK + MONTHS_ON:
        assert (axis.first, axis.last) == (low, high)
    else:
        assert axis.last - axis.first == MONTHS_BACK + MONTHS_ON


@given(plans, days)
def test_today_is_on_the_axis_where_the_plan_reaches_it(plan: list[Dates], today: date):
    axis = make_axis(plan, today)

    shown = [day for each in plan for day in each.days(today)]
    reaches = Month.of(min(shown)) <= Month.of(today) <= Month.of(max(shown))
    assert (place_today(axis, today) is not None) == reaches == axis.holds(today)


@given(days, days, days)
def test_later_days_stand_further_on(one: date, other: date, within: date):
    axis = make_axis([Dates(within, within + timedelta(400))], within)

    early, late = sorted((one, other))
    assert 0 <= axis.place(early) <= axis.place(late) <= 100
    assert axis.place(axis.first.first_day) == 0
    assert axis.place(axis.last.next.first_day) == 100
    if early < late and axis.holds(early) and axis.holds(late):
        assert axis.place(early, 1) <= axis.place(late)


def test_one_old_action_leaves_room_for_the_others():
    old, new = Dates(date(2016, 2, 3), date(2027, 2, 1)), Dates(date(2026, 6, 1), date(2027, 3, 31))

    axis = make_axis([old, new], TODAY)

    assert axis == Axis(Month(2024, 4), Month(2027, 3))
    bar = draw_bar(axis, old, TODAY)
    assert bar.begins_before
    assert bar.left == 0
    assert not draw_bar(axis, new, TODAY).begins_before
    assert make_axis([old], TODAY, is_over=True) == Axis(Month(2016, 2), Month(2027, 2))


def test_todays_line():
    assert place_today(YEAR, date(2026, 1, 1)) == pytest.approx(0.5 / 365 * 100)
    assert place_today(YEAR, date(2026, 7, 2)) == pytest.approx(50.0)
    assert place_today(YEAR, date(2027, 1, 1)) is None
    assert make_axis([], TODAY) == Axis(Month(2026, 11), Month(2026, 11))


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.integers(0, 1500))
def test_there_are_never_too_many_names(first: date, more: int):
    axis = Axis(Month.of(first), Month.of(first) + more)

    ticks = make_ticks(axis)

    assert ticks or more == 0
    assert len(ticks) <= MOST_TICKS + 1
    assert sum(tick.is_main for tick in ticks) <= MOST_MAIN_TICKS + 1
    assert [tick.x for tick in ticks] == sorted(tick.x for tick in ticks)
    assert all(tick.x == axis.place(tick.month.first_day) <= LAST_TICK for tick in ticks)
    years = [tick.month.year for tick in ticks if tick.says_year and tick.is_main]
    assert {tick.month.year for tick in ticks if tick.is_main} == set(years)


def test_a_phone_has_fewer_names():
    ticks = make_ticks(Axis(Month(2025, 12), Month(2027, 2)))
    assert [str(tick.month) for tick in ticks if tick.is_main] == [
        "2026-01",
        "2026-04",
        "2026-07",
        "2026-10",
        "2027-01",
    ]
    assert [str(tick.month) for tick in ticks if tick.says_year] == ["2026-01", "2027-01"]
    assert len(ticks) == 15


# --- Bars ------------------------------------------------------------------------------------------


@given(plans, days, st.booleans())
def test_a_bar_lies_within_the_axis_in_order(plan: list[Dates], today: date, is_over: bool):
    axis = make_axis(plan, today, is_over=is_over)

    for dates in plan:
        bar = draw_bar(axis, dates, today)
        assert 0 <= bar.left <= bar.right <= bar.late <= 100
        assert all(0 <= mark.x <= 100 for mark in bar.marks)
        assert bar.begins_before == (dates.starts_on < axis.first.first_day)
        assert bar.ends_after == (dates.until(today) >= axis.last.next.first_day)
        if bar.label_at is not None:
            assert bar.label_at <= 85 if not bar.label_ends else bar.label_at == bar.left >= 20


@given(some_dates(), days)
def test_what_is_late_reaches_from_the_due_day_until_now(dates: Dates, today: date):
    axis = make_axis([dates], today, is_over=True)

    bar = draw_bar(axis, dates, today)

    ended = dates.ended_on
    if ended is None:
        assert (bar.late > bar.right) == (dates.due_on < today)
        assert bar.late == (place_today(axis, today) if dates.due_on < today else axis.place(dates.due_on, 1))
    else:
        assert (bar.late > bar.right) == (ended > dates.due_on)
        assert bar.late == axis.place(ended, 1)
    assert bar.right == axis.place(min(dates.due_on, ended or dates.due_on), 1)


def test_a_bar_of_a_year():
    dates = Dates(date(2026, 1, 1), date(2026, 7, 2), date(2026, 3, 31), None, ((date(2026, 7, 2), False),))

    bar = draw_bar(YEAR, dates, date(2026, 7, 2))

    assert (bar.left, bar.right, bar.late) == (0, pytest.approx(183 / 365 * 100), bar.right)
    assert [mark.look for mark in bar.marks] == ["moved", "yet"]
    assert [mark.x for mark in bar.marks] == [pytest.approx(89.5 / 365 * 100), pytest.approx(50.0)]
    assert (bar.label_at, bar.label_ends) == (bar.right, False)


@pytest.mark.parametrize(
    ("today", "is_done", "look"),
    [
        ("2026-05-01", False, "yet"),
        ("2026-05-02", False, "not"),
        ("2026-05-02", True, "met"),
        ("2026-04-01", True, "met"),
    ],
)
def test_a_step_is_met_missed_or_to_come(today: str, is_done: bool, look: str):
    dates = Dates(date(2026, 1, 1), date(2026, 7, 2), steps=((date(2026, 5, 1), is_done),))

    assert [mark.look for mark in draw_bar(YEAR, dates, date.fromisoformat(today)).marks] == [look]


def test_steps_are_left_out_where_they_would_cover_each_other():
    dates = Dates(date(2020, 1, 1), date(2020, 7, 2), date(2020, 6, 1), None, ((date(2020, 5, 1), True),))
    first = Month(2020, 1)

    def looks(months: int) -> list[str]:
        return [mark.look for mark in draw_bar(Axis(first, first + (months - 1)), dates, date(2020, 2, 1)).marks]

    assert looks(MOST_MONTHS_WITH_STEPS) == ["moved", "met"]
    assert looks(MOST_MONTHS_WITH_STEPS + 1) == ["moved"]


def test_a_days_name_stands_where_there_is_room():
    def named(starts_on: date, due_on: date) -> tuple[float | None, bool]:
        bar = draw_bar(YEAR, Dates(starts_on, due_on), date(2026, 1, 1))
        return bar.label_at, bar.label_ends

    assert named(date(2026, 1, 1), date(2026, 12, 31)) == (None, False)
    assert named(date(2026, 4, 1), date(2026, 12, 31)) == (YEAR.place(date(2026, 4, 1)), True)
    # Its letter would cover it.
    assert named(date(2026, 4, 1), date(2026, 4, 2)) == (YEAR.place(date(2026, 4, 1)), True)
    # Its end isn't in the picture.
    assert named(date(2026, 4, 1), date(2028, 4, 2)) == (None, False)


# --- What a row says -------------------------------------------------------------------------------


def span(**other: object) -> Action:
    held = {
        "pk": 1,
        "number": 7,
        "title": "Train all housing workers",
        "strand_id": 1,
        "state": "open",
        "rag": "amber",
        "starts_on": date(2026, 6, 3),
        "due_on": date(2026, 12, 12),
        "completed_at": None,
        "archived_at": None,
    }
    return Action(**held | other)


STEPS = ((date(2026, 7, 1), True), (date(2026, 8, 1), True), (date(2026, 9, 1), False), (date(2026, 12, 1), False))


def said(row: Action, *, steps: tuple[tuple[date, bool], ...] = STEPS, first_due: date | None = None) -> str:
    dates = make_dates(row, steps, first_due)
    made = make_row(row, dates, make_axis([dates], TODAY), TODAY)
    return ", ".join(filter(None, (made.words, made.lateness)))


def test_a_sentence_for_each_row():
    assert said(span()) == "amber, from 3 June to 12 December 2026, 2 of 4 milestones met, 1 missed"
    assert said(span(), steps=STEPS[:1]) == "amber, from 3 June to 12 December 2026, 1 of 1 milestone met"
    late = span(due_on=date(2026, 11, 12), rag="red")
    assert said(late, steps=()) == "red, from 3 June to 12 November 2026, no milestones yet, 14 days overdue"
    assert said(span(due_on=date(2026, 11, 25), rag="red"), steps=()).endswith(", 1 day overdue")
    assert "overdue" not in said(span(rag="red", due_on=TODAY))


def test_what_became_of_it_is_said():
    moment = datetime(2026, 11, 1, 10, tzinfo=UTC)
    begun = "from 3 June to 12 December 2026"
    assert said(span(), steps=(), first_due=date(2026, 9, 30)) == (
        f"amber, {begun}, originally due 30 September 2026, no milestones yet"
    )
    assert "first due" not in said(span(), first_due=date(2026, 12, 12))
    complete = span(state="complete", rag="blue", completed_at=moment)
    assert said(complete, steps=()) == f"complete, {begun}, completed on 1 November 2026, no milestones yet"
    archived = span(state="archived", rag="red", archived_at=moment)
    assert said(archived, steps=()) == f"archived, {begun}, archived on 1 November 2026, no milestones yet"
    assert "completed on 1 November 2026" in said(
        span(state="archived", rag="blue", completed_at=moment, archived_at=moment)
    )


def test_the_day_of_an_end_never_looks_like_that_of_a_start():
    def label(starts_on: date) -> str:
        dates = Dates(starts_on, date(2026, 12, 12))
        return describe_label(span(), draw_bar(YEAR, dates, TODAY))

    assert label(date(2026, 6, 3)) == "to 12 Dec"
    assert label(date(2026, 1, 3)) == ""
    wider = Axis(YEAR.first, Month(2027, 6))
    assert describe_label(span(), draw_bar(wider, Dates(date(2026, 6, 3), date(2026, 12, 12)), TODAY)) == "12 Dec"


def test_dates_say_a_year_once():
    assert describe_dates(date(2026, 6, 3), date(2026, 12, 12)) == "3 June to 12 December 2026"
    assert describe_dates(date(2025, 6, 3), date(2026, 12, 12)) == "3 June 2025 to 12 December 2026"


@pytest.mark.parametrize(("ended", "is_kept"), [("2026-04-30", False), ("2026-05-01", True), ("2026-11-26", True)])
def test_what_ended_half_a_year_ago_is_left_out(ended: str, is_kept: bool):
    moment = datetime.fromisoformat(f"{ended}T10:00+00:00")
    assert is_recent(span(completed_at=moment), TODAY) is is_kept
    assert is_recent(span(starts_on=date(2010, 1, 1)), TODAY)


def test_five_hundred_actions_are_a_small_picture():
    """All open, each with four steps."""
    strand = Strand(pk=1, name="Prevent", code="prevent")
    spans = [
        span(pk=number, number=number, starts_on=begin, due_on=begin + timedelta(250))
        for number, begin in enumerate((date(2026, 1, 1) + timedelta(at % 300) for at in range(500)), start=1)
    ]
    steps = {each.pk: [(each.starts_on + timedelta(60 * at), at < 2) for at in range(1, 5)] for each in spans}

    made = make_timeline(spans, [strand], steps=steps, first_due={}, today=TODAY, is_over=False)

    bars = [timeline_bar(row) for row in made.strands[0].rows]
    assert len(bars) == 500
    assert sum(map(len, bars)) < 123_000
