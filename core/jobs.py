"""Run every job that is due, until it is done, and say how the jobs and the clock are.

Beat only wakes us every minute (core.tasks.run_due_jobs). The jobs' rows say what is due, so nothing depends on a
message, a worker or beat's own file. A job that failed, or whose worker was killed, is still due at the next wake. Each
job may run twice, or in two workers at the same time, and does nothing twice.

A slow job is handed over to another worker, so that the others don't wait for it (docs/adr/0041).
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core import audit
from core.models import Clock, Job, User
from core.timetable import (
    JobFailed,
    OutOfTime,
    Timetable,
    describe_fault,
    find_due,
    find_first_missed,
    has_jumped,
    is_late,
    is_running,
)

# A clock may be wrong.
#
# One that shows March in November would open four months. It would remind everybody of returns that aren't due, and
# delete data too early. So each wake compares it with the wake before (core.timetable.has_jumped), and asks an
# operator.


@transaction.atomic
def look_at_clock(now: datetime) -> Clock:
    """Compare the clock with its last time, and save either its new time or the doubt. Once somebody corrects the
    clock, we trust it again automatically."""
    # Locked: without it, this could overwrite what an operator confirms at the same moment.
    clock, is_first = Clock.objects.select_for_update().get_or_create(pk=1, defaults={"seen_at": now})
    if is_first:
        return clock
    if has_jumped(seen=clock.seen_at, now=now):
        # Keep seen_at: the next wake must compare with the last time that was right.
        clock.doubted_at = now
    else:
        clock.seen_at, clock.doubted_at = now, None
    clock.save(update_fields=["seen_at", "doubted_at"])
    return clock


@transaction.atomic
def trust_clock(*, by: User | None) -> Clock:
    """Trust the clock, because an operator confirms it. Jobs then use it, and months open up to its date."""
    now = timezone.now()
    clock, _ = Clock.objects.select_for_update().get_or_create(pk=1, defaults={"seen_at": now})
    before = clock.seen_at
    clock.seen_at = clock.trusted_at = now
    clock.doubted_at = None
    clock.save()
    audit.record("clock.trusted", clock, by=by, before=before.isoformat())
    return clock


def get_trusted_day() -> date | None:
    """Return the day on which an operator last confirmed the clock. One query."""
    trusted_at = Clock.objects.filter(pk=1).values_list("trusted_at", flat=True).first()
    return timezone.localdate(trusted_at) if trusted_at else None


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a job. `due` is the newest time at which it should run. `missed` is the first one that isn't done,
    or None."""

    label: str
    timetable: Timetable
    is_by_day: bool
    longest: timedelta | None  # of a slow job
    job: Job
    due: datetime | None
    missed: datetime | None

    def is_late(self, now: datetime) -> bool:
        if self.job.started_at is None and not self.timetable.is_open(now):
            return False  # somebody has set up the product since then
        return is_late(self.timetable, self.missed, now=now)

    def is_running(self, now: datetime) -> bool:
        """Return whether a worker runs this slow job."""
        ended_at = max((end for end in (self.job.succeeded_at, self.job.failed_at) if end), default=None)
        return self.longest is not None and is_running(
            started_at=self.job.started_at, ended_at=ended_at, longest=self.longest, now=now
        )


def list_jobs(now: datetime) -> list[Standing]:
    """Return every job of the settings, in order. One query."""
    rows = {row.name: row for row in Job.objects.all()}
    standings = []
    for name, wanted in settings.JOBS.items():
        job, timetable = rows.get(name, Job(name=name)), wanted["timetable"]
        due = find_due(timetable, done_for=job.done_for, now=now)
        missed = find_first_missed(timetable, done_for=job.done_for, now=now)
        longest = wanted["longest"] if wanted["is_slow"] else None
        standings.append(Standing(wanted["label"], timetable, wanted["is_by_day"], longest, job, due, missed))
    return standings


def find_clock() -> Clock | None:
    """Return the clock, or None if no job has run yet. One query."""
    return Clock.objects.filter(pk=1).first()


logger = logging.getLogger(__name__)
LONGEST_FAULT: int = Job._meta.get_field("fault").max_length or 0


def run_due_jobs(hand_over: Callable[[str, timedelta], object] | None = None) -> Iterator[tuple[str, str]]:
    """Run what is due and may run at this time of day, one job after the other. Yield each with its fault, or nothing.

    `hand_over` gets the name of each slow job that nobody runs, and how long it may take. Without it, slow jobs run
    here too. If the clock is doubted, daily jobs wait.
    """
    now = timezone.now()
    for standing, due in list_due(now):
        if standing.longest is None or hand_over is None:
            yield standing.job.name, run_job(standing.job.name, due)
        elif not standing.is_running(now):
            try:
                hand_over(standing.job.name, standing.longest)
            except Exception:
                logger.exception("We couldn't queue the job %s. We will try again at the next run.", standing.job.name)


def run_slow_job(name: str) -> str:
    """Run a job that was handed over, unless another worker runs it or has done it since. Return its fault."""
    now = timezone.now()
    for standing, due in list_due(now):
        if standing.job.name == name and not standing.is_running(now) and _note_start(standing.job, now):
            return run_job(name, due)
    return ""


def note_killed(name: str, at: datetime) -> None:
    """Save that the process of a slow job ended, so that the job no longer counts as running. Not if it has started
    again since then."""
    Job.objects.filter(name=name, started_at__lt=at).update(failed_at=at, fault="Its process was killed.")


def list_due(now: datetime) -> Iterator[tuple[Standing, datetime]]:
    """Yield what is due and may run now, with the time that it is due for."""
    is_doubted = look_at_clock(now).doubted_at is not None
    for standing in list_jobs(now):
        if standing.due is not None and standing.timetable.is_open(now) and not (is_doubted and standing.is_by_day):
            yield standing, standing.due


def _note_start(job: Job, now: datetime) -> bool:
    """Return False if another worker has started it since we looked."""
    Job.objects.get_or_create(name=job.name)
    return Job.objects.filter(name=job.name, started_at=job.started_at).update(started_at=now) == 1


def run_job(name: str, due: datetime) -> str:
    """Run a job for its due time. Return why it failed, or nothing.

    Raises OutOfTime, and none of the job's own errors: one that fails must not stop the others.
    """
    run: Callable[[], object] = import_string(settings.JOBS[name]["task"])
    try:
        _note(name, started_at=timezone.now())
        run()
        _note(name, done_for=due, succeeded_at=timezone.now())
    except JobFailed as failed:
        logger.warning("The job %s isn't done. We will try it again: %s", name, failed)
        return _note_fault(name, str(failed))
    except OutOfTime as stopped:
        _note_fault(name, describe_fault(stopped))
        raise  # its process has half a minute to live
    except Exception as broken:
        logger.exception("The job %s failed. We will try it again.", name)
        return _note_fault(name, describe_fault(broken))
    return ""


def note_success(name: str) -> None:
    """Note that something was done now which isn't a scheduled job of ours, such as a backup. Raises nothing: on a full
    disk, or in the database of an older release, it is done all the same."""
    try:
        _note(name, succeeded_at=timezone.now())
    except Error as fault:
        logger.warning("The %s is done, but the database could not note it: %s", name, fault)


def _note(name: str, **fields: object) -> None:
    Job.objects.update_or_create(name=name, defaults=fields)


def _note_fault(name: str, fault: str) -> str:
    """Save the fault. If the database is down, we can't, but the job is still due."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        _note(name, failed_at=timezone.now(), fault=fault[:LONGEST_FAULT])
    except Error:
        logger.exception("The job %s failed, and we could not record that.", name)
    return fault
