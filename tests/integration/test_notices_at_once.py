"""Several workers that tell people at once: nothing is told twice; and a page's hint, which runs after its form."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from django.middleware.csrf import get_token
from django.test import RequestFactory
from django.utils import timezone

from actions.models import Challenge
from actions.services.letters import NOTICES, find_notices, send_notices_again
from boards.rules import Role
from core.database import Areas
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail.daily import Occasion
from core.mail.letters import claim_again
from core.models import OutboxEntry, SentForm, User
from tests.challenging import QUESTION, ask, make_strand
from tests.factories import make_member
from tests.integration.at_once import WAIT, WORKERS, by_all
from tests.letters import claimed_rows, let_another_day_come, let_it_be_day, send_on, told_of
from tests.planning import unmeasured
from tests.scenarios import Town, make_town
from tests.visiting import signed_in

pytestmark = pytest.mark.both_databases

SOON = date(2026, 11, 6)
DUE = date(2026, 11, 11)


@pytest.fixture
def owners(town: Town) -> list[User]:
    """Six people who own two actions each that are due soon."""
    people = [make_member(town.area, Role.BOARD_MEMBER, board=town.csp) for _ in range(6)]
    for owner in people * 2:
        unmeasured(town, owner=owner, due_on=DUE)
    return people


@pytest.fixture
def town(shared_database: str) -> Town:
    return make_town()


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(WORKERS) as pool:
        yield pool


def test_several_workers_tell_each_person_once(town, owners, others: ThreadPoolExecutor, monkeypatch, mailoutbox):
    """Every worker has seen that nothing is claimed before the first claims."""
    have_looked = threading.Barrier(WORKERS)

    def look(today: date, areas: Areas = None) -> list[Occasion]:
        due = find_notices(today)
        have_looked.wait(WAIT)
        return due

    looking = replace(NOTICES, find=look)
    assert sum(by_all(others, lambda: send_on(SOON, looking))) == 6
    assert Counter(mail.to[0] for mail in mailoutbox) == {owner.email: 1 for owner in owners}
    notes = told_of(LetterKind.ACTIONS)
    assert notes.filter(sent_at__isnull=False).count() == notes.count() == 12


def test_what_another_worker_claimed_drops_out_of_an_email(town, owners, monkeypatch, mailoutbox):
    """One looked before the second action of each was due, and told of the first on another day."""
    first = find_notices(SOON)
    early = replace(NOTICES, find=lambda today, areas: [each for each in first if each.thing.action.number <= 6])
    assert send_on(SOON, early) == 6
    let_another_day_come()
    assert send_on(SOON, replace(NOTICES, find=lambda today, areas: first)) == 6
    assert [mail.subject.count("action A") for mail in mailoutbox] == [1] * 12
    assert told_of(LetterKind.ACTIONS).count() == 12


def test_two_coordinators_send_it_again_once(town: Town, owners, others: ThreadPoolExecutor, mailoutbox):
    claimed = next(claimed_rows(NOTICES, today=SOON))
    told_of(LetterKind.ACTIONS).update(fault="The server was down")
    start = threading.Barrier(WORKERS)

    def press() -> bool:
        start.wait(WAIT)
        try:
            send_notices_again(town.area, claimed[0].person, by=town.coordinator)
        except TransitionRefused:
            return False
        return True

    assert by_all(others, press).count(True) == 1
    assert [mail.to for mail in mailoutbox] == [[claimed[0].person.email]]


def test_a_claim_is_never_made_in_a_transaction_that_is_still_open(town: Town, owners):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        next(claimed_rows(NOTICES, today=SOON))
    assert OutboxEntry.objects.count() == 0


def test_nor_is_a_claim_for_another_try(town: Town, owners):
    claimed = next(claimed_rows(NOTICES, today=SOON))
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        claim_again(claimed)
    assert set(told_of(LetterKind.ACTIONS).values_list("tries", flat=True)) == {claimed[0].tries}


def test_a_claim_can_be_seen_by_others_before_it_is_sent(town: Town, owners, others: ThreadPoolExecutor):
    pks = {notice.pk for notice in next(claimed_rows(NOTICES, today=SOON))}
    seen = by_all(others, lambda: set(told_of(LetterKind.ACTIONS).values_list("pk", flat=True)))
    assert seen == [pks] * WORKERS


@pytest.fixture
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    let_it_be_day(monkeypatch)
    real = timezone.localdate
    monkeypatch.setattr(
        "django.utils.timezone.localdate", lambda moment=None: real(moment) if moment else date(2026, 11, 4)
    )


def test_the_form_that_raises_a_challenge_has_its_answerer_told(town: Town, wednesday, mailoutbox):
    """The form is taken once, in a transaction of its own: the task begins when that has ended."""
    strand, member = make_strand(town), town.people[Role.BOARD_MEMBER]
    client = signed_in(town.people[Role.STRATEGIC])
    typed = {
        "question": QUESTION,
        "to": f"board-{town.csp.pk}-{member.pk}",
        "due_on": "18 11 2026",
        "csrfmiddlewaretoken": get_token(RequestFactory().get("/")),
    }
    for _ in range(2):
        assert client.post(f"/testford/challenges/raise/?strand={strand.code}", typed).status_code == 302
    assert SentForm.objects.count() == Challenge.objects.count() == told_of(LetterKind.CHALLENGES).count() == 1
    assert [mail.to for mail in mailoutbox] == [[member.email]]


def test_a_form_that_fails_tells_nobody(town: Town, wednesday, mailoutbox, monkeypatch):
    challenge = ask(town)
    client = signed_in(town.people[Role.BOARD_MEMBER])
    client.post(challenge.get_absolute_url(), {"act": "answer", "answer-text": "", "answer-seen": "1"})
    assert mailoutbox == []


def test_a_queue_that_is_away_stops_no_answer(town: Town, wednesday, mailoutbox, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("core.tasks.send_letters.delay", fail)
    challenge = ask(town)
    client = signed_in(town.people[Role.BOARD_MEMBER])
    typed = {"act": "answer", "answer-text": "It is done.", "answer-seen": "1"}
    assert client.post(challenge.get_absolute_url(), typed).status_code == 302
    challenge.refresh_from_db()
    assert challenge.state == "answered"
