"""What the roll-up makes of the signed-off figures, month by month."""

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.area import retire_part
from core.calendar import Month, months_between
from indicators.disclosure import Audience
from indicators.models import Category, Indicator, Submission
from indicators.services.open_data import import_police_months
from indicators.services.setup import retire_indicator
from reporting.exports.presenters.months import newest_view
from reporting.models import IndicatorLine, Snapshot
from reporting.months import rollup
from reporting.months.rollup import roll_up, roll_up_each_area, stale_periods
from tests.factories import make_dimension, make_indicator
from tests.factories.police import counted, make_police_indicators
from tests.scenarios import (
    Town,
    accept,
    give_back,
    make_town,
    newest_lines,
    open_month,
    publish,
    stale_months,
    submit,
    sweep,
)

pytestmark = pytest.mark.django_db
JULY, AUGUST, SEPTEMBER, OCTOBER = (Month(2024, number) for number in (7, 8, 9, 10))
PLAIN = {"arrests": 12, "charges": 4}


def kept() -> list[tuple[object, ...]]:
    """Everything that tells one state of the snapshots from another."""
    snapshots = Snapshot.objects.order_by("pk").values_list("pk", "version", "state", "fingerprint", "taken_at")
    return [*snapshots, *IndicatorLine.objects.order_by("pk").values_list("pk", "snapshot", "value", "movement")]


def return_of(town: Town, month: Month) -> Submission:
    return town.police.submissions.get(period__starts_on=month.first_day)


def arrow(town: Town, month: Month, name: str = "arrests") -> tuple[int | None, str, int | str | None]:
    """A line's value, its movement, and the size of that or the reason why there is none."""
    line = newest_lines(town, month)[name]
    return line.value, line.movement, line.no_arrow_reason or line.change


# --- Once, and again ------------------------------------------------------------------------------


def test_the_second_roll_up_changes_nothing(town: Town):
    accept(town, SEPTEMBER, {"arrests": 9, "charges": None})
    accept(town, OCTOBER, PLAIN)
    first = roll_up(stale_periods())
    assert [str(period.month) for period in first.changed] == ["2024-09", "2024-10"]
    before = kept()
    again = roll_up(ReportingPeriod.objects.all())
    assert (len(again.months), again.changed) == (2, [])
    assert kept() == before


def test_a_month_that_is_stale_for_nothing_is_only_cleared(town: Town):
    give_back(town, accept(town, SEPTEMBER, PLAIN))
    sweep()
    before = kept()
    accept(town, SEPTEMBER, PLAIN)
    give_back(town, return_of(town, SEPTEMBER))
    assert stale_months(town) == ["2024-09"]
    sweep()
    assert stale_months(town) == []
    assert kept() == before


def test_only_what_changed_is_written_again(town: Town):
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        accept(town, month, PLAIN)
    sweep()
    before = {period.pk: snapshot for period in ReportingPeriod.objects.all() for snapshot in period.snapshots.all()}
    give_back(town, return_of(town, OCTOBER))
    sweep()
    changed = [
        str(old.period.month)
        for old in before.values()
        if Snapshot.objects.get(pk=old.pk).fingerprint != old.fingerprint
    ]
    assert changed == ["2024-10"]
    assert {snapshot.pk for snapshot in before.values()} == set(Snapshot.objects.values_list("pk", flat=True))


def test_other_rules_roll_every_month_up_again_that_is_not_published(town: Town, monkeypatch: pytest.MonkeyPatch):
    accept(town, SEPTEMBER, PLAIN)
    publish(town, SEPTEMBER)
    accept(town, OCTOBER, PLAIN)
    sweep()
    monkeypatch.setattr(rollup, "RULES_VERSION", rollup.RULES_VERSION + 1)
    assert [str(period.month) for period in roll_up(ReportingPeriod.objects.all()).changed] == ["2024-10"]
    versions = Snapshot.objects.order_by("period__starts_on", "version").values_list(
        "period__starts_on__month", "version", "state", "rules_version"
    )
    rules = rollup.RULES_VERSION
    assert list(versions) == [(9, 1, "published", rules - 1), (10, 1, "draft", rules)]
    assert roll_up(ReportingPeriod.objects.all()).changed == []


def test_nothing_stale_is_no_work(town: Town):
    with CaptureQueriesContext(connection) as queries:
        report = roll_up(stale_periods())
    assert (report.months, report.changed) == ([], [])
    assert sum("SAVEPOINT" not in query["sql"] for query in queries) == 1


# --- What makes a month stale ---------------------------------------------------------------------


def test_accepting_marks_this_month_and_each_later_one(town: Town):
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        open_month(town, month)
    elsewhere = make_town("elsewhere")
    open_month(elsewhere, OCTOBER)
    sweep()
    submission = submit(town, SEPTEMBER, PLAIN)
    # No figure counts yet; but how punctual returns were stands on the pages of this month and the later ones.
    assert stale_months(town) == ["2024-09", "2024-10"]
    sweep()
    accept_again = accept(town, AUGUST, PLAIN)
    assert accept_again.pk != submission.pk
    assert stale_months(town) == ["2024-08", "2024-09", "2024-10"]
    assert stale_months(elsewhere) == []


def test_opening_a_month_marks_those_that_are_compared_with_it(town: Town):
    open_month(town, OCTOBER)
    sweep()
    open_month(town, SEPTEMBER)
    assert stale_months(town) == ["2024-09", "2024-10"]


def test_returning_an_accepted_return_takes_its_figures_out_again(town: Town):
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    accepted = accept(town, OCTOBER, PLAIN)
    open_month(town, OCTOBER.next)
    sweep()
    assert arrow(town, OCTOBER) == (12, "up", 3)
    give_back(town, accepted)
    assert stale_months(town) == ["2024-10", "2024-11"]
    sweep()
    assert arrow(town, OCTOBER) == (None, "none", "awaited")
    assert newest_lines(town, OCTOBER.next)["arrests"].history == [9, None, None]


def test_returning_one_that_was_not_accepted_changes_no_month(town: Town):
    submitted = submit(town, OCTOBER, PLAIN)
    sweep()
    give_back(town, submitted)
    assert stale_months(town) == []


def test_only_signed_off_figures_count(town: Town):
    submit(town, OCTOBER, PLAIN)
    sweep()
    assert arrow(town, OCTOBER) == (None, "none", "awaited")


# --- What a line says -----------------------------------------------------------------------------


def test_a_reason_stands_with_its_note(town: Town):
    accept(town, SEPTEMBER, PLAIN)
    accept(town, OCTOBER, {"arrests": None, "charges": 4})
    sweep()
    line = newest_lines(town, OCTOBER)["arrests"]
    assert (line.state, line.note) == ("not_available", "The system was down")
    assert arrow(town, OCTOBER) == (None, "none", "not_available")


def test_an_indicator_stands_in_the_months_in_which_it_is_asked_for(town: Town):
    arrests, charges = Indicator.objects.filter(area=town.area).order_by("code")
    arrests.definitions.update(applies_from=SEPTEMBER.first_day)
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        open_month(town, month)
    retire_indicator(charges, month=OCTOBER, by=town.coordinator)
    sweep()
    assert {str(month): list(newest_lines(town, month)) for month in (AUGUST, SEPTEMBER, OCTOBER)} == {
        "2024-08": ["charges"],
        "2024-09": ["arrests", "charges"],
        "2024-10": ["arrests"],
    }


def test_an_area_does_not_see_the_figures_of_another(town: Town):
    elsewhere = make_town("elsewhere")
    accept(elsewhere, SEPTEMBER, {"arrests": 1, "charges": 1})
    accept(elsewhere, OCTOBER, {"arrests": 2, "charges": 2})
    open_month(town, SEPTEMBER)
    accept(town, OCTOBER, PLAIN)
    sweep()
    assert arrow(town, OCTOBER) == (12, "none", "previous_awaited")
    assert arrow(elsewhere, OCTOBER) == (2, "up", 1)


# --- Totals ---------------------------------------------------------------------------------------


@pytest.fixture
def split_town(town: Town) -> Town:
    """The town counts lines too, by origin."""
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "lines", dimension=origin, boards=(town.csp,), position=2)
    return town


def test_a_retired_category_stands_in_the_months_that_have_it(split_town: Town):
    accept(split_town, SEPTEMBER, PLAIN | {"lines.london": 1, "lines.leeds": 2})
    retire_part(Category.objects.get(code="leeds"), area=split_town.area, by=split_town.coordinator)
    accept(split_town, OCTOBER, PLAIN | {"lines.london": 4})
    sweep()
    assert list(newest_lines(split_town, SEPTEMBER))[2:] == ["lines", "lines.london", "lines.leeds"]
    assert list(newest_lines(split_town, OCTOBER))[2:] == ["lines", "lines.london"]
    assert newest_lines(split_town, OCTOBER)["lines"].history == [3, 4]


def test_a_category_added_after_a_return_is_asked_for_from_the_next_on(split_town: Town):
    accept(split_town, SEPTEMBER, PLAIN | {"lines.london": 1, "lines.leeds": 2})
    Category.objects.create(dimension=split_town.area.dimensions.get(), code="york", name="York", position=9)
    open_month(split_town, OCTOBER)
    roll_up(ReportingPeriod.objects.all())
    assert list(newest_lines(split_town, SEPTEMBER))[2:] == ["lines", "lines.london", "lines.leeds"]
    assert arrow(split_town, SEPTEMBER, "lines") == (3, "none", "no_previous_month")
    assert list(newest_lines(split_town, OCTOBER))[2:] == ["lines", "lines.london", "lines.leeds", "lines.york"]


# --- Versions -------------------------------------------------------------------------------------


def test_what_was_published_stays_and_a_later_change_is_the_next_draft(town: Town, client: Client):
    """The police issue January's file again, after it was published."""
    make_police_indicators(town.police)
    import_police_months(town.area, [counted("2018-01", 24, 10, 746), counted("2018-02", 30, 11, 700)], by=None)
    first, second = Month(2018, 1), Month(2018, 2)
    for month in (first, second):
        publish(town, month)
    issued = list(IndicatorLine.objects.order_by("pk").values())
    import_police_months(town.area, [counted("2018-01", 26, 10, 746)], by=None)
    assert stale_months(town) == ["2018-01", "2018-02"]
    sweep()

    def seen(month: Month, *, include_drafts: bool) -> tuple[int, str, int | None, int | None]:
        view = newest_view(town.area, month, audience=Audience.PARTNERS, include_drafts=include_drafts)
        (line,) = [line for line in view.lines if line.code == "police-drugs"]
        return view.version, view.state, line.value, line.change

    assert seen(first, include_drafts=True) == (2, "draft", 26, None)
    assert seen(first, include_drafts=False) == (1, "published", 24, None)
    assert seen(second, include_drafts=True) == (2, "draft", 30, 4)
    assert seen(second, include_drafts=False) == (1, "published", 30, 6)
    assert list(IndicatorLine.objects.filter(snapshot__version=1).order_by("pk").values()) == issued

    address = reverse("reporting:month-view", args=[town.area.slug, second])
    pages = {}
    for role in (Role.BOARD_MEMBER, Role.COORDINATOR):
        client.force_login(town.people[role])
        pages[role] = client.get(address).content.decode()
    assert "Up 6 since January" in pages[Role.BOARD_MEMBER]
    assert "Up 4 since January" in pages[Role.COORDINATOR]


def test_publishing_takes_the_figures_of_that_moment(town: Town):
    """Nobody has swept since the return was accepted once more."""
    accepted = accept(town, OCTOBER, PLAIN)
    sweep()
    give_back(town, accepted)
    accept(town, OCTOBER, PLAIN | {"arrests": 2})
    snapshot = publish(town, OCTOBER)
    assert (snapshot.version, snapshot.state) == (1, "published")
    assert arrow(town, OCTOBER)[0] == 2
    assert stale_months(town) == []


def test_a_draft_that_changes_stays_the_same_version(town: Town):
    accepted = accept(town, OCTOBER, PLAIN)
    sweep()
    give_back(town, accepted)
    sweep()
    assert [snapshot.version for snapshot in Snapshot.objects.all()] == [1]


# --- How much it asks of the database -------------------------------------------------------------


def fill(prefix: str, *, areas: int = 1, months: int = 1, indicators: int = 5) -> QuerySet[ReportingPeriod]:
    """Months with a figure for each indicator, not rolled up."""
    for number in range(areas):
        town = make_town(f"{prefix}-{number}")
        names = [f"figure-{each}" for each in range(indicators - len(PLAIN))]
        for name in names:
            make_indicator(town.police, name, boards=(town.csp,))
        for month in months_between(OCTOBER + -(months - 1), OCTOBER):
            accept(town, month, PLAIN | dict.fromkeys(names, 7))
    return ReportingPeriod.objects.filter(area__slug__startswith=prefix)


def queries_of(periods: QuerySet[ReportingPeriod]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        report = roll_up(periods)
    assert len(report.changed) == len(report.months) == periods.count()
    return [query["sql"] for query in queries]


@pytest.mark.both_databases
def test_a_sweep_asks_the_same_of_the_database_for_each_area(transactional_db: None):
    """In transactions of its own, as in production: a number for each area, and a number for each month."""
    asked = []
    for areas, months in ((1, 1), (1, 3), (5, 3)):
        fill(f"{areas}-of-{months}", areas=areas, months=months)
        with CaptureQueriesContext(connection) as queries:
            reports = list(roll_up_each_area(stale_periods()))
        assert [len(report.changed) for report in reports] == [months] * areas
        asked.append(len(queries) - 1)  # one finds the areas
    one, three_months, five_areas = asked
    assert five_areas == 5 * three_months
    assert (three_months - one) // 2 <= 12


@pytest.mark.parametrize("size", [{"areas": 5}, {"months": 12}, {"indicators": 50}], ids=lambda size: next(iter(size)))
def test_the_number_of_queries_is_the_same_for_any_amount(
    db: None, size: dict[str, int], monkeypatch: pytest.MonkeyPatch
):
    least, most = fill("least"), fill("most", **size)
    assert len(queries_of(most)) == len(queries_of(least))
    monkeypatch.setattr(rollup, "RULES_VERSION", rollup.RULES_VERSION + 1)  # the drafts are written again
    assert len(queries_of(most)) == len(queries_of(least))


def test_many_lines_are_added_a_few_at_a_time(db: None, monkeypatch: pytest.MonkeyPatch):
    """Ten years of an area take longer than a page has for one statement: 20 seconds, for 20,000 lines."""
    monkeypatch.setattr(rollup, "LINES_AT_ONCE", 4)
    asked = queries_of(fill("many", months=2, indicators=5))
    assert sum(sql.startswith('INSERT INTO "reporting_indicatorline"') for sql in asked) == 3
    assert IndicatorLine.objects.count() == 10
