"""How do the jobs stand that run by the clock?"""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.conf import settings

from core.models import Claim, Clock, Job
from core.timetable import MOST_TRIES, Timetable, find_due, find_first_missed, is_late


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands: `due` is the newest moment at which it was to run, `missed` the first that isn't done; None
    where it is done."""

    label: str
    timetable: Timetable
    is_by_day: bool
    job: Job
    due: datetime | None
    missed: datetime | None

    def is_late(self, now: datetime) -> bool:
        if self.job.started_at is None and not self.timetable.is_open(now):
            return False  # the product was set up since
        return is_late(self.timetable, self.missed, now=now)


def list_jobs(now: datetime) -> list[Standing]:
    """Every job of the settings, in their order. One query."""
    rows = {row.name: row for row in Job.objects.all()}
    found = []
    for name, wanted in settings.JOBS.items():
        job, timetable = rows.get(name, Job(name=name)), wanted["timetable"]
        due = find_due(timetable, done_for=job.done_for, now=now)
        missed = find_first_missed(timetable, done_for=job.done_for, now=now)
        found.append(Standing(wanted["label"], timetable, wanted["is_by_day"], job, due, missed))
    return found


def find_clock() -> Clock | None:
    """None where no job has been woken yet. One query."""
    return Clock.objects.filter(pk=1).first()


def is_by_clock() -> bool:
    """Whether anything runs by the clock here: where there is no worker, somebody's own scheduler may run the jobs."""
    return not settings.CELERY_TASK_ALWAYS_EAGER or find_clock() is not None


@dataclass(frozen=True, slots=True)
class LettersTried:
    """How many rows of e-mails could not be sent and are tried again; when the last try was, and what went wrong."""

    number: int
    tried_at: datetime
    fault: str


def find_letters_tried() -> LettersTried | None:
    """None where there are none. A query for each table that tells of something by e-mail."""
    waiting: dict[str, Claim] = {}  # by their e-mail: what one tells of stands in several rows
    for model in apps.get_models():
        if issubclass(model, Claim):
            unsent = model._default_manager.filter(sent_at=None, tries__lt=MOST_TRIES)
            rows = unsent.exclude(fault="").exclude(message_id="").only("message_id", "claimed_at", "fault")
            waiting |= {row.message_id: row for row in rows}
    if not waiting:
        return None
    last = max(waiting.values(), key=lambda row: row.claimed_at)
    return LettersTried(len(waiting), last.claimed_at, last.fault)
