"""Years of figures out of a file, and what the pages make of their months: nobody owes a return for them."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from boards.models import ReportingPeriod
from boards.services.months import close_month
from core.calendar import Month, months_between
from indicators.figures import Entry
from indicators.imports.figures import read_figure_file
from indicators.models import Indicator
from indicators.selectors.reminders import Timeliness, reminders_due, years_to
from indicators.selectors.returns import Holder, ReturnStatus, find_turn, is_overdue, list_returns, returns_in
from indicators.services.past_figures import import_figures
from indicators.services.returns import save_draft
from tests.factories import FIRST_DEFINITION, make_agency, make_indicator
from tests.integration.clock import Clock
from tests.pages.test_home import page, tasks, words
from tests.scenarios import Town, open_month, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
FIRST = Month.of(FIRST_DEFINITION)
JULY, AUGUST, SEPTEMBER, OCTOBER = (Month(2026, number) for number in (7, 8, 9, 10))
FIGURES = {"arrests": 12, "charges": 4}
TODAY = date(2026, 11, 4)  # October is due on 10 November


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(monkeypatch)
    clock(str(TODAY))
    return clock


def take_in(town: Town, first: Month, last: Month) -> None:
    rows = [f"police,arrests,,{month},12,," for month in months_between(first, last)]
    content = "\n".join(["agency,indicator,category,month,value,state,note", *rows]).encode()
    file = read_figure_file(content, name_of_file="history.csv")
    import_figures(town.area, file.rows, name_of_file="history.csv", by=None)


def status(town: Town, month: Month) -> ReturnStatus:
    [found] = [each for each in list_returns(open_month(town, month)) if each.agency == town.police]
    return found


def test_a_month_whose_figures_came_from_a_file_is_owed_no_more(town: Town, clock: Clock):
    take_in(town, SEPTEMBER, SEPTEMBER)
    september = status(town, SEPTEMBER)
    assert (september.came_from_file, september.state, september.label) == (True, "from-file", "From a file")
    assert september.is_in
    assert not is_overdue(september, today=TODAY)
    assert find_turn(september, today=TODAY).holder is Holder.NOBODY
    # A return that is begun after all is a return.
    save_draft(town.police, open_month(town, SEPTEMBER), {"arrests": Entry("1")}, revision=0, by=town.lead)
    september = status(town, SEPTEMBER)
    assert (september.came_from_file, september.state, september.is_in) == (False, "draft", False)
    assert is_overdue(september, today=TODAY)


def test_a_return_whose_figures_came_from_a_file_says_so(town: Town, clock: Clock, client: Client):
    take_in(town, SEPTEMBER, SEPTEMBER)
    close_month(open_month(town, SEPTEMBER), by=town.coordinator, missing=[])
    client.force_login(town.lead)
    page = client.get(reverse("indicators:return-edit", args=["testford", SEPTEMBER, "police"])).content.decode()
    assert "These figures came from a file. No one entered them here." in page
    assert "Not started" not in page


def test_what_comes_by_import_makes_no_return_from_a_file(town: Town, clock: Clock):
    make_indicator(town.police, "crimes", collection="import")
    open_month(town, SEPTEMBER)
    content = b"agency,indicator,category,month,value,state,note\npolice,crimes,,2026-09,3,,"
    file = read_figure_file(content, name_of_file="history.csv")
    import_figures(town.area, file.rows, name_of_file="history.csv", by=None)
    assert not status(town, SEPTEMBER).came_from_file


def test_years_from_a_file_fill_nobodys_home_page(town: Town, clock: Clock):
    take_in(town, FIRST, OCTOBER)
    assert tasks(town.lead) == []
    waiting = tasks(town.coordinator)
    assert waiting == [
        "82 earlier months to close and publish The oldest is January 2020. Publish months one by one, "
        "oldest first, or all together. Open"
    ]
    assert "verdue" not in words(page(town.coordinator))
    assert list(reminders_due(TODAY)) == []
    assert f'href="{reverse("reporting:history-publish", args=["testford"])}"' in page(town.coordinator)


def test_a_return_in_an_earlier_month_still_waits_for_the_coordinator(town: Town, clock: Clock):
    submit(town, FIRST, FIGURES)
    take_in(town, FIRST.next, OCTOBER)
    assert "1 return is waiting for you." in tasks(town.coordinator)[0]


def test_many_months_take_as_few_queries_as_one(town: Town, clock: Clock, django_assert_num_queries):
    take_in(town, FIRST, SEPTEMBER)
    submit(town, OCTOBER, FIGURES)
    periods = list(ReportingPeriod.objects.filter(area=town.area))
    # What is owed, what was sent, and what came in files.
    with django_assert_num_queries(3):
        statuses = returns_in(periods)
    for period in periods[::20]:
        assert statuses[period.pk] == list_returns(period)


def test_an_agency_whose_indicators_are_all_anothers_now_owes_only_what_it_began(town: Town, clock: Clock):
    submit(town, SEPTEMBER, FIGURES)
    october = open_month(town, OCTOBER)
    Indicator.objects.update(owner=make_agency(town.area, "youth-service"))
    september = ReportingPeriod.objects.get(area=town.area, starts_on=SEPTEMBER.first_day)
    statuses = returns_in([september, october])
    assert [str(each.agency) for each in statuses[september.pk]] == ["Police", "Youth service"]
    assert [str(each.agency) for each in statuses[october.pk]] == ["Youth service"]


def test_the_grid_says_where_the_figures_came_from(town: Town, clock: Clock):
    take_in(town, SEPTEMBER, SEPTEMBER)
    client = signed_in(town.coordinator)
    grid = words(client.get(reverse("reporting:return-grid", args=["testford", SEPTEMBER])).content.decode())
    assert "Police From a file Its figures came from a file, so no return is due." in grid
    assert "The month’s figures came from a file. Due" in grid
    assert "Not accepted yet" not in grid


# --- An agency that was retired -------------------------------------------------------------------


def test_a_retired_agencys_return_is_listed_and_no_new_one_is_owed(town: Town, clock: Clock):
    submit(town, SEPTEMBER, FIGURES)
    make_indicator(make_agency(town.area, "nhs"), "woundings")
    open_month(town, OCTOBER)
    town.police.retired = True
    town.police.save()
    assert [each.agency.code for each in list_returns(open_month(town, SEPTEMBER))] == ["nhs", "police"]
    assert [each.agency.code for each in list_returns(open_month(town, OCTOBER))] == ["nhs"]
    assert status(town, SEPTEMBER).state == "submitted"


def test_a_retired_agency_owed_its_returns_up_to_its_last(town: Town, clock: Clock):
    for month in (JULY, AUGUST, SEPTEMBER, OCTOBER):
        open_month(town, month)
    submit(town, JULY, FIGURES)  # late: after 10 August
    submit(town, SEPTEMBER, FIGURES)
    town.police.retired = True
    town.police.save()
    october, september = (open_month(town, month) for month in (OCTOBER, SEPTEMBER))
    for period in (october, september):
        [row] = years_to([period], today=date(2027, 1, 1))[period.pk]
        assert [row.months[month] for month in (JULY, AUGUST, SEPTEMBER)] == [
            Timeliness.LATE,
            Timeliness.MISSING,
            Timeliness.LATE,
        ]
        assert row.months.get(OCTOBER, Timeliness.NOT_OWED) is Timeliness.NOT_OWED
    assert years_to([october, september], today=date(2027, 1, 1))[september.pk] == [row]
