"""When is a job due, when is it late, and has the clock jumped?"""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timetable import (
    LONDON,
    MOST_TRIES,
    STOPPED_AFTER,
    Timetable,
    find_due,
    find_first_missed,
    has_jumped,
    is_late,
    is_tried_again,
)

MORNING = Timetable(first=time(8), last=time(20))
NIGHT = Timetable(first=time(4))
TEN_MINUTES = Timetable(first=time(8), last=time(17, 59, 59), every=timedelta(minutes=10))
MINUTE = Timetable(every=timedelta(minutes=1))
START = datetime(2026, 1, 1, tzinfo=UTC)
ALL = [MORNING, NIGHT, TEN_MINUTES, MINUTE]


def at(text: str) -> datetime:
    """As a clock in London shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("timetable", "now", "newest", "following"),
    [
        (MORNING, "2026-11-10T08:00", "2026-11-10T08:00", "2026-11-11T08:00"),
        (MORNING, "2026-11-10T07:59", "2026-11-09T08:00", "2026-11-10T08:00"),
        (MORNING, "2026-11-10T23:00", "2026-11-10T08:00", "2026-11-11T08:00"),
        (TEN_MINUTES, "2026-11-10T08:19", "2026-11-10T08:10", "2026-11-10T08:20"),
        (TEN_MINUTES, "2026-11-10T17:59", "2026-11-10T17:50", "2026-11-11T08:00"),
        (TEN_MINUTES, "2026-11-11T02:00", "2026-11-10T17:50", "2026-11-11T08:00"),
        (MINUTE, "2026-11-10T23:59:59", "2026-11-10T23:59", "2026-11-11T00:00"),
        # On 29 March 2026 clocks go from 1:00 to 2:00, on 25 October from 2:00 back to 1:00.
        (MORNING, "2026-03-29T09:00", "2026-03-29T08:00", "2026-03-30T08:00"),
        (MORNING, "2026-10-25T09:00", "2026-10-25T08:00", "2026-10-26T08:00"),
    ],
)
def test_the_slots_of_a_timetable(timetable: Timetable, now: str, newest: str, following: str):
    assert timetable.newest_slot(at(now)) == at(newest)
    assert timetable.next_slot(at(now)) == at(following)


def test_when_clocks_go_back_a_minute_is_still_a_minute():
    before = datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC)  # 1:59 in London, for the first time
    for minutes in range(3):
        now = before + timedelta(minutes=minutes)
        assert MINUTE.newest_slot(now) == now - timedelta(seconds=30)


@given(
    now=st.integers(0, 730 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds)),
    timetable=st.sampled_from(ALL),
)
def test_now_lies_between_two_slots_that_follow_each_other(now: datetime, timetable: Timetable):
    newest, following = timetable.newest_slot(now), timetable.next_slot(now)
    assert newest <= now < following
    assert timetable.newest_slot(following) == following
    assert timetable.newest_slot(following - timedelta(microseconds=1)) == newest


def test_what_was_missed_is_due_once_and_not_once_for_each_day():
    done, now = at("2026-11-10T08:00"), at("2026-11-13T09:30")
    assert find_due(MORNING, done_for=done, now=now) == at("2026-11-13T08:00")
    assert find_due(MORNING, done_for=at("2026-11-13T08:00"), now=now) is None


def test_what_never_ran_is_due():
    assert find_due(MORNING, done_for=None, now=at("2026-11-13T02:00")) == at("2026-11-12T08:00")


def test_what_a_clock_that_was_wrong_has_done_counts_as_none():
    assert find_due(MORNING, done_for=at("2027-03-03T08:00"), now=at("2026-11-13T09:30")) == at("2026-11-13T08:00")


@pytest.mark.parametrize(
    ("now", "is_open"),
    [("07:59", False), ("08:00", True), ("20:00", True), ("20:01", False), ("02:00", False)],
)
def test_e_mails_of_a_missed_morning_go_out_by_day(now: str, is_open: bool):
    assert MORNING.is_open(at(f"2026-11-13T{now}")) is is_open


@pytest.mark.parametrize(
    ("timetable", "done_for", "missed"),
    [
        (MINUTE, "2026-11-13T07:30", "2026-11-13T07:31"),
        (MINUTE, None, "2026-11-13T00:00"),
        (TEN_MINUTES, "2026-11-12T17:50", "2026-11-13T08:00"),
        (MORNING, "2026-11-10T08:00", "2026-11-11T08:00"),
        (MORNING, "2027-03-03T08:00", "2026-11-13T08:00"),  # by a clock that was ahead
        (MORNING, "2026-11-13T08:00", None),
    ],
)
def test_since_when_a_job_is_due(timetable: Timetable, done_for: str | None, missed: str | None):
    done = at(done_for) if done_for else None
    found = find_first_missed(timetable, done_for=done, now=at("2026-11-13T08:10:30"))
    assert found == (at(missed) if missed else None)


def test_a_sweep_that_nobody_wakes_is_late_though_it_is_due_each_minute():
    now = at("2026-11-13T08:10:30")
    assert is_late(MINUTE, find_first_missed(MINUTE, done_for=at("2026-11-13T07:30"), now=now), now=now)
    assert not is_late(MINUTE, find_first_missed(MINUTE, done_for=at("2026-11-13T08:00"), now=now), now=now)


def test_a_job_is_late_a_quarter_of_an_hour_after_it_was_to_run():
    due = at("2026-11-13T08:00")
    for timetable in (MORNING, TEN_MINUTES):
        assert not is_late(timetable, due, now=at("2026-11-13T08:15"))
        assert is_late(timetable, due, now=at("2026-11-13T08:16"))
        assert not is_late(timetable, None, now=at("2026-11-13T08:16"))


def test_at_night_a_missed_morning_is_late_and_a_missed_ten_minutes_is_not():
    due, night = at("2026-11-13T08:00"), at("2026-11-13T22:00")
    assert is_late(MORNING, due, now=night)
    assert not is_late(TEN_MINUTES, due, now=night)


@pytest.mark.parametrize(
    ("now", "jumped"),
    [
        ("2026-11-26T22:01", False),
        ("2026-11-28T22:00", False),  # off for two days
        ("2026-12-04T22:00", True),  # for longer than a week
        ("2027-03-03T10:00", True),
        ("2026-11-26T21:30", False),  # put right by half an hour
        ("2026-11-26T20:30", True),
    ],
)
def test_a_clock_that_moves_far_has_jumped(now: str, jumped: bool):
    assert has_jumped(seen=at("2026-11-26T22:00"), now=at(now)) is jumped


def test_a_try_is_made_again_after_ever_longer_and_then_given_up():
    tried, waits = at("2026-11-10T08:00"), []
    for tries in range(1, MOST_TRIES):
        wait = STOPPED_AFTER * 2 ** (tries - 1)
        assert not is_tried_again(tries=tries, tried_at=tried, now=tried + wait - timedelta(seconds=1))
        assert is_tried_again(tries=tries, tried_at=tried, now=tried + wait)
        waits.append(wait)
    assert timedelta(days=1) < sum(waits, timedelta()) < timedelta(days=3)
    assert not is_tried_again(tries=MOST_TRIES, tried_at=tried, now=tried + timedelta(days=99))


def test_a_try_by_a_clock_that_was_ahead_is_made_again():
    assert is_tried_again(tries=1, tried_at=at("2027-03-03T08:00"), now=at("2026-11-10T08:00"))
