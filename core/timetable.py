"""Say when a job should run, whether it is due and what to try again, and do the parts of a job one by one. Pure.

A job has slots: times of day, in London, at which it should run. It is due as long as its newest slot
isn't done, however long ago that was. So after a gap it runs once, not once for each slot.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

from billiard.exceptions import SoftTimeLimitExceeded as OutOfTime

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
# A job is late if it should have run this long ago and isn't done.
LATE_AFTER = timedelta(minutes=15)
# How far the clock may move between two wakes: a machine may be off for some days, and a clock may be corrected by some
# minutes.
MOST_FORWARD = timedelta(days=7)
MOST_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """From `first` each day: once, or repeatedly after each `every`. No run starts after `last`."""

    first: time = time(0)
    last: time = time(23, 59, 59)
    every: timedelta | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether it may run at that time of day."""
        return self.first <= now.astimezone(LONDON).time() <= self.last

    def newest_slot(self, now: datetime) -> datetime:
        """Return the last time, up to now, at which it should have run."""
        today = now.astimezone(LONDON).date()
        slots = self._slots(today) if self._slots(today)[0] <= now else self._slots(today - ONE_DAY)
        if self.every is None:
            return slots[0]
        passed = (min(now, slots[1]) - slots[0]) // self.every
        return slots[0] + passed * self.every

    def next_slot(self, now: datetime) -> datetime:
        """Return the first time after now at which it should run."""
        newest = self.newest_slot(now)
        today = newest.astimezone(LONDON).date()
        if self.every is not None and (soon := newest + self.every) <= self._slots(today)[1]:
            return soon
        return self._slots(today + ONE_DAY)[0]

    def begin(self, moment: datetime) -> datetime:
        """Return the first slot of a day."""
        return self._slots(moment.astimezone(LONDON).date())[0]

    def _slots(self, day: date) -> tuple[datetime, datetime]:
        """Return the first and the last time of a day. In UTC, where an hour is always an hour, even when clocks
        change."""
        first, last = (datetime.combine(day, at, LONDON).astimezone(UTC) for at in (self.first, self.last))
        return first, last


class Job(TypedDict):
    """A job, as the settings name it. A daily job does something wrong if the clock is wrong. A slow job runs on the
    slow queue, for `longest` at most.
    """

    label: str
    task: str
    timetable: Timetable
    is_by_day: bool
    is_slow: bool
    longest: NotRequired[timedelta]


def find_due(timetable: Timetable, *, done_for: datetime | None, now: datetime) -> datetime | None:
    """Return the slot that isn't done yet; None if the newest is done.

    `done_for` is the newest slot that was done. One in the future came from a wrong clock and counts as none.
    """
    newest = timetable.newest_slot(now)
    is_done = done_for is not None and newest <= done_for <= now
    return None if is_done else newest


def find_first_missed(timetable: Timetable, *, done_for: datetime | None, now: datetime) -> datetime | None:
    """Return the first slot that isn't done: the job is due since then. For one that never ran, return the first slot
    of the newest slot's day."""
    newest = find_due(timetable, done_for=done_for, now=now)
    if newest is None:
        return None
    return timetable.next_slot(done_for) if done_for is not None and done_for <= now else timetable.begin(newest)


def is_late(timetable: Timetable, missed: datetime | None, *, now: datetime) -> bool:
    """Return whether it is late. A job that runs every few minutes in the daytime is never late at night."""
    if missed is None or (timetable.every is not None and not timetable.is_open(now)):
        return False
    return now - missed > LATE_AFTER


def is_running(*, started_at: datetime | None, ended_at: datetime | None, longest: timedelta, now: datetime) -> bool:
    """Return whether a job that started, and last `ended_at`, may still run. After `longest` it was stopped.

    A start in the future came from a wrong clock.
    """
    if started_at is None or (ended_at is not None and ended_at >= started_at):
        return False
    return timedelta(0) <= now - started_at < longest


def has_jumped(*, seen: datetime, now: datetime) -> bool:
    """Return whether the clock's time can hardly be right, compared with its time at the last wake."""
    return now - seen > MOST_FORWARD or seen - now > MOST_BACK


# --- Trying again --------------------------------------------------------------------------------------------------

# A worker sends within seconds of its claim. If it isn't confirmed after this, the worker was stopped.
STOPPED_AFTER = timedelta(minutes=5)
MOST_TRIES = 10  # the last try is about two days after the first


def is_tried_again(*, tries: int, tried_at: datetime, now: datetime) -> bool:
    """Return whether to try something unconfirmed again: five minutes after the first try, then after twice as long
    each time. What nobody has tried yet is due straight away.

    A try in the future was claimed with a wrong clock.
    """
    if tries >= MOST_TRIES:
        return False
    return tries == 0 or now - tried_at >= STOPPED_AFTER * 2 ** (tries - 1) or tried_at - now > MOST_BACK


# A fault in one area or one e-mail doesn't stop the others. The job does them first. Then it says in a sentence what
# failed.

__all__ = ["JobFailed", "OutOfTime", "SomeFailed", "describe_failed", "describe_fault", "for_each"]

logger = logging.getLogger(__name__)
MOST_NAMED = 3


class JobFailed(Exception):
    """A job isn't done, and we have to try it again. Its text is a sentence for the operator."""


class SomeFailed(JobFailed):
    """Some of many parts failed."""


def for_each[Thing, Done](things: Iterable[Thing], do: Callable[[Thing], Done]) -> Iterator[Done]:
    """Yield the result of each part as it is done.

    Logs each failure. Raises SomeFailed after the last part, if any failed. Raises OutOfTime straight away, if the
    task has had its time.
    """
    failed: list[str] = []
    for thing in things:
        try:
            done = do(thing)
        except OutOfTime:  # comes once, at whatever is being done, and its process has half a minute to live
            raise
        except JobFailed as fault:
            failed.append(f"{thing}: {fault}")
        except Exception as fault:
            logger.exception("%s failed. The others continue.", thing)
            failed.append(f"{thing}: {describe_fault(fault)}")
        else:
            yield done
    if failed:
        raise SomeFailed(describe_failed(failed))


def describe_failed(failed: list[str]) -> str:
    """Describe the failures: "Anytown: Disk full" with how many more there are."""
    more = len(failed) - MOST_NAMED
    return " ".join([*failed[:MOST_NAMED], *([f"And {more} more."] if more > 0 else [])])


def describe_fault(fault: Exception) -> str:
    """Describe what went wrong, in a sentence."""
    # An exception's text may have an e-mail address: show it to operators only.
    words = " ".join(str(fault).split())
    kind = type(fault).__name__
    return f"It stopped: {words.rstrip('.')} ({kind})." if words else f"It stopped ({kind})."
