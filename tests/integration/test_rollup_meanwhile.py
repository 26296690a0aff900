"""Somebody changes something while a sweep works months out: the change is in the draft in the end.

Each of the changes is of another thing that a month's lines are worked out from.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from actions.models import Kpi
from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.area import retire_part, save_part
from boards.services.months import ensure_month, mark_stale
from core.calendar import Month
from indicators.figures import Entry
from indicators.models import Category, Indicator, Observation, RecordingChange, Section
from indicators.selectors.catalogues import Reach
from indicators.services.corrections import accept_correction, ask_correction, mark_provisional
from indicators.services.figure_imports import reach_back
from indicators.services.open_data import import_police_months
from indicators.services.returns import accept_return, return_return, withdraw_return
from indicators.services.setup import (
    ask_recording_change,
    confirm_recording_change,
    define,
    name_level,
    order_board,
    retire_indicator,
    save_indicator,
)
from reporting.kpis.services import change_kpi, retire_kpi
from reporting.models import Snapshot
from reporting.months import rollup
from reporting.months.rollup import WorkedOut, roll_up, save, work_out
from reporting.months.services import publish_corrections, publish_month, take_back, take_month_away
from tests.factories import make_dimension, make_indicator
from tests.factories.police import counted, make_police_indicators
from tests.integration.clock import Clock
from tests.integration.rows_of_populations import CODE, import_rows
from tests.measuring import LAST, SEEN, history, kpi_draft, move_one, set_one, take_in
from tests.scenarios import Town, accept, close_early, make_town, newest_lines, open_month, publish_early, submit, sweep
from tests.standing import stand
from tests.tiers import vary_at_release

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = LAST.next, LAST.next.next
WHY = "The new custody system counts each arrest"


def make() -> Town:
    """Years of published months until September 2026, an October to publish, and a November that agencies report."""
    town = make_town()
    take_in(town, "charges", *[40] * 16, *[12] * 14)
    history(town, *SEEN * 5)
    town.area.ons_code = CODE
    town.area.save()
    parts = make_dimension(town.area, "origin", ["london", "leeds"])
    late: dict[str, Any] = {"defined_from": OCTOBER.first_day}
    make_indicator(town.police, "lines", dimension=parts, position=2, boards=(town.csp,), **late)
    make_indicator(town.police, "raids", position=3, **late)
    rate: dict[str, Any] = {"collection": "ratio", "ratio": "rate", "per": 10_000, "ages": "all"}
    make_indicator(town.police, "raid-rate", numerator=find(town, "raids"), position=4, **rate, **late)
    make_police_indicators(town.police)
    set_one(town)
    figures = {"arrests": 30, "charges": 12, "lines.london": 3, "lines.leeds": 4, "raids": 5}
    accept(town, OCTOBER, figures)
    submit(town, NOVEMBER, figures | {"arrests": 31})
    ask_recording_change(find(town, "charges"), month=OCTOBER, why=WHY, by=town.people[Role.ANALYST])
    ask_correction(
        find(town, "arrests"), None, period_of(town, LAST), entry=Entry("20"), reason="A fault", by=town.lead
    )
    sweep()
    return town


made, town = stand(make)


def find(town: Town, code: str) -> Indicator:
    return Indicator.objects.select_related("area", "owner__area").get(area=town.area, code=code)


def period_of(town: Town, month: Month) -> ReportingPeriod:
    return ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)


def return_of(town: Town, month: Month) -> Any:
    return town.police.submissions.select_related("agency__area", "period__area").get(period=period_of(town, month))


def one_kpi(town: Town) -> Kpi:
    return Kpi.objects.select_related("area").get(area=town.area)


# --- What people change ---------------------------------------------------------------------------


def accept_a_correction(town: Town) -> None:
    accept_correction(find(town, "arrests").corrections.get(), by=town.coordinator)


def mark_a_figure_provisional(town: Town) -> None:
    figure = Observation.objects.get(indicator__code="arrests", period=period_of(town, OCTOBER))
    mark_provisional(figure, is_provisional=True, by=town.coordinator, why="The system was down")


def import_from_the_police(town: Town) -> None:
    import_police_months(town.area, [counted(str(OCTOBER), 3, 4, 5)], by=None)


def rename_an_indicator(town: Town) -> None:
    indicator = find(town, "raids")
    indicator.title = "Doors opened"
    save_indicator(indicator, boards=[], by=town.coordinator)


def show_an_indicator_to_a_board(town: Town) -> None:
    save_indicator(find(town, "raids"), boards=[town.csp], by=town.coordinator)


def change_the_order_of_a_board(town: Town) -> None:
    place = town.csp.indicator_places.get(indicator__code="lines")
    order_board(town.csp, {place.pk: 7}, by=town.coordinator)


def rename_a_section(town: Town) -> None:
    section = Section.objects.get(area=town.area)
    section.title = "Arrests and charges"
    save_part(section, area=town.area, by=town.coordinator)


def rename_an_agency(town: Town) -> None:
    town.police.name = "Constabulary"
    save_part(town.police, area=town.area, by=town.coordinator)


def rename_a_category(town: Town) -> None:
    leeds = Category.objects.get(dimension__area=town.area, code="leeds")
    leeds.name = "Leeds and Bradford"
    save_part(leeds, area=town.area, by=town.coordinator)


def add_a_category_and_retire_another(town: Town) -> None:
    dimension = find(town, "lines").dimension
    save_part(Category(dimension=dimension, code="hull", name="Hull"), area=town.area, by=town.coordinator)
    retire_part(dimension.categories.get(code="leeds"), area=town.area, by=town.coordinator)


def name_a_level(town: Town) -> None:
    line = newest(town, OCTOBER).lines.get(indicator_code="charges")
    since, names = Month.of(line.level_since), {"name": "The new team", "reason": "It started then"}
    name_level(find(town, "charges"), None, since=since, **names, by=town.coordinator)


def define_anew(town: Town) -> None:
    define(find(town, "charges"), text="Counted in another way.", applies_from=OCTOBER, by=town.coordinator)


def define_from_an_earlier_month(town: Town) -> None:
    definition = find(town, "raids").definitions.select_related("indicator__area").get()
    reach_back(Reach(definition, since=OCTOBER, first=OCTOBER + -3), by=town.coordinator)


def confirm_a_new_way_of_recording(town: Town) -> None:
    confirm_recording_change(RecordingChange.objects.get(), by=town.coordinator)


def move_a_target(town: Town) -> None:
    move_one(town, one_kpi(town))


def change_a_kpi(town: Town) -> None:
    change_kpi(one_kpi(town), kpi_draft(town, title="Another title"), revision=0, by=town.coordinator)


def hand_a_return_in_again(town: Town) -> None:
    withdraw_return(return_of(town, NOVEMBER), revision=return_of(town, NOVEMBER).revision, by=town.lead)


CHANGES: dict[str, Callable[[Town], object]] = {
    "a return is accepted": lambda town: accept_return(return_of(town, NOVEMBER), by=town.coordinator),
    "a return is given back": lambda town: return_return(
        return_of(town, OCTOBER), comment="Please check", by=town.coordinator
    ),
    "a correction of a published month": accept_a_correction,
    "a figure is provisional": mark_a_figure_provisional,
    "a figure of a file": lambda town: take_in(town, "charges", 39, last=LAST + -30),
    "figures of the police": import_from_the_police,
    "the title of an indicator": rename_an_indicator,
    "the boards of an indicator": show_an_indicator_to_a_board,
    "the order of a board": change_the_order_of_a_board,
    "a retired indicator": lambda town: retire_indicator(find(town, "raid-rate"), month=NOVEMBER, by=town.coordinator),
    "the name of a section": rename_a_section,
    "the name of an agency": rename_an_agency,
    "the name of a category": rename_a_category,
    "the categories": add_a_category_and_retire_another,
    "the name of a level": name_a_level,
    "a definition": define_anew,
    "the start of a definition": define_from_an_earlier_month,
    "a new way of recording": confirm_a_new_way_of_recording,
    "residents": lambda town: import_rows(town.area, "2026,all,182463"),
    "the target of a KPI": move_a_target,
    "the title of a KPI": change_a_kpi,
    "a retired KPI": lambda town: retire_kpi(one_kpi(town), why="No one looks at it", by=town.coordinator),
    "when a return arrived": hand_a_return_in_again,
    "the first month": lambda town: ensure_month(town.area, LAST + -30, by=town.coordinator),
}


# --- The attack -----------------------------------------------------------------------------------


def newest(town: Town, month: Month) -> Snapshot:
    return Snapshot.objects.filter(period=period_of(town, month)).latest("version")


def said(town: Town) -> list[tuple[object, ...]]:
    """All that the area's versions say: a fingerprint is of every line."""
    versions = Snapshot.objects.filter(period__area=town.area).order_by("period__starts_on", "version")
    return list(versions.values_list("period__starts_on", "version", "state", "fingerprint", "timeliness"))


def what_figures_say(town: Town) -> list[tuple[object, ...]]:
    """… after every month was worked out under its lock."""
    roll_up(newest_months(town))
    return said(town)


def newest_months(town: Town) -> QuerySet[ReportingPeriod]:
    """One that is published, and those after it."""
    return ReportingPeriod.objects.filter(area=town.area, starts_on__gte=LAST.first_day)


def work_out_while(town: Town, change: Callable[[Town], object]) -> None:
    """A sweep has worked every month out, and has yet to write them, when somebody changes something."""
    mark_stale(town.area, LAST)
    before = work_out(list(newest_months(town).order_by("starts_on").select_related("area")))
    change(town)
    for each in before:
        save(each)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_meanwhile_is_in_the_draft_in_the_end(town: Town, change: Callable[[Town], object]):
    before = said(town)
    work_out_while(town, change)
    sweep()
    after = said(town)
    assert after != before, "Nothing shows this change, so that this test couldn't fail."
    assert after == what_figures_say(town)


@pytest.mark.parametrize("change", vary_at_release([*CHANGES.values()], every_time=4), ids=CHANGES)
def test_without_a_look_at_the_months_it_would_be_lost(
    town: Town, change: Callable[[Town], object], monkeypatch: pytest.MonkeyPatch
):
    """So each test above would notice."""
    monkeypatch.setattr(rollup, "describe_state", lambda period, versions: None)
    work_out_while(town, change)
    monkeypatch.undo()
    sweep()
    assert said(town) != what_figures_say(town)


# --- The month itself changes -----------------------------------------------------------------------


def worked_out(town: Town, month: Month) -> WorkedOut:
    [found] = work_out([period_of(town, month)])
    return found


def test_a_month_that_was_published_meanwhile_stays_as_it_was_published(town: Town):
    before = worked_out(town, OCTOBER)
    publish_early(period_of(town, OCTOBER), by=town.coordinator)
    kept = said(town)
    assert save(before) is None
    assert (said(town), newest(town, OCTOBER).state) == (kept, "published")


def test_a_correction_that_was_published_meanwhile_stays_as_it_was_published(town: Town):
    accept_a_correction(town)
    before = worked_out(town, LAST)
    publish_corrections(town.area, by=town.coordinator)
    kept = said(town)
    assert save(before) is None
    assert (said(town), newest(town, LAST).version) == (kept, 2)


def test_a_month_that_was_taken_back_meanwhile_has_a_draft_again(town: Town):
    period = close_early(period_of(town, OCTOBER), by=town.coordinator)
    published = publish_month(period, why=WHY, grace=timedelta(minutes=15), by=town.coordinator)
    before = worked_out(town, OCTOBER)
    take_back(town.area, seen=[published.pk], why="The wrong month", by=town.coordinator)
    kept = said(town)
    assert save(before) is None
    assert (said(town), newest(town, OCTOBER).state) == (kept, "draft")


def test_a_month_that_was_removed_meanwhile_stays_away(town: Town, monkeypatch: pytest.MonkeyPatch):
    Clock(monkeypatch)("2026-12-05")
    december = open_month(town, NOVEMBER.next)
    before = worked_out(town, NOVEMBER.next)
    take_month_away(december, by=town.coordinator)
    assert save(before) is None
    assert not Snapshot.objects.filter(period__starts_on=NOVEMBER.next.first_day).exists()


def test_of_two_workers_the_second_leaves_the_month(town: Town):
    mark_stale(town.area, OCTOBER)
    first, second = worked_out(town, OCTOBER), worked_out(town, OCTOBER)
    assert save(first) is not None
    accept_return(return_of(town, NOVEMBER), by=town.coordinator)
    assert save(second) is None


def test_a_second_worker_leaves_a_month_that_nobody_had_marked(town: Town):
    """By hand, months are worked out that aren't stale. One that was done since isn't stale either."""
    before = worked_out(town, NOVEMBER)
    accept_return(return_of(town, NOVEMBER), by=town.coordinator)
    sweep()
    assert period_of(town, NOVEMBER).stale_since is None
    kept = said(town)
    assert save(before) is None
    assert said(town) == kept


@pytest.mark.parametrize("clock", ["2026-11-20 12:00", "2026-11-20 11:00"], ids=["stands still", "is put back"])
def test_a_change_is_a_change_even_if_the_clock(town: Town, clock: str, monkeypatch: pytest.MonkeyPatch):
    show = Clock(monkeypatch)
    show("2026-11-20 12:00")
    mark_stale(town.area, NOVEMBER)
    before = worked_out(town, NOVEMBER)
    show(clock)
    accept_return(return_of(town, NOVEMBER), by=town.coordinator)
    assert save(before) is None
    assert newest_lines(town, NOVEMBER)["arrests"].state == "awaited"
    sweep()
    assert newest_lines(town, NOVEMBER)["arrests"].value == 31
