"""After a page changes whose turn it is, we look for e-mails in that area, and not in all others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string

from boards.models import Membership
from boards.rules import Role
from core.audit_log import sealing
from core.calendar import Month, this_or_last_working_day
from core.letter_kinds import LetterKind
from core.mail import daily
from core.mail.daily import Source, load_sources
from core.models import AuditChain
from core.tasks import send_letters, send_letters_in
from core.timetable import JobFailed
from tests.challenging import ask
from tests.integration.test_constraints import Rows, make_rows
from tests.keys import give_key
from tests.letters import grow_old, letters_of_a_day, told_of
from tests.meeting import meet
from tests.retained import give_notice
from tests.scenarios import Town, accept, make_operator, make_town, open_month, publish, submit
from tests.standing import stand

pytestmark = pytest.mark.django_db
FIGURES = {"arrests": 12, "charges": 4}
OCTOBER = Month(2026, 10)  # due on Tuesday, 10 November


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the day on which October's returns are due."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 10, 10, tzinfo=UTC))


@pytest.fixture
def towns(db: None, today: None) -> list[Town]:
    """Three, in each of which a return is due. The first one's lead leads in the second too."""
    towns = [make_town(f"town-{number}") for number in range(3)]
    for town in towns:
        open_month(town, OCTOBER)
    first, second, _ = towns
    Membership.objects.create(user=first.lead, area=second.area, role=Role.AGENCY_LEAD.value, agency=second.police)
    return towns


def told(mailoutbox: list[Any]) -> list[str]:
    return sorted(address for mail in mailoutbox for address in mail.to)


def words(mail: Any) -> str:
    return " ".join(str(mail.body).split())


# --- To whom ----------------------------------------------------------------------------------------


def test_people_of_the_area_get_all_that_is_due_for_them_wherever_it_is(towns: list[Town], mailoutbox):
    first, second, _ = towns
    ask(first, agency=first.police, answerer=first.lead)
    assert send_letters_in(first.area.pk) == 1
    (mail,) = mailoutbox
    assert mail.to == [first.lead.email]
    assert "You have 3 things to do or to read." in words(mail)
    told = told_of(LetterKind.RETURNS).filter(message_id=letters_of_a_day().get().message_id)
    assert set(told.values_list("area", flat=True)) == {first.area.slug, second.area.slug}


def test_people_elsewhere_hear_of_it_from_the_job(towns: list[Town], mailoutbox):
    first, second, third = towns
    send_letters_in(first.area.pk)
    assert told(mailoutbox) == [first.lead.email]
    send_letters()
    assert told(mailoutbox) == sorted(town.lead.email for town in towns)
    assert (send_letters_in(second.area.pk), send_letters_in(third.area.pk)) == (0, 0)


def test_somebody_who_had_todays_letter_gets_no_second(towns: list[Town], mailoutbox):
    first = towns[0]
    send_letters_in(first.area.pk)
    ask(first, agency=first.police, answerer=first.lead)
    assert send_letters_in(first.area.pk) == 0


def test_what_an_earlier_letter_did_not_tell_stands_in_it(towns: list[Town], monkeypatch, mailoutbox):
    first = towns[0]
    ask(first, agency=first.police, answerer=first.lead)
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", lambda *_: 1 / 0)
        send_letters_in(first.area.pk)
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 11, 10, tzinfo=UTC))
    assert send_letters_in(first.area.pk) == 1
    assert "Challenge C1" in words(mailoutbox[0])
    assert letters_of_a_day().get(person=first.lead).occasion == "2026-11-11"


def test_an_operator_is_looked_for_everywhere(towns: list[Town], mailoutbox):
    """Something may be due for them in any area, whether or not they have a role there."""
    first, second, _ = towns
    operator = make_operator()
    Membership.objects.create(user=operator, area=first.area, role=Role.AGENCY_LEAD.value, agency=first.police)
    asked_of = import_string(settings.LETTERS_AREAS)
    assert asked_of({operator.pk}) is None
    assert asked_of({first.lead.pk}) == {first.area.pk, second.area.pk}
    send_letters_in(first.area.pk)
    assert told(mailoutbox) == sorted([first.lead.email, operator.email])


def test_a_source_that_fails_there_is_told_and_holds_up_no_other(towns: list[Town], mailoutbox):
    def fail(*_: object) -> list[Any]:
        raise RuntimeError("no such thing")

    broken = Source(fail, lambda *_: [])
    for area, number in ((towns[0].area, 1), (make_town("quiet").area, 1)):
        with pytest.raises(JobFailed, match="no such thing"):
            daily.send_letters([broken, *load_sources()], area=area.pk)
        assert len(mailoutbox) == number
    grow_old(daily.CARRIED_FOR)


# --- What it reads ------------------------------------------------------------------------------------


@contextmanager
def counting() -> Iterator[list[int]]:
    """How many queries, and how many rows became objects."""
    made: list[int] = []
    rows = [0]

    def note(**_: object) -> None:
        rows[0] += 1

    post_init.connect(note, weak=False)
    try:
        with CaptureQueriesContext(connection) as queries:
            yield made
    finally:
        post_init.disconnect(note)
    made += [len(queries), rows[0]]


def test_an_answer_reads_the_same_beside_one_area_and_beside_twenty(today: None):
    read = []
    for others in (1, 20):
        for number in range(others):
            other = make_town(f"other-{others}-{number}")
            open_month(other, OCTOBER)
            ask(other, agency=other.police, answerer=other.lead)
        town = make_town(f"town-{others}")
        open_month(town, OCTOBER)
        ask(town, agency=town.police, answerer=town.lead)
        with counting() as made:
            assert send_letters_in(town.area.pk) == 1
        read.append(made)
    assert read[0] == read[1]


# --- What each source finds -----------------------------------------------------------------------------


made, rows = stand(make_rows)


def leave_something_due(town: Town, other: Town, day: date) -> None:
    """In a town whose month is published, and in another one, whose agency releases its returns."""
    accept(town, Month.of(day), FIGURES)
    publish(town, Month.of(day))
    ask(town)
    meet(town, held_on=day + timedelta(days=14))
    give_key(town, town.coordinator)
    give_notice("audit", older_than=timezone.now(), area=town.area.slug)
    sealing.seal_each()
    AuditChain.objects.update(checked_at=timezone.now())
    other.police.needs_release = True
    other.police.save()
    submit(other, Month.of(day), FIGURES)


def test_each_source_finds_what_is_due_in_the_areas_that_it_is_asked_for(rows: Rows):
    second, day = make_town("harlow"), this_or_last_working_day(timezone.localdate())
    leave_something_due(second, make_town("epping"), day)
    found_by = set()
    for name in settings.LETTERS:
        source = import_string(name)
        every = list(source.find(day, None))
        of_areas = [(occasion.area.pk, occasion.name) for occasion in every if occasion.area]  # a region's have none
        for area in {second.area.pk, rows.town.area.pk, *dict(of_areas)}:
            wanted = [name_of for of, name_of in of_areas if of == area]
            assert [occasion.name for occasion in source.find(day, {area})] == wanted, name
        assert list(source.find(day, set())) == []
        found_by |= {name} if every else set()
    # Of the other two, one finds nothing once returns are in, and one nothing on most days.
    assert set(settings.LETTERS) - found_by <= {
        "indicators.services.letters.REMINDERS",
        "reporting.packs.services.letters.WITHDRAWALS",
    }
