"""Whether returns came on time: per agency over twelve months, and copied into each month's snapshot."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from boards.models import Agency, ReportingPeriod
from core.calendar import Month, months_between
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.models import Indicator, Observation
from indicators.selectors.reminders import MONTHS, AgencyYear, Timeliness, add_up_years, years_to
from indicators.services.returns import save_draft
from indicators.services.setup import retire_indicator
from reporting.exports.presenters.months import newest_view
from reporting.models import Snapshot
from reporting.months.rollup import roll_up
from tests.factories import make_agency, make_indicator
from tests.integration.clock import Clock, clock_at
from tests.scenarios import Town, accept, give_back, make_town, open_month, publish, stale_months, submit, sweep

pytestmark = pytest.mark.django_db
FIGURES = {"arrests": 12, "charges": 4}
AUGUST, SEPTEMBER, OCTOBER = (Month(2026, number) for number in (8, 9, 10))  # due on 10 September, October, November
ON_TIME, LATE, MISSING, FROM_FILE, NOT_DUE, NOT_OWED = Timeliness


clock = clock_at("2026-11-04")


def year(town: Town, month: Month, today: str, *, agency: Agency | None = None) -> AgencyYear:
    period = open_month(town, month)
    years = years_to([period], today=date.fromisoformat(today))[period.pk]
    return next(row for row in years if row.agency == (agency or town.police))


def from_file(town: Town, month: Month, code: str = "arrests") -> None:
    Observation.objects.create(
        indicator=Indicator.objects.get(area=town.area, code=code),
        period=open_month(town, month),
        value=3,
        imported_from="history.csv",
        signed_off_at=f"{month}-28T12:00Z",
    )


def test_a_return_is_on_time_up_to_its_due_day_and_late_after_it(town: Town, clock: Clock):
    for month, day in ((AUGUST, "2026-09-10"), (SEPTEMBER, "2026-10-11"), (OCTOBER, "2026-11-03")):
        clock(day)
        submit(town, month, FIGURES)

    kinds = year(town, OCTOBER, "2026-11-04").months

    assert [kinds[month] for month in (AUGUST, SEPTEMBER, OCTOBER)] == [ON_TIME, LATE, ON_TIME]
    assert list(kinds) == list(months_between(OCTOBER + -(MONTHS - 1), OCTOBER))
    assert {kinds[month] for month in months_between(OCTOBER + -(MONTHS - 1), AUGUST.previous)} == {NOT_OWED}


def test_a_return_is_missing_from_the_day_after_it_was_due(town: Town, clock: Clock):
    period = open_month(town, OCTOBER)
    save_draft(town.police, period, {"arrests": Entry("1")}, revision=0, by=town.lead)

    assert year(town, OCTOBER, "2026-11-10").months[OCTOBER] is NOT_DUE
    assert year(town, OCTOBER, "2026-11-11").months[OCTOBER] is MISSING


def test_the_first_handing_in_counts_whatever_happened_after_it(town: Town, clock: Clock):
    given_back = give_back(town, submit(town, OCTOBER, FIGURES))
    assert given_back.state == "returned"
    assert year(town, OCTOBER, "2026-12-01").months[OCTOBER] is ON_TIME
    clock("2026-11-20")
    accept(town, OCTOBER, FIGURES)
    assert year(town, OCTOBER, "2026-12-01").months[OCTOBER] is ON_TIME


def test_a_month_that_came_in_a_file_is_neither_on_time_nor_missing(town: Town, clock: Clock):
    from_file(town, SEPTEMBER)
    from_file(town, OCTOBER)
    save_draft(town.police, open_month(town, OCTOBER), {}, revision=0, by=town.lead)  # a return was begun after all

    row = year(town, OCTOBER, "2026-12-01")

    assert (row.months[SEPTEMBER], row.months[OCTOBER]) == (FROM_FILE, MISSING)
    assert row.count(FROM_FILE) == 1
    assert add_up_years([row]) == {"on_time": 0, "late": 0, "missing": 1}


def test_months_in_which_nothing_was_owed_are_not_counted(town: Town, clock: Clock):
    nhs = make_agency(town.area, "nhs")
    woundings = make_indicator(nhs, "woundings", defined_from=SEPTEMBER.first_day)
    retire_indicator(woundings, month=OCTOBER, by=town.coordinator)
    make_indicator(make_agency(town.area, "open-data"), "crimes", collection="import")
    make_indicator(make_agency(town.area, "gone", retired=True), "old")
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        period = open_month(town, month)

    years = years_to([period], today=date(2026, 12, 1))[period.pk]

    assert [row.agency.code for row in years] == ["nhs", "police"]
    kinds = years[0].months
    assert [kinds[month] for month in (AUGUST, SEPTEMBER, OCTOBER)] == [NOT_OWED, MISSING, NOT_OWED]


def test_areas_keep_apart_and_more_of_everything_costs_no_more(town: Town, clock: Clock):
    submit(town, OCTOBER, FIGURES)
    with CaptureQueriesContext(connection) as few:
        years_to(list(ReportingPeriod.objects.all()), today=date(2026, 12, 1))
    elsewhere = make_town("elsewhere")
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        open_month(elsewhere, month)
    for number in range(5):
        make_indicator(make_agency(town.area, f"agency-{number}"), f"extra-{number}")
    with CaptureQueriesContext(connection) as many:
        years = years_to(list(ReportingPeriod.objects.all()), today=date(2026, 12, 1))

    assert len(many) == len(few) == 5  # four, and the months that are given
    for period in ReportingPeriod.objects.filter(area=elsewhere.area):
        assert [row.agency for row in years[period.pk]] == [elsewhere.police]
    [october] = ReportingPeriod.objects.filter(area=town.area)
    assert add_up_years(years[october.pk]) == {"on_time": 1, "late": 0, "missing": 5}


# --- In the snapshot ------------------------------------------------------------------------------


def newest(town: Town, month: Month) -> Snapshot:
    return Snapshot.objects.filter(period__area=town.area, period__starts_on=month.first_day).latest("version")


def test_a_roll_up_copies_the_numbers_into_the_month(town: Town, clock: Clock):
    accept(town, SEPTEMBER, FIGURES)  # late
    accept(town, OCTOBER, FIGURES)
    sweep()

    assert newest(town, OCTOBER).timeliness == {"on_time": 1, "late": 1, "missing": 0}
    assert newest(town, SEPTEMBER).timeliness == {"on_time": 0, "late": 1, "missing": 0}
    view = newest_view(town.area, OCTOBER, audience=Audience.PARTNERS, include_drafts=True)
    assert view.timeliness == "Returns in the twelve months to October 2026: 1 on time, 1 late, 0 missing"


def test_a_draft_whose_lines_are_the_same_gets_the_new_numbers_alone(town: Town, clock: Clock):
    open_month(town, OCTOBER)
    sweep()
    before = newest(town, OCTOBER)
    assert before.timeliness == {"on_time": 0, "late": 0, "missing": 0}
    clock("2026-11-11")

    report = roll_up(ReportingPeriod.objects.filter(area=town.area))

    after = newest(town, OCTOBER)
    assert report.changed == []
    assert (after.pk, after.taken_at, after.fingerprint) == (before.pk, before.taken_at, before.fingerprint)
    assert after.timeliness == {"on_time": 0, "late": 0, "missing": 1}


def test_a_published_month_keeps_its_numbers(town: Town, clock: Clock):
    snapshot = publish(town, OCTOBER)
    assert snapshot.timeliness == {"on_time": 0, "late": 0, "missing": 0}
    clock("2026-12-01")

    assert roll_up(ReportingPeriod.objects.filter(area=town.area)).changed == []

    assert newest(town, OCTOBER).timeliness == snapshot.timeliness


def test_publishing_takes_the_numbers_of_its_day(town: Town, clock: Clock):
    open_month(town, OCTOBER)
    sweep()
    clock("2026-11-20")
    assert stale_months(town) == []

    assert publish(town, OCTOBER).timeliness == {"on_time": 0, "late": 0, "missing": 1}


def test_the_months_page_says_it_in_one_line(town: Town, clock: Clock, client):
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    client.force_login(town.coordinator)
    page = client.get(f"/testford/{OCTOBER}/").content.decode()

    assert "Returns in the twelve months to October 2026: 1 on time, 0 late, 0 missing." in page
    assert "Returns in the twelve months" not in client.get(f"/testford/{OCTOBER}/csp/").content.decode()


def test_a_month_without_a_counted_return_says_nothing(town: Town, clock: Clock, client):
    from_file(town, OCTOBER)
    sweep()
    client.force_login(town.coordinator)

    assert "Returns in the twelve months" not in client.get(f"/testford/{OCTOBER}/").content.decode()
