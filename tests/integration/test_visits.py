"""When did somebody last look: one row, written seldom, that two tabs can't spoil."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.permissions import Access, access_to
from reporting.models import Visit
from reporting.pages.services import find_visit, note_visit
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def look_as(access: Access, when: str) -> datetime | None:
    return note_visit(access, find_visit(access), now=at(when))


def look(town: Town, when: str) -> str:
    """Since when they are told what changed; empty on a first visit."""
    since = look_as(access_to(town.area, by=town.lead), when)
    return timezone.localtime(since).strftime("%Y-%m-%d %H:%M") if since else ""


def test_a_first_visit_has_none_before_it(town: Town):
    assert look(town, "2026-11-12 09:00") == ""
    assert look(town, "2026-11-12 16:00") == ""


def test_all_day_they_are_told_of_the_same_time(town: Town):
    look(town, "2026-11-12 16:30")
    assert [look(town, f"2026-11-13 {hour}") for hour in ("09:00", "09:01", "12:00", "23:59")] == [
        "2026-11-12 16:30"
    ] * 4
    assert look(town, "2026-11-14 00:01") == "2026-11-13 23:59"


def test_a_day_is_a_day_of_london(town: Town):
    look(town, "2026-07-01 23:30")  # 22:30 in UTC
    assert look(town, "2026-07-02 00:30") == "2026-07-01 23:30"  # still the first of July in UTC


def test_it_is_written_once_an_hour_at_most(town: Town):
    look(town, "2026-11-13 09:00")
    for minute, writes in (("09:30", 0), ("09:59", 0), ("10:00", 1), ("10:59", 0), ("11:00", 1)):
        with CaptureQueriesContext(connection) as asked:
            look(town, f"2026-11-13 {minute}")
        assert sum(query["sql"].startswith("UPDATE") for query in asked.captured_queries) == writes, minute


def test_nothing_is_left_out_between_two_visits(town: Town):
    """What happened after the last writing is told again rather than never."""
    look(town, "2026-11-13 09:00")
    look(town, "2026-11-13 09:45")
    assert look(town, "2026-11-16 08:00") == "2026-11-13 09:00"


def test_a_second_tab_that_comes_late_changes_nothing(town: Town, monkeypatch: pytest.MonkeyPatch):
    look(town, "2026-11-12 09:00")
    stale = Visit.objects.get()
    assert look(town, "2026-11-13 09:00") == "2026-11-12 09:00"
    monkeypatch.setattr(type(Visit.objects.all()), "first", lambda rows: stale)  # what the other tab read before
    assert look(town, "2026-11-13 09:00") == "2026-11-12 09:00"
    visit = Visit.objects.get()
    assert (visit.before_at, visit.looked_at) == (at("2026-11-12 09:00"), at("2026-11-13 09:00"))


def test_two_first_tabs_make_one_row(town: Town, monkeypatch: pytest.MonkeyPatch):
    look(town, "2026-11-12 09:00")
    monkeypatch.setattr(type(Visit.objects.all()), "first", lambda rows: None)
    assert look(town, "2026-11-12 09:00") == ""
    assert Visit.objects.count() == 1


def test_a_clock_that_goes_back_writes_nothing(town: Town):
    look(town, "2026-11-13 09:00")
    assert look(town, "2026-11-12 09:00") == ""
    assert Visit.objects.get().looked_at == at("2026-11-13 09:00")


def test_each_area_and_person_has_its_own(town: Town):
    other = make_town("otherton")
    look(town, "2026-11-12 09:00")
    assert look_as(access_to(other.area, by=other.lead), "2026-11-13 09:00") is None
    assert look_as(access_to(town.area, by=town.coordinator), "2026-11-13 09:00") is None
    assert look(town, "2026-11-13 09:00") == "2026-11-12 09:00"


@pytest.mark.both_databases
def test_what_is_before_is_before(town: Town):
    with pytest.raises(IntegrityError):
        Visit.objects.create(
            person=town.lead,
            area=town.area,
            looked_at=at("2026-11-12 09:00"),
            before_at=at("2026-11-12 09:00"),
        )
