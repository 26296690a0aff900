"""Run every job that is due, until it is done.

Beat only wakes us every minute (core.tasks.run_due_jobs). The jobs' rows say what is due, so nothing depends on a
message, a worker or beat's own file. A job that failed, or whose worker was killed, is still due at the next wake. Each
job may run twice, or in two workers at the same time, and does nothing twice.

A slow job is handed over to another worker, so that the others don't wait for it (docs/adr/0041).
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from core.jobs import JobFailed, OutOfTime, describe_fault
from core.models import Job
from core.selectors.jobs import Standing, list_jobs
from core.services.clock import look_at_clock

logger = logging.getLogger(__name__)
LONGEST_FAULT: int = Job._meta.get_field("fault").max_length or 0


def run_due_jobs(hand_over: Callable[[str, timedelta], object] | None = None) -> Iterator[tuple[str, str]]:
    """Run what is due and may run at this time of day, one job after the other. Yield each with its fault, or nothing.

    `hand_over` gets the name of each slow job that nobody runs, and how long it may take. Without it, slow jobs run
    here too. If the clock is doubted, daily jobs wait.
    """
    now = timezone.now()
    for each, due in list_due(now):
        if each.longest is None or hand_over is None:
            yield each.job.name, run_job(each.job.name, due)
        elif not each.is_running(now):
            try:
                hand_over(each.job.name, each.longest)
            except Exception:
                logger.exception("We couldn't queue the job %s. The next wake tries again.", each.job.name)


def run_slow_job(name: str) -> str:
    """Run a job that was handed over, unless another worker runs it or has done it since. Return its fault."""
    now = timezone.now()
    for each, due in list_due(now):
        if each.job.name == name and not each.is_running(now) and _note_start(each.job, now):
            return run_job(name, due)
    return ""


def note_killed(name: str, at: datetime) -> None:
    """Save that the process of a slow job ended, so that the job no longer counts as running. Not if it has started
    again since then."""
    Job.objects.filter(name=name, started_at__lt=at).update(failed_at=at, fault="Its process was killed.")


def list_due(now: datetime) -> Iterator[tuple[Standing, datetime]]:
    """Yield what is due and may run now, with the time that it is due for."""
    is_doubted = look_at_clock(now).doubted_at is not None
    for each in list_jobs(now):
        if each.due is not None and each.timetable.is_open(now) and not (is_doubted and each.is_by_day):
            yield each, each.due


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


def _note(name: str, **fields: object) -> None:
    Job.objects.update_or_create(name=name, defaults=fields)


def _note_fault(name: str, fault: str) -> str:
    """Save the fault. If the database is down, we can't, but the job is still due."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        _note(name, failed_at=timezone.now(), fault=fault[:LONGEST_FAULT])
    except Error:
        logger.exception("The job %s failed, and we could not save that.", name)
    return fault
