"""Which months are compared with what their sessions make, and what is said of them."""

from datetime import date

import pytest

from actions.models import CountedIndicator, EngagementSession, SessionCount
from actions.presenters.engagement import describe_comparison, describe_difference, describe_step
from actions.selectors.engagement import CountedMonth, counted_months, differences
from actions.services.engagement import add_session, archive_session, change_session, count_indicator
from boards.models import Agency, ReportingPeriod
from boards.permissions import access_to
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.services.returns import accept_return, save_draft
from indicators.services.setup import save_indicator
from tests.days import days_ago
from tests.engagement import count, draft, tell
from tests.factories import make_agency, make_member
from tests.scenarios import Town, accept, open_month, publish, submit, sweep

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 11)


def months(town: Town, *agencies: Agency) -> list[CountedMonth]:
    return counted_months(town.area, [agency.pk for agency in agencies or (town.police,)])


def close(town: Town, month: Month) -> None:
    close_month(open_month(town, month), by=town.coordinator, missing=["police"], why="Early")


def said(month: CountedMonth) -> list[str]:
    return [describe_comparison(row, is_own=True) for row in month.rows]


def counted_before(days: int) -> None:
    """As if it had been said so many days ago what is counted."""
    CountedIndicator.objects.update(set_at=days_ago(days))


# --- A month that takes no more


def test_a_return_that_never_came_still_takes_the_counts(town: Town):
    count(town)
    tell(town)
    close(town, OCTOBER)

    [month] = months(town)
    assert (month.is_same, month.can_carry, month.differing) == (False, True, [])
    assert said(month) == ["There is no figure for this month; your sessions give 1"]
    assert describe_step(month, is_own=True) == ""
    assert describe_difference(month) == "Arrests: no figure in the return, 1 from your sessions."
    assert differences(access_to(town.area, by=town.lead)) == [month]

    period = open_month(town, OCTOBER)
    save_draft(town.police, period, {"arrests": Entry(value="1")}, revision=0, by=town.lead)
    assert months(town)[0].is_same


def test_a_return_that_was_never_accepted_is_the_coordinators_first(town: Town):
    count(town)
    tell(town)
    submission = submit(town, OCTOBER, {"arrests": 3, "charges": 1})
    to_return = "The return has been submitted. Ask the coordinator to send it back, then put these counts in."
    assert describe_step(months(town)[0], is_own=True) == to_return
    close(town, OCTOBER)
    assert describe_step(months(town)[0], is_own=True) == to_return
    accept_return(submission, by=town.coordinator)
    assert describe_step(months(town)[0], is_own=True).startswith("The coordinator accepted the figures.")


def test_a_month_without_sessions_that_brought_no_figure_is_no_task(town: Town):
    count(town)
    archive_session(tell(town), why="Told twice", by=town.lead)
    close(town, OCTOBER)
    [month] = months(town)
    assert (month.off, said(month)) == ([], ["There is no figure for this month"])
    assert differences(access_to(town.area, by=town.lead)) == []


# --- Sessions that are moved out of it


def test_a_session_that_is_moved_out_of_a_closed_month_is_noticed(town: Town, django_assert_num_queries):
    count(town)
    told = tell(town)
    accept(town, OCTOBER, {"arrests": 1, "charges": 1})
    sweep()
    publish(town, OCTOBER)
    assert [month.off for month in months(town)] == [[]]

    change_session(told, draft(held_on=date(2026, 9, 30)), revision=0, by=town.lead)

    assert not EngagementSession.objects.filter(held_on__month=10).exists()
    with django_assert_num_queries(5):
        [month] = [month for month in months(town) if month.period.month == OCTOBER]
    assert said(month) == ["Your return says 1; your sessions give 0"]
    assert differences(access_to(town.area, by=town.lead)) == [month]


def test_a_figure_from_before_it_was_counted_is_not_compared(town: Town):
    accept(town, SEPTEMBER, {"arrests": 4, "charges": 1})
    sweep()
    publish(town, SEPTEMBER)
    count(town)
    accept(town, OCTOBER, {"arrests": 4, "charges": 1})
    close(town, OCTOBER)
    assert [month.period.month for month in months(town)] == [OCTOBER]
    counted_before(60)  # so September's return came in afterwards
    assert [month.period.month for month in months(town)] == [OCTOBER, SEPTEMBER]


# --- Who supplies it


def hand_over(town: Town, to: Agency) -> Indicator:
    arrests = Indicator.objects.select_related("area").get(area=town.area, code="arrests")
    arrests.owner = to
    return save_indicator(arrests, boards=[town.csp], by=town.coordinator)


def test_figures_are_held_against_the_agency_whose_return_they_came_in(town: Town):
    nhs = make_agency(town.area, "nhs")
    lead = make_member(town.area, Role.AGENCY_LEAD, agency=nhs)
    count(town)
    tell(town)
    told = add_session(nhs, draft(people=7), by=town.coordinator)
    add_session(nhs, draft(held_on=date(2026, 10, 9)), by=town.coordinator)
    accept(town, OCTOBER, {"arrests": 1, "charges": 1})
    close(town, OCTOBER)

    hand_over(town, nhs)
    open_month(town, NOVEMBER)

    assert differences(access_to(town.area, by=lead)) == []
    assert [(month.agency, month.period.month) for month in months(town, nhs)] == [(nhs, NOVEMBER)]
    both = months(town, town.police, nhs)
    assert [(month.agency, month.period.month) for month in both] == [(nhs, NOVEMBER), (town.police, OCTOBER)]
    assert said(both[1]) == ["Your return says 1, the same as your sessions"]
    archive_session(EngagementSession.objects.get(agency=town.police), why="x", by=town.lead)
    [month] = months(town)
    assert said(month) == ["Your return says 1; your sessions give 0"]
    assert describe_step(month, is_own=True) == (
        "The coordinator accepted the figures. A lead of Nhs, which supplies it now, can ask for a correction."
    )
    assert told.agency == nhs


def test_a_retired_agency_begins_no_return(town: Town):
    count(town)
    tell(town)
    period = open_month(town, OCTOBER)
    assert months(town)[0].can_carry
    town.police.retired = True
    town.police.save()
    assert not months(town)[0].can_carry
    save_draft_of(town, period)
    assert months(town)[0].can_carry


def save_draft_of(town: Town, period: ReportingPeriod) -> None:
    """One that was begun before the agency was retired."""
    Agency.objects.filter(pk=town.police.pk).update(retired=False)
    town.police.refresh_from_db()
    save_draft(town.police, period, {"arrests": Entry(value="3")}, revision=0, by=town.lead)
    Agency.objects.filter(pk=town.police.pk).update(retired=True)


def test_what_is_counted_by_now_may_stay_or_be_taken_off_once_it_is_retired(town: Town):
    counted = count(town)
    indicator = counted.indicator
    Indicator.objects.filter(pk=indicator.pk).update(retired_from=date(2026, 12, 1))
    assert count_indicator(indicator, SessionCount.SESSIONS, by=town.coordinator) == counted
    with pytest.raises(TransitionRefused, match="is retired"):
        count_indicator(indicator, SessionCount.PEOPLE, by=town.coordinator)
    assert count_indicator(indicator, None, by=town.coordinator) is None
