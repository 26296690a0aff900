"""What an operator sees about scheduled jobs and checks, in plain words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from core.calendar import date_label
from core.jobs import Standing, find_clock, list_jobs
from core.models import Alarm, Clock
from core.timetable import Timetable
from operations.health.checks import LettersTried, find_letters_tried, is_by_clock
from operations.health.kinds import Check

ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. `state` is the class of its tag. `error` is its last error, whenever that was."""

    label: str
    when: str
    state: str
    state_label: str
    sentence: str
    error: str


@dataclass(frozen=True, slots=True)
class JobsPage:
    """The page of jobs.

    `rows` start with the ones that have a problem. `doubt` says that the clock has jumped. `idle` says that no
    scheduled jobs run here. `letters` says that e-mails could not be sent.
    """

    rows: list[JobRow]
    doubt: str
    idle: str
    letters: str
    now: str

    @property
    def late(self) -> int:
        return len([row for row in self.rows if row.state == "problem"])


def make_jobs_page(now: datetime) -> JobsPage:
    """Make the page, with a constant number of queries."""
    clock, is_watched = find_clock(), is_by_clock()
    doubted = clock is not None and clock.doubted_at is not None
    rows = [make_row(standing, now=now, is_doubted=doubted, is_watched=is_watched) for standing in list_jobs(now)]
    return JobsPage(
        rows=sorted(rows, key=lambda row: row.state != "problem"),
        doubt=describe_doubt(clock),
        idle=""
        if is_watched
        else "No scheduled jobs run here, because there is no worker. Opening a month’s page brings it up to date. "
        "For the rest, run manage.py run_jobs.",
        letters=describe_letters(find_letters_tried()),
        now=describe_moment(now),
    )


def make_row(standing: Standing, *, now: datetime, is_doubted: bool, is_watched: bool) -> JobRow:
    job, missed = standing.job, standing.missed
    if missed is None:
        state, label = "done", "Done"
        following = describe_moment(standing.timetable.next_slot(now))
        sentence = f"Done for {describe_moment(job.done_for or now)}. Next at {following}."
    elif not is_watched:
        state, label, sentence = "none", "Not run", f"It was due to run at {describe_moment(missed)}."
    elif is_doubted and standing.is_by_day:
        state, label, sentence = "problem", "Waits", "This job runs daily. It waits until the clock is right."
    elif standing.is_late(now):
        state, label = "problem", "Late"
        sentence = f"It was due to run at {describe_moment(missed)}, but isn’t done. {describe_try(standing, now=now)}"
    else:
        state, label = "open", "Due"
        sentence = f"Due since {describe_moment(missed)}. {describe_try(standing, now=now)}"
    return JobRow(standing.label, describe_when(standing.timetable), state, label, sentence, describe_error(standing))


def describe_try(standing: Standing, *, now: datetime) -> str:
    """Describe the last try, and when the next one is."""
    job = standing.job
    ended = max(filter(None, (job.succeeded_at, job.failed_at)), default=None)
    if not standing.timetable.is_open(now):
        return f"It runs at {describe_moment(standing.timetable.next_slot(now))}."
    if job.started_at is None:
        return "It has never started. Check that beat and a worker are running."
    if ended is None or job.started_at > ended:
        began = describe_moment(job.started_at)
        return f"It started at {began}. It is still running or was stopped. We try it every minute."
    return f"We last tried it at {describe_moment(job.started_at)}, and try every minute while a worker runs."


def describe_error(standing: Standing) -> str:
    job = standing.job
    return f"{describe_moment(job.failed_at)}: {job.fault}" if job.failed_at else ""


def describe_when(timetable: Timetable) -> str:
    """ "each day at 8:00", "every minute", "every 10 minutes from 8:00 to 17:59"."""
    first, last = (f"{at.hour}:{at.minute:02}" for at in (timetable.first, timetable.last))
    if timetable.every is None:
        return f"each day at {first}"
    minutes = timetable.every // ONE_MINUTE
    often = "every minute" if minutes == 1 else f"every {minutes} minutes"
    return often if (first, last) == ("0:00", "23:59") else f"{often} from {first} to {last}"


def describe_doubt(clock: Clock | None) -> str:
    """Say that the clock has jumped; empty if it hasn’t."""
    if clock is None or clock.doubted_at is None:
        return ""
    return (
        f"The clock of this machine has jumped: it showed {describe_moment(clock.seen_at)}, and then "
        f"{describe_moment(clock.doubted_at)}. Until the clock is right or you confirm it, months don’t open, "
        f"emails wait, and nothing old is deleted."
    )


def describe_letters(tried: LettersTried | None) -> str:
    if tried is None:
        return ""
    many = f"{tried.number} email{'' if tried.number == 1 else 's'}"
    return (
        f"{many} could not be sent. We try again during the day for two days, with longer waits each time. Last "
        f"error, {describe_moment(tried.tried_at)}: {tried.fault}"
    )


def describe_moment(moment: datetime) -> str:
    """ "8:05 on 26 November 2026"."""
    local = timezone.localtime(moment)
    return f"{local.hour}:{local.minute:02} on {date_label(local.date())}"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check. `since` says since when it fails; `todo` names the heading in the manual."""

    label: str
    is_well: bool
    sentence: str
    since: str
    todo: str
    took: str


@dataclass(frozen=True, slots=True)
class StatePage:
    """The page of checks: what fails first. `alarms` says who is told, and `past` lists the newest alarms."""

    ill: list[CheckRow]
    well: list[CheckRow]
    alarms: str
    past: list[str]
    now: str

    @property
    def total(self) -> int:
        return len(self.ill) + len(self.well)


def make_state_page(checks: list[Check], alarms: list[Alarm], *, recipients: list[str], now: datetime) -> StatePage:
    since = {alarm.name: alarm.since for alarm in alarms if alarm.over_at is None}
    rows = [
        CheckRow(
            label=check.label,
            is_well=check.is_well,
            sentence=check.sentence,
            since="" if check.is_well or check.name not in since else f"Since {describe_moment(since[check.name])}.",
            todo="" if check.is_well else f"If the check {check.name} fails",
            took=f"{check.seconds * 1000:.0f} ms",
        )
        for check in checks
    ]
    return StatePage(
        ill=[row for row in rows if not row.is_well],
        well=[row for row in rows if row.is_well],
        alarms=f"If something is wrong for five minutes, we write to {', '.join(recipients)}: once an hour at most."
        if recipients
        else "No one gets emails about alarms. Set ALARMS_TO to the addresses of those who should.",
        past=[describe_alarm(alarm) for alarm in alarms if alarm.over_at is not None],
        now=f"at {describe_moment(now)}",
    )


def describe_alarm(alarm: Alarm) -> str:
    source = settings.CHECKS.get(alarm.name)
    label = source["label"] if source else alarm.name
    ended = describe_moment(alarm.over_at) if alarm.over_at else ""
    return f"{label}, from {describe_moment(alarm.since)} to {ended}: {alarm.sentence}"


def describe_health(now: datetime) -> list[str]:
    """Return a line for each problem, for a monitoring tool. Leave out the text of errors: the public can read this."""
    page = make_jobs_page(now)
    late = [f"{row.label}: {row.state_label.lower()}. {row.sentence}" for row in page.rows if row.state == "problem"]
    return [
        *(["The clock has jumped."] if page.doubt else []),
        *(["Emails could not be sent."] if page.letters else []),
        *late,
    ]
