"""When is a job to be run by the clock, is it due, and has the clock jumped? Pure.

A job has slots: moments of a day, as clocks in the timetable's zone show them, at which it is to run. It is due as long
as its newest slot isn't done, however long ago that was: so what was missed is made good once, not once for each slot.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypedDict
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
# A job that was to run this long ago, and isn't done, is late.
LATE_AFTER = timedelta(minutes=15)
# What the clock may have moved between two looks at it: a machine may be off for some days, and a clock be put right
# by some minutes.
MOST_FORWARD = timedelta(days=7)
MOST_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """From `first` on, each day: once, or `every` so often. It begins no run after `last`."""

    first: time = time(0)
    last: time = time(23, 59, 59)
    every: timedelta | None = None
    zone: tzinfo = LONDON

    def is_open(self, now: datetime) -> bool:
        """Whether it may run at that time of the day."""
        return self.first <= now.astimezone(self.zone).time() <= self.last

    def newest_slot(self, now: datetime) -> datetime:
        """The last moment, up to now, at which it was to run."""
        today = now.astimezone(self.zone).date()
        slots = self._slots(today) if self._slots(today)[0] <= now else self._slots(today - ONE_DAY)
        if self.every is None:
            return slots[0]
        passed = (min(now, slots[1]) - slots[0]) // self.every
        return slots[0] + passed * self.every

    def next_slot(self, now: datetime) -> datetime:
        """The first moment after now at which it is to run."""
        newest = self.newest_slot(now)
        today = newest.astimezone(self.zone).date()
        if self.every is not None and (soon := newest + self.every) <= self._slots(today)[1]:
            return soon
        return self._slots(today + ONE_DAY)[0]

    def begin(self, moment: datetime) -> datetime:
        """The first slot of a moment's day."""
        return self._slots(moment.astimezone(self.zone).date())[0]

    def _slots(self, day: date) -> tuple[datetime, datetime]:
        """The first moment of a day, and the last. In UTC, where an hour is an hour also when clocks change."""
        first, last = (datetime.combine(day, at, self.zone).astimezone(UTC) for at in (self.first, self.last))
        return first, last


class Job(TypedDict):
    """A job, as the settings name it. One that goes by the day does something wrong where the clock is wrong."""

    label: str
    task: str
    timetable: Timetable
    is_by_day: bool


def find_due(timetable: Timetable, *, done_for: datetime | None, now: datetime) -> datetime | None:
    """The slot that isn't done yet; None where the newest is. `done_for` is the newest slot that was done. One that
    lies ahead was done by a clock that was wrong: it counts as none."""
    newest = timetable.newest_slot(now)
    is_done = done_for is not None and newest <= done_for <= now
    return None if is_done else newest


def find_first_missed(timetable: Timetable, *, done_for: datetime | None, now: datetime) -> datetime | None:
    """The first slot that isn't done: since when it is due. Of one that never ran, the first of the newest slot's
    day."""
    newest = find_due(timetable, done_for=done_for, now=now)
    if newest is None:
        return None
    return timetable.next_slot(done_for) if done_for is not None and done_for <= now else timetable.begin(newest)


def is_late(timetable: Timetable, missed: datetime | None, *, now: datetime) -> bool:
    """What runs every few minutes of the day is never late at night."""
    if missed is None or (timetable.every is not None and not timetable.is_open(now)):
        return False
    return now - missed > LATE_AFTER


def has_jumped(*, seen: datetime, now: datetime) -> bool:
    """Whether the clock shows a time that can hardly be right, after what it showed when it was last looked at."""
    return now - seen > MOST_FORWARD or seen - now > MOST_BACK


# --- Trying again --------------------------------------------------------------------------------------------------

# A worker sends within seconds of its claim. One that hasn't said so after this was stopped on the way.
STOPPED_AFTER = timedelta(minutes=5)
MOST_TRIES = 10  # the last some two days after the first


def is_tried_again(*, tries: int, tried_at: datetime, now: datetime) -> bool:
    """Whether something that isn't known to be done is tried once more: five minutes after the first try, then after
    twice as long each time. A try that lies ahead was claimed by a clock that was wrong."""
    if tries >= MOST_TRIES:
        return False
    return now - tried_at >= STOPPED_AFTER * 2 ** max(tries - 1, 0) or tried_at - now > MOST_BACK
