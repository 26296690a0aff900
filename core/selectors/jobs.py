"""What is the state of each scheduled job?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings

from core.models import Claim, Clock, Job
from core.timetable import MOST_TRIES, Timetable, find_due, find_first_missed, is_late, is_running


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
    found = []
    for name, wanted in settings.JOBS.items():
        job, timetable = rows.get(name, Job(name=name)), wanted["timetable"]
        due = find_due(timetable, done_for=job.done_for, now=now)
        missed = find_first_missed(timetable, done_for=job.done_for, now=now)
        longest = wanted["longest"] if wanted["is_slow"] else None
        found.append(Standing(wanted["label"], timetable, wanted["is_by_day"], longest, job, due, missed))
    return found


def list_successes() -> dict[str, float]:
    """Return when each job last succeeded, in seconds since 1970. One query."""
    done = Job.objects.exclude(succeeded_at=None).values_list("name", "succeeded_at")
    return {name: moment.timestamp() for name, moment in done if name in settings.JOBS and moment}


def find_clock() -> Clock | None:
    """Return the clock, or None if no job has run yet. One query."""
    return Clock.objects.filter(pk=1).first()


def is_by_clock() -> bool:
    """Return whether scheduled jobs run here. Without a worker, somebody's own scheduler may run them."""
    return not settings.CELERY_TASK_ALWAYS_EAGER or find_clock() is not None


@dataclass(frozen=True, slots=True)
class LettersTried:
    """How many unsent e-mails we try again, when the last try was, and what went wrong."""

    number: int
    tried_at: datetime
    fault: str


def find_letters_tried() -> LettersTried | None:
    """Return them, or None if there are none. One query for each table with e-mails."""
    waiting: dict[str, Claim] = {}  # by their e-mail, which may have several rows
    for model in apps.get_models():
        if issubclass(model, Claim):
            # As in letters.list_unconfirmed: what nobody tries again must not alarm the operator without end.
            unsent = model._default_manager.filter(sent_at=None, tries__lt=MOST_TRIES)
            rows = unsent.exclude(fault="").exclude(message_id="").only("message_id", "claimed_at", "fault")
            waiting |= {row.message_id: row for row in rows}
    if not waiting:
        return None
    last = max(waiting.values(), key=lambda row: row.claimed_at)
    return LettersTried(len(waiting), last.claimed_at, last.fault)
