"""One alarm by mail when something stays wrong, one when it works again, and no more."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.conf import settings as real_settings
from django.core import mail
from django.db import IntegrityError
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.models import Alarm, OutboxEntry
from operations.health.alarms import watch
from operations.health.kinds import Check
from tests.integration.command_line import run

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ILL = Check("mail", is_well=False, sentence="Emails wait: 3.", label="Emails")
WELL = Check("mail", is_well=True, sentence="None waits.", label="Emails")


@pytest.fixture(autouse=True)
def _told(settings):
    settings.ALARMS_TO = ["duty@council.example", "night@council.example"]


@pytest.fixture
def at(monkeypatch):
    """Watch at a minute after noon, with what the check finds then. Return the subjects sent so far."""

    def look(minute: float, *checks: Check) -> list[str]:
        now = NOON + minute * MINUTE
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        watch(list(checks), now)
        return [message.subject for message in mail.outbox]

    return look


WRONG, AGAIN = "Emails: something is wrong (V+V Dashboard)", "Emails: it works again (V+V Dashboard)"


def test_what_is_wrong_for_a_moment_wakes_nobody(at):
    at(0, ILL)
    at(4, ILL)
    assert at(5, WELL) == []
    assert at(6, WELL) == []


def test_what_stays_wrong_is_told_once_and_its_end_too(at):
    assert at(0, ILL) == []
    assert at(5, ILL) == [WRONG]
    for minute in range(6, 240):
        at(minute, ILL)
    assert at(240, ILL) == [WRONG]
    assert at(241, WELL) == [WRONG, AGAIN]
    assert at(242, WELL) == [WRONG, AGAIN]
    assert {tuple(message.to) for message in mail.outbox} == {("duty@council.example", "night@council.example")}


def test_it_says_since_when_where_to_look_and_what_to_do(at):
    at(0, ILL)
    at(5, ILL)
    words = mail.outbox[0].body

    assert "Something has been wrong since 10 November 2026, 12:00: Emails wait: 3." in words
    assert 'under "If the check mail fails"' in words
    assert f"{real_settings.SITE_URL}/operator/state/" in words


def test_what_comes_and_goes_is_told_once_an_hour(at):
    """Six minutes wrong, one right, for eight hours."""
    told = []
    for minute in range(8 * 60):
        told = at(minute, WELL if minute % 7 == 6 else ILL)
    assert 6 <= told.count(WRONG) <= 8
    begun = list(Alarm.objects.exclude(told_at=None).order_by("told_at"))
    assert all(two.told_at - one.told_at >= timedelta(hours=1) for one, two in pairwise(begun))


def test_a_mail_server_that_is_down_gets_it_later(at, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError("no route")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        at(0, ILL)
        at(5, ILL)
    assert mail.outbox == []
    assert at(9, ILL) == []  # its next try is five minutes after the first
    assert at(10, ILL) == [WRONG]
    assert at(30, ILL) == [WRONG]


def test_a_worker_killed_before_it_sent_is_made_good_under_the_same_name(at, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("core.mail.letters.deliver", lambda *_args: "")
        at(0, ILL)
        at(5, ILL)
    name = OutboxEntry.objects.get().message_id
    assert at(11, ILL) == [WRONG]
    assert mail.outbox[0].extra_headers["Message-ID"] == name


def test_without_anybody_to_tell_nothing_waits(at, settings):
    settings.ALARMS_TO = []
    at(0, ILL)
    at(5, ILL)
    assert mail.outbox == []
    assert Alarm.objects.get().over_at is None
    settings.ALARMS_TO = ["duty@council.example"]
    assert at(6, ILL) == []  # an alarm from before


@pytest.mark.both_databases
def test_two_workers_open_one_alarm(at):
    at(0, ILL)
    with pytest.raises(IntegrityError):
        Alarm.objects.create(name="mail", since=NOON)


def test_a_check_that_no_longer_exists_is_over(at):
    Alarm.objects.create(name="gone", since=NOON, sentence="It is wrong.")
    at(5)
    assert Alarm.objects.get(name="gone").over_at == NOON + 5 * MINUTE


def test_old_alarms_are_deleted(at):
    at(0, ILL)
    at(1, WELL)
    at(366 * 24 * 60, WELL)
    assert Alarm.objects.count() == 0


def test_the_job_watches(monkeypatch):
    monkeypatch.setitem(real_settings.CHECKS["clock"], "check", "tests.integration.test_alarms.is_wrong")
    run("run_jobs")
    assert ("clock", "It is wrong.") in Alarm.objects.values_list("name", "sentence")


def is_wrong(now: datetime):
    return False, "It is wrong."


@examples(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(st.booleans(), max_size=90))
def test_whatever_happens_nobody_gets_an_end_without_a_beginning(at, found):
    Alarm.objects.all().delete()
    mail.outbox.clear()
    for minute, is_well in enumerate(found):
        subjects = at(minute, WELL if is_well else ILL)
        assert subjects == [WRONG, AGAIN] * (len(subjects) // 2) + [WRONG] * (len(subjects) % 2)
    assert Alarm.objects.filter(over_at=None).count() <= 1
