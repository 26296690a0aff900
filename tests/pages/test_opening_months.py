"""A coordinator opens months by a page, and takes an empty one away that was opened by mistake."""

import html
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from boards.models import ReportingPeriod
from boards.services.months import ensure_month
from core.calendar import Month
from core.models import AuditEvent
from indicators.figures import Entry
from indicators.services.returns import save_draft
from reporting.models import Snapshot
from tests.scenarios import Town, accept, open_month, publish, sweep
from tests.visiting import signed_in

SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (9, 10, 11))
type Page = Callable[..., str]


@pytest.fixture
def page(town: Town, monkeypatch) -> Page:
    """What the coordinator is answered on 20 November 2026."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2026, 11, 20))
    client = signed_in(town.coordinator)

    def ask(path: str, typed: dict[str, Any] | None = None) -> str:
        answer = client.get(path) if typed is None else client.post(path, typed, follow=True)
        assert answer.status_code == 200
        return " ".join(html.unescape(answer.content.decode()).split())

    return ask


MONTHS = "/testford/months/"


def held(town: Town) -> list[str]:
    return [str(p.month) for p in ReportingPeriod.objects.filter(area=town.area).order_by("starts_on")]


def test_the_first_month_is_opened_by_one_press(town, page):
    answer = page(MONTHS)
    assert "Testford has no month yet" in answer
    assert '<option value="2026-11" selected>November 2026</option>' in answer
    assert '<option value="2025-11">' in answer
    assert '<option value="2025-10">' not in answer
    assert "November 2026 is open: returns can be entered." in page(MONTHS, {"month": "2026-11"})
    assert held(town) == ["2026-11"]
    event = AuditEvent.objects.get(verb="month.opened")
    assert event.actor == town.coordinator.email


def test_several_months_ask_first_and_what_was_chosen_stays(town, page):
    open_month(town, Month(2026, 8))
    answer = page(MONTHS, {"month": "2026-11"})
    assert "That opens 3 months, September 2026 to November 2026. Is it now November 2026?" in answer
    assert '<option value="2026-11" selected>' in answer
    assert held(town) == ["2026-08"]
    tick = answer.partition('name="together"')[2].partition('value="')[2].partition('"')[0]
    answer = page(MONTHS, {"month": "2026-11", "together": tick})
    assert "September 2026 to November 2026 are open, 3 months" in answer
    assert held(town) == ["2026-08", "2026-09", "2026-10", "2026-11"]


def test_a_tick_is_for_the_months_that_were_named(town, page):
    open_month(town, Month(2026, 8))
    answer = page(MONTHS, {"month": "2026-10"})
    tick = answer.partition('name="together"')[2].partition('value="')[2].partition('"')[0]
    assert "That opens 3 months" in page(MONTHS, {"month": "2026-11", "together": tick})
    assert held(town) == ["2026-08"]


@pytest.mark.parametrize("typed", ["2026-12", "2025-10", "soon", ""])
def test_no_other_month_is_opened(town, page, typed):
    assert "There is a problem" in page(MONTHS, {"month": typed})
    assert held(town) == []


def test_a_second_press_opens_nothing_more(town, page):
    for _ in range(2):
        page(MONTHS, {"month": "2026-11"})
    assert held(town) == ["2026-11"]


def test_nothing_is_opened_before_what_is_published(town, page):
    accept(town, SEPTEMBER, {"arrests": 4, "charges": 1})
    publish(town, SEPTEMBER)
    answer = page(MONTHS)
    assert "2026-10" in answer
    assert '<option value="2026-08">' not in answer
    assert "Choose the month from the list" in page(MONTHS, {"month": "2026-08"})


def test_an_empty_month_is_taken_away_after_a_page_in_between(town, page):
    for month in (SEPTEMBER, OCTOBER):
        open_month(town, month)
    sweep()
    assert Snapshot.objects.filter(period__starts_on=OCTOBER.first_day).exists()
    path = f"{MONTHS}2026-10/take-away/"
    assert "it will open again by itself tomorrow morning" in page(path)
    assert held(town) == ["2026-09", "2026-10"]
    assert "October 2026 is removed." in page(path, {"seen": ""})
    assert held(town) == ["2026-09"]
    assert AuditEvent.objects.filter(verb="month.taken_away", actor=town.coordinator.email).exists()


def test_months_that_a_wrong_clock_opened_go_and_stay_away(town, page, monkeypatch):
    open_month(town, NOVEMBER)
    with monkeypatch.context() as wrong:
        wrong.setattr("django.utils.timezone.localdate", lambda *_: date(2027, 3, 1))
        ensure_month(town.area, Month(2027, 3), by=None)
    answer = page(f"{MONTHS}2027-03/take-away/")
    assert "tomorrow morning" not in answer
    page(f"{MONTHS}2027-03/take-away/", {"seen": ""})
    assert held(town) == ["2026-11"]


def test_a_month_with_something_in_it_stays_and_says_what_it_has(town, page):
    period = open_month(town, OCTOBER)
    path = f"{MONTHS}2026-10/take-away/"
    save_draft(town.police, period, {"arrests": Entry("7")}, revision=0, by=town.lead)
    assert "It has returns." in page(path)
    assert "October 2026 can’t be removed: it has returns." in page(path, {"seen": ""})
    accept(town, OCTOBER, {"arrests": 4, "charges": 1})
    publish(town, OCTOBER)
    assert "figures, published versions, returns." in page(path)
    page(path, {"seen": ""})
    assert held(town) == ["2026-10"]
