"""Two workers that send reminders at once: each reminder goes out once."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction

from boards.rules import Role
from core.calendar import Month
from core.database import Areas
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail.daily import Occasion
from core.models import OutboxEntry
from indicators.services.letters import REMINDERS, find_reminders, send_again
from tests.factories import make_member
from tests.integration.at_once import WAIT, WORKERS, by_all
from tests.letters import claimed_rows, send_on, told_of
from tests.scenarios import Town, make_town, open_month

pytestmark = pytest.mark.both_databases

OCTOBER, SOON = Month(2026, 10), date(2026, 11, 5)


@pytest.fixture
def town(shared_database: str) -> Town:
    """October is open, and the police have eight leads."""
    town = make_town()
    open_month(town, OCTOBER)
    for _ in range(7):
        make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    return town


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(WORKERS) as pool:
        yield pool


def test_several_workers_send_each_reminder_once(town: Town, others: ThreadPoolExecutor, monkeypatch, mailoutbox):
    have_looked = threading.Barrier(WORKERS)

    def look(today: date, areas: Areas = None) -> list[Occasion]:
        """Every worker has seen that nothing is claimed, before the first claims."""
        due = list(find_reminders(today))
        have_looked.wait(WAIT)
        return due

    looking = replace(REMINDERS, find=look)

    def run() -> int:
        return send_on(SOON, looking)

    assert sum(by_all(others, run)) == 8
    assert len(mailoutbox) == 8
    assert set(Counter(mail.to[0] for mail in mailoutbox).values()) == {1}
    reminders = told_of(LetterKind.RETURNS)
    assert reminders.filter(sent_at__isnull=False).count() == reminders.count() == 8


def test_two_coordinators_send_a_failed_one_again_once(town: Town, others: ThreadPoolExecutor, mailoutbox):
    claimed, *_ = (row for rows in claimed_rows(REMINDERS, today=SOON) for row in rows)
    claimed.fault = "The server was down"
    claimed.save()
    start = threading.Barrier(WORKERS)

    def press() -> bool:
        start.wait(WAIT)
        try:
            send_again(claimed, by=town.coordinator)
        except TransitionRefused:
            return False
        return True

    assert by_all(others, press).count(True) == 1
    assert [mail.to for mail in mailoutbox] == [[claimed.person.email]]


def test_a_claim_is_never_made_in_a_transaction_that_is_still_open(town: Town):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        next(claimed_rows(REMINDERS, today=SOON))[0]
    assert OutboxEntry.objects.count() == 0


def test_a_claim_can_be_seen_by_others_before_it_is_sent(town: Town, others: ThreadPoolExecutor):
    claimed = next(claimed_rows(REMINDERS, today=SOON))[0]
    assert by_all(others, lambda: OutboxEntry.objects.filter(pk=claimed.pk).exists()) == [True] * WORKERS
