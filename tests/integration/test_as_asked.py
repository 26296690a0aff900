"""The figure that a question is about: as its month showed it when it was asked, frozen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from actions.month_figures import Question
from core.calendar import Month
from reporting.months.presenters.plan_figures import AsAsked, list_as_asked
from reporting.months.services import publish_corrections
from tests.integration.clock import Clock, clock_at
from tests.integration.test_revisions import correct
from tests.scenarios import Town, accept, make_town, open_month, publish

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
FIGURES = {"arrests": 12, "charges": 4}


clock = clock_at("2026-11-04")


@pytest.fixture
def published(town: Town, clock: Clock) -> Town:
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    return town


def asked(town: Town, code: str = "arrests", *, month: Month = OCTOBER, days: int = 0) -> AsAsked | None:
    """Asked so many days from now."""
    question = Question(code, open_month(town, month), timezone.now() + timedelta(days=days))
    return list_as_asked(town.area, [question])[0]


def test_shows_the_figure_and_its_months_before(published: Town):
    found = asked(published)
    assert found is not None
    assert (found.series.line.text, found.version, found.since) == ("12", 1, "")
    assert [(point.month, point.text) for point in found.points] == [(OCTOBER, "12"), (SEPTEMBER, "9")]


def test_a_later_version_changes_nothing_but_is_told_of(published: Town, clock: Clock):
    clock("2026-11-10")
    correct(published, OCTOBER, 13)
    publish_corrections(published.area, by=published.coordinator)
    then, now = asked(published, days=-3), asked(published)
    assert then is not None
    assert now is not None
    assert (then.series.line.text, then.version, then.since) == ("12", 1, "Version 2, published since, shows 13 [r].")
    assert (now.version, now.since) == (2, "")


def test_before_the_first_version_it_is_the_first(published: Town):
    found = asked(published, days=-30)
    assert found is not None
    assert found.version == 1


def test_what_isnt_published_shows_nothing(published: Town, clock: Clock):
    clock("2026-12-04")
    november = Month(2026, 11)
    accept(published, november, FIGURES)
    assert asked(published, month=november) is None
    assert asked(published, "no-such") is None


def test_another_area_is_not_asked(published: Town):
    other = make_town("otherton")
    question = Question("arrests", open_month(published, OCTOBER), timezone.now())
    assert list_as_asked(other.area, [question]) == [None]


def test_many_questions_cost_two_queries(published: Town, django_assert_num_queries):
    october, september = open_month(published, OCTOBER), open_month(published, SEPTEMBER)
    now = timezone.now()
    with django_assert_num_queries(2):
        found = list_as_asked(
            published.area, [Question(code, period, now) for code in FIGURES for period in (october, september)]
        )
    assert [each and each.series.line.text for each in found] == ["12", "9", "4", "4"]
    with django_assert_num_queries(0):
        assert list_as_asked(published.area, []) == []
