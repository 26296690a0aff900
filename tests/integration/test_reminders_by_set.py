"""The reminders of all areas, worked out together: the same as month by month and person by person."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import Membership, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.letter_kinds import LetterKind
from indicators.selectors.reminders import Reminder, _make_dates, is_for, reminders_due
from indicators.selectors.returns import list_returns
from indicators.workflow import ReminderKind, kinds_due
from tests.factories import make_agency, make_indicator, make_member
from tests.letters import leave_failed, told_of
from tests.scenarios import Town, accept, close_early, give_back, make_town, open_month, submit

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
DAYS = [date(2026, 10, 1) + timedelta(days) for days in (0, 1, 5, 32, 35, 39, 40, 41, 43, 47, 50)]

type Key = tuple[int, int, int, str]  # month, agency, person, kind


def keys(found: Iterator[Reminder]) -> list[Key]:
    return [(one.period.pk, one.agency.pk, one.person.pk, str(one.kind)) for one in found]


def one_by_one(today: date) -> Iterator[Reminder]:
    """The plain way: what each person gets of each return of each month, whether or not they were sent."""
    for period in ReportingPeriod.objects.filter(status="open").order_by("area_id", "starts_on"):
        told = {(entry.person_id, entry.occasion): entry.claimed_at for entry in told_of(LetterKind.RETURNS)}
        for status in list_returns(period):
            for held in Membership.objects.filter(area=period.area_id).select_related("user").order_by("pk"):
                person, agency = held.user, status.agency
                if status.is_in or agency.retired or not (person.is_active and person.is_reminded):
                    continue
                told_at = told.get((person.pk, f"{period.pk}:{agency.pk}:{ReminderKind.RETURNED}"))
                dates = _make_dates(status, told_at=told_at)
                for kind in kinds_due(today, **dates):
                    if person.wants(LetterKind.RETURNS) and is_for(kind, agency.pk, held):
                        yield Reminder(period, agency, person, kind)


def make_random_towns(seed: int) -> None:
    """Three areas, of any state that a morning may find. Some people have a role in two of them."""
    random = Random(seed)
    towns = [make_town(f"town-{number}") for number in range(3)]
    for town in towns:
        for number in range(random.randrange(3)):
            agency = make_agency(town.area, f"agency-{number}", retired=random.random() < 0.2)
            make_indicator(agency, f"figures-{number}")
            make_member(town.area, Role.AGENCY_LEAD, agency=agency)
        other = random.choice(towns)
        Membership.objects.get_or_create(user=other.coordinator, area=town.area, role=Role.COORDINATOR.value)
        for month in (SEPTEMBER, OCTOBER):
            hand_in(town, month, random)
        for person in random.sample(list(town.people.values()), 2):
            person.is_reminded, person.is_active = random.random() < 0.5, random.random() < 0.7
            person.unwanted = [LetterKind.RETURNS.value] if random.random() < 0.3 else []
            person.save()


def hand_in(town: Town, month: Month, random: Random) -> None:
    period = open_month(town, month)
    ReportingPeriod.objects.filter(pk=period.pk).update(
        opened_on=month.first_day + timedelta(random.randrange(4)),
        due_on=date(2026, 11, 10) + timedelta(random.randrange(-3, 4)),
        for_history=random.random() < 0.1,
    )
    figures, act = {"arrests": 12, "charges": 4}, random.randrange(5)
    if act == 1:
        submit(town, month, figures)
    elif act == 2:
        accept(town, month, figures)
    elif act == 3:
        given_back = give_back(town, submit(town, month, figures))
        given_back.returned_at -= timedelta(random.randrange(1, 20))
        given_back.save(update_fields=["returned_at"])
    elif act == 4:
        close_early(open_month(town, month), by=town.coordinator)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_same_as_one_by_one(seed: int):
    make_random_towns(seed)
    found = 0
    for today in DAYS:
        due = list(reminders_due(today))
        assert keys(iter(due)) == keys(one_by_one(today))
        found += len(due)
        # A worker sends half of them, so that the next days know of what was told.
        for reminder in due[::2]:
            if not told_of(LetterKind.RETURNS).filter(occasion=reminder.occasion.key, person=reminder.person).exists():
                leave_failed(reminder.occasion, sent_at=timezone.now(), fault="")
    assert found > 5


def test_an_area_finds_its_own(db: None):
    today, towns = date(2026, 11, 10), [make_town(f"town-{number}") for number in range(3)]
    periods = [open_month(town, OCTOBER).pk for town in towns]
    found = keys(reminders_due(today, {towns[1].area.pk}))
    assert found == [key for key in keys(one_by_one(today)) if key[0] == periods[1]] != []
    assert list(reminders_due(today, set())) == []


def test_a_hundred_areas_ask_the_database_no_more_than_one():
    asked = []
    for areas in (1, 20):
        for number in range(areas):
            open_month(make_town(f"town-{areas}-{number}"), OCTOBER)
        with CaptureQueriesContext(connection) as queries:
            found = list(reminders_due(date(2026, 11, 10)))
        assert len(found) >= areas
        asked.append(len(queries))
    assert asked == [6, 6]
