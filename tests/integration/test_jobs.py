"""Scheduled jobs: until it is done, once what was missed, and not by a clock that has jumped."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from billiard.exceptions import WorkerLostError
from celery.signals import task_failure
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.months import open_months
from core import jobs
from core.calendar import Month
from core.jobs import run_due_jobs, run_slow_job, trust_clock
from core.models import AuditEvent, Clock, Job
from core.tasks import run_due_jobs as woken
from core.tasks import run_job
from core.timetable import LONDON, OutOfTime, Timetable
from indicators.workflow import ReminderKind
from operations.health.presenters import make_jobs_page
from tests.integration.command_line import run
from tests.letters import fail_to_remind
from tests.scenarios import Town, make_operator, make_town, open_month

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
type Wake = Callable[[str], list[str]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("django.utils.timezone.now", lambda: at(text))


@pytest.fixture
def wake(set_clock: Callable[[str], None]) -> Wake:
    """Beat wakes us at a time: which jobs ran."""

    def run_at(text: str) -> list[str]:
        set_clock(text)
        return woken()

    return run_at


class Stub:
    """Two jobs: `morning`, which goes by the day, and `minute`, which doesn't. One whose name is in `broken` fails."""

    def __init__(self) -> None:
        self.broken: dict[str, Exception] = {}
        self.ran: list[str] = []

    def run(self, name: str) -> Callable[[], None]:
        def do() -> None:
            self.ran.append(name)
            if fault := self.broken.get(name):
                raise fault

        return do


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Stub:
    stub = Stub()
    settings.JOBS = {
        "minute": {
            "label": "Tidy",
            "task": "minute",
            "timetable": Timetable(every=timedelta(minutes=1)),
            "is_by_day": False,
            "is_slow": False,
        },
        "morning": {
            "label": "Remind",
            "task": "morning",
            "timetable": Timetable(first=time(8), last=time(20)),
            "is_by_day": True,
            "is_slow": False,
        },
    }
    monkeypatch.setattr(jobs, "import_string", stub.run)
    return stub


def read_page(now: str, *, is_watched: bool = True) -> dict[str, tuple[str, str, str]]:
    page = make_jobs_page(at(now))
    assert bool(page.idle) is not is_watched
    return {row.label: (row.state_label, row.sentence, row.error) for row in page.rows}


# --- Until it is done


def test_a_job_runs_once_for_its_morning(stub: Stub, wake: Wake):
    assert wake("2026-11-10T08:00:20") == ["minute", "morning"]
    assert wake("2026-11-10T08:01:20") == ["minute"]
    assert wake("2026-11-10T08:01:40") == []
    assert wake("2026-11-11T07:59") == ["minute"]
    assert wake("2026-11-11T08:05") == ["minute", "morning"]
    assert Job.objects.get(name="morning").done_for == at("2026-11-11T08:00")


def test_one_that_fails_is_tried_at_the_next_wake_and_stops_no_other(stub: Stub, wake: Wake):
    stub.broken = {"minute": ValueError("the disk is full."), "morning": OperationalError("the server is restarting\n")}
    assert wake("2026-11-10T08:00") == ["minute", "morning"]
    row = Job.objects.get(name="morning")
    assert (row.done_for, row.succeeded_at, row.failed_at) == (None, None, at("2026-11-10T08:00"))
    assert row.fault == "It stopped: the server is restarting (OperationalError)."
    stub.broken = {}
    assert wake("2026-11-10T08:01") == ["minute", "morning"]
    row.refresh_from_db()
    assert (row.done_for, row.succeeded_at) == (at("2026-11-10T08:00"), at("2026-11-10T08:01"))
    assert wake("2026-11-10T08:02") == ["minute"]


def test_one_whose_worker_was_killed_is_tried_at_the_next_wake(stub: Stub, wake: Wake):
    """Nothing is saved after its start."""
    stub.broken = {"morning": SystemExit()}  # type: ignore[dict-item]  # what no `except Exception` holds back
    with pytest.raises(SystemExit):
        wake("2026-11-10T08:00")
    stub.broken = {}
    assert wake("2026-11-10T08:01") == ["minute", "morning"]


# --- A slow one


@pytest.fixture
def slow(stub: Stub, set_clock, settings: Any) -> Stub:
    """It is eight, and `morning` is slow: ten minutes at most."""
    settings.JOBS["morning"] |= {"is_slow": True, "longest": timedelta(minutes=10)}
    set_clock("2026-11-10T08:00")
    return stub


def queued() -> list[tuple[str, timedelta]]:
    """What a wake hands over."""
    found: list[tuple[str, timedelta]] = []
    list(run_due_jobs(lambda name, longest: found.append((name, longest))))
    return found


def test_a_slow_one_is_handed_over_and_holds_up_no_other(slow: Stub):
    assert queued() == [("morning", timedelta(minutes=10))]
    assert slow.ran == ["minute"]
    assert queued() == [("morning", timedelta(minutes=10))]  # as nobody has taken it yet
    assert run_slow_job("morning") == ""
    assert (queued(), slow.ran) == ([], ["minute", "morning"])


def test_a_queue_that_is_away_stops_no_other(slow: Stub, settings: Any):
    settings.JOBS = dict(reversed(settings.JOBS.items()))  # the slow one comes first

    def fail(name: str, longest: timedelta) -> None:
        raise ConnectionError("Connection refused")

    assert [name for name, _ in run_due_jobs(fail)] == ["minute"]
    assert len(queued()) == 1


def test_a_second_message_does_nothing(slow: Stub):
    run_slow_job("morning")
    run_slow_job("morning")
    assert slow.ran == ["morning"]


def test_one_that_runs_is_not_handed_over_again_until_it_must_be_dead(slow: Stub, set_clock):
    slow.broken = {"morning": SystemExit()}  # type: ignore[dict-item]  # its worker is killed
    with pytest.raises(SystemExit):
        run_slow_job("morning")
    slow.broken = {}
    set_clock("2026-11-10T08:09:59")
    assert (queued(), run_slow_job("morning"), slow.ran.count("morning")) == ([], "", 1)
    set_clock("2026-11-10T08:10")
    assert (len(queued()), run_slow_job("morning"), slow.ran.count("morning")) == (1, "", 2)
    assert Job.objects.get(name="morning").done_for == at("2026-11-10T08:00")


def test_one_whose_process_was_killed_is_handed_over_at_the_next_wake(slow: Stub, set_clock):
    slow.broken = {"morning": SystemExit()}  # type: ignore[dict-item]
    with pytest.raises(SystemExit):
        run_slow_job("morning")
    set_clock("2026-11-10T08:01")
    task_failure.send(sender=run_job, exception=ValueError(), args=("morning",))
    assert queued() == []
    task_failure.send(sender=run_job, exception=WorkerLostError(), args=("morning",))
    assert len(queued()) == 1
    assert Job.objects.get(name="morning").fault == "Its process was killed."


def test_news_of_a_killed_process_that_come_late_free_nothing(slow: Stub, set_clock):
    slow.broken = {"morning": SystemExit()}  # type: ignore[dict-item]
    with pytest.raises(SystemExit):
        run_slow_job("morning")  # by another worker
    jobs.note_killed("morning", at("2026-11-10T08:00"))
    set_clock("2026-11-10T08:01")
    assert queued() == []


def test_one_that_failed_is_handed_over_at_the_next_wake(slow: Stub, set_clock):
    slow.broken = {"morning": OutOfTime()}
    with pytest.raises(OutOfTime):
        run_slow_job("morning")
    assert Job.objects.get(name="morning").fault == "It stopped: SoftTimeLimitExceeded() (SoftTimeLimitExceeded)."
    set_clock("2026-11-10T08:01")
    assert len(queued()) == 1


def test_a_start_by_a_clock_that_was_wrong_holds_nothing_up(slow: Stub):
    Job.objects.create(name="morning", started_at=at("2026-11-10T08:30"))
    run_slow_job("morning")
    assert slow.ran == ["morning"]


def test_of_two_workers_that_see_it_due_one_runs_it(slow: Stub, monkeypatch: pytest.MonkeyPatch):
    due = list(jobs.list_due(at("2026-11-10T08:00")))
    run_slow_job("morning")
    monkeypatch.setattr(jobs, "list_due", lambda now: iter(due))  # as the second one saw it before
    run_slow_job("morning")
    assert slow.ran == ["morning"]


def test_by_hand_and_without_redis_a_slow_one_runs_here(slow: Stub, wake: Wake):
    wake("2026-11-10T08:00")
    assert slow.ran == ["minute", "morning"]
    assert run("run_jobs").out == ""


def test_every_slow_job_of_the_product_says_how_long_it_may_take():
    slow = {name: job["longest"] for name, job in settings.JOBS.items() if job["is_slow"]}
    assert set(slow) == {
        "check-audit", "retention", "delete-old-bundles", "delete-unused-objects",
        "send-letters", "sweep-pack-bundles",
    }  # fmt: skip
    assert all(timedelta(minutes=1) < longest <= timedelta(minutes=30) for longest in slow.values())


# --- What was missed


@pytest.mark.parametrize(
    ("later", "ran"),
    [
        ("2026-11-10T19:30", ["minute", "morning"]),
        ("2026-11-10T22:00", ["minute"]),  # nobody is written to by night
        ("2026-11-12T09:00", ["minute", "morning"]),  # once, after two days
    ],
)
def test_after_an_outage_what_was_missed_is_made_good_once(stub: Stub, wake: Wake, later: str, ran: list[str]):
    wake("2026-11-09T08:00")
    assert wake(later) == ran
    assert stub.ran.count("morning") == ran.count("morning") + 1


# --- What an operator reads


def test_a_late_job_is_said_with_its_last_error(stub: Stub, wake: Wake):
    stub.broken = {"morning": ValueError("the disk is full")}
    wake("2026-11-10T08:00")
    assert read_page("2026-11-10T08:10")["Remind"][0] == "Due"
    assert read_page("2026-11-10T08:20")["Remind"] == (
        "Late",
        "It was due to run at 8:00 on 10 November 2026, but isn’t done. "
        "We last tried it at 8:00 on 10 November 2026, and try every minute while a worker runs.",
        "8:00 on 10 November 2026: It stopped: the disk is full (ValueError).",
    )
    stub.broken = {}
    wake("2026-11-10T08:21")
    state, sentence, error = read_page("2026-11-10T08:21")["Remind"]
    assert (state, sentence) == ("Done", "Done for 8:00 on 10 November 2026. Next at 8:00 on 11 November 2026.")
    assert error.startswith("8:00 on 10 November 2026: ")


def test_one_whose_worker_was_killed_says_that_it_has_not_ended(stub: Stub, wake: Wake):
    stub.broken = {"morning": SystemExit()}  # type: ignore[dict-item]
    with pytest.raises(SystemExit):
        wake("2026-11-10T08:00")
    assert (
        "It started at 8:00 on 10 November 2026. It is still running or was stopped."
        in (read_page("2026-11-10T08:20")["Remind"][1])
    )


def test_where_nothing_ever_ran_the_page_asks_for_beat_and_a_worker(stub: Stub, settings: Any):
    assert read_page("2026-11-10T08:20", is_watched=False)["Remind"][0] == "Not run"
    settings.CELERY_TASK_ALWAYS_EAGER = False
    assert "Check that beat and a worker are running." in read_page("2026-11-10T08:20")["Remind"][1]


def test_where_the_product_was_set_up_by_night_nothing_of_the_day_is_late(stub: Stub, wake: Wake):
    wake("2026-11-10T22:00")
    assert read_page("2026-11-10T22:20")["Remind"][:2] == (
        "Due",
        "Due since 8:00 on 10 November 2026. It runs at 8:00 on 11 November 2026.",
    )


def test_a_monitor_reads_which_job_is_late_and_no_error_in_its_words(stub: Stub, wake: Wake, set_clock, client: Client):
    stub.broken = {"morning": ValueError("secret@agency.example")}
    wake("2026-11-10T08:00")
    stub.broken = {}
    wake("2026-11-10T08:00:59")  # done
    assert (client.get("/healthz/jobs").status_code, client.get("/healthz/jobs").content) == (200, b"ok")
    set_clock("2026-11-11T08:20")
    answer = client.get("/healthz/jobs")
    assert answer.status_code == 503
    assert "Remind: late. It was due to run at 8:00 on 11 November 2026, but isn’t done." in answer.content.decode()
    assert "secret" not in answer.content.decode()
    assert client.get("/healthz").status_code == 200  # a load balancer keeps the server


def test_e_mails_that_could_not_be_sent_are_said(town: Town, set_clock):
    period, claimed_at = open_month(town, OCTOBER), at("2026-11-10T08:00")
    given_up = {"message_id": "<1@x>", "tries": 10, "claimed_at": claimed_at}
    fail_to_remind(period, town.police, town.lead, ReminderKind.SOON, **given_up)
    assert make_jobs_page(at("2026-11-10T09:00")).letters == ""
    refused = {"message_id": "<2@x>", "fault": "Connection refused", "claimed_at": claimed_at}
    fail_to_remind(period, town.police, town.lead, ReminderKind.DUE, **refused)
    assert make_jobs_page(at("2026-11-10T09:00")).letters == (
        "1 email could not be sent. We try again during the day for two days, with longer waits each time. "
        "Last error, 8:00 on 10 November 2026: Connection refused"
    )


# --- A clock that jumps


def test_a_clock_that_jumps_ahead_stops_what_goes_by_the_day(stub: Stub, wake: Wake):
    wake("2026-11-26T22:00")
    assert wake("2027-03-03T10:00") == ["minute"]
    page = make_jobs_page(at("2027-03-03T10:00"))
    assert page.doubt.startswith(
        "The clock of this machine has jumped: it showed 22:00 on 26 November 2026, and then 10:00 on 3 March 2027."
    )
    assert [(row.label, row.state_label) for row in page.rows] == [("Remind", "Waits"), ("Tidy", "Done")]


def test_a_clock_that_is_put_right_is_believed_by_itself(stub: Stub, wake: Wake):
    wake("2026-11-26T22:00")
    wake("2027-03-03T10:00")
    assert wake("2026-11-27T08:00") == ["minute", "morning"]
    assert Clock.objects.get().doubted_at is None


def test_what_a_clock_that_was_ahead_has_done_is_done_again_once_an_operator_says_that_it_is_right(
    stub: Stub, wake: Wake, set_clock
):
    wake("2026-11-30T09:00")  # within a week nothing tells a jump from an outage
    assert wake("2026-11-26T09:00") == ["minute"]
    trust_clock(by=None)
    assert wake("2026-11-26T09:01") == ["minute", "morning"]


def test_a_machine_that_was_off_for_two_days_goes_on_by_itself(stub: Stub, wake: Wake):
    wake("2026-11-26T22:00")
    assert wake("2026-11-28T22:00") == ["minute"]
    assert Clock.objects.get().doubted_at is None


def test_an_operator_says_on_the_page_that_the_date_is_right(stub: Stub, wake: Wake, client: Client):
    wake("2026-11-26T22:00")
    wake("2027-03-03T10:00")
    operator = make_operator()
    client.force_login(operator)
    page = client.get(reverse("jobs")).content.decode()
    assert "The date is right: continue" in page
    answer = client.post(reverse("jobs"), follow=True)
    assert "The jobs now use this clock." in answer.content.decode()
    assert "has jumped" not in answer.content.decode()
    event = AuditEvent.objects.get(verb="clock.trusted")
    assert (event.actor_id, event.details["before"][:10]) == (operator.pk, "2026-11-26")
    assert wake("2027-03-03T10:01") == ["minute", "morning"]


def test_the_command_runs_what_is_due_and_asks(stub: Stub, set_clock):
    set_clock("2026-11-26T09:00")
    assert run("run_jobs").out == "minute: done\nmorning: done\n"
    set_clock("2027-03-03T10:00")
    ran = run("run_jobs")
    assert (ran.status, ran.out) == (1, "minute: done\n")
    assert "has jumped" in ran.err
    assert "add --trust-clock" in ran.err
    assert run("run_jobs", "--trust-clock").out == "morning: done\n"
    stub.broken = {"minute": ValueError("no")}
    set_clock("2027-03-03T10:01")
    ran = run("run_jobs")
    assert (ran.status, ran.out) == (1, "minute: It stopped: no (ValueError).\n")


# --- The product's own


def test_every_task_of_the_timetable_runs(town: Town, set_clock, mailoutbox):
    set_clock("2026-10-01T09:00")
    open_month(town, OCTOBER)
    set_clock("2026-11-02T09:00")  # the first working day after October, when its lead hears of it
    assert [(name, fault) for name, fault in run_due_jobs() if fault] == []
    assert list(Job.objects.exclude(done_for=None).values_list("pk", flat=True)) == sorted(settings.JOBS)
    officer = town.people[Role.INFORMATION]  # gets the head of the record, which a job has checked
    assert sorted(mail.to for mail in mailoutbox) == sorted([[town.lead.email], [officer.email]])


def test_a_clock_that_shows_march_opens_no_month_in_november(set_clock):
    """Also at the first wake, when there is nothing to hold it against."""
    town = make_town()
    set_clock("2026-11-26T09:00")
    open_month(town, Month(2026, 11))
    set_clock("2027-03-03T10:00")
    assert dict(run_due_jobs())["open-the-month"] == (
        "Testford: the newest month is November 2026 and the clock says March 2027. 4 months would open together, so "
        "none opens until an operator confirms the date."
    )
    assert ReportingPeriod.objects.count() == 1
    assert [str(period.month) for period in open_months(is_confirmed=True)] == [
        "2026-12",
        "2027-01",
        "2027-02",
        "2027-03",
    ]
