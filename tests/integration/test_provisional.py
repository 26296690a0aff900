"""A figure that may still change: it counts like any other, and says so wherever it stands."""

import csv
import io
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.disclosure import Audience
from indicators.models import FigureChange, Observation
from indicators.services.corrections import mark_provisional
from indicators.services.returns import accept_return
from reporting.exports.presenters.months import newest_view
from reporting.months.presenters.shapes import MonthView
from reporting.packs.presenters import sources
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order
from tests.factories import make_dimension, make_indicator
from tests.integration.command_line import run
from tests.scenarios import Town, accept, make_town, newest_lines, publish, stale_months, submit, sweep
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = Month(2024, 9), Month(2024, 10), Month(2024, 11)
FIGURES = {"arrests": 12, "charges": 4}
KEY = ("[p]", "provisional: may still change")


def make_october() -> Town:
    """September as usual; October's arrests are accepted as provisional."""
    town = make_town()
    accept(town, SEPTEMBER, FIGURES | {"arrests": 9})
    accept_return(submit(town, OCTOBER, FIGURES), by=town.coordinator, provisional={"arrests"})
    sweep()
    return town


made, october = stand(make_october)


def arrests(month: Month = OCTOBER) -> Observation:
    return Observation.objects.get(indicator__code="arrests", period__starts_on=month.first_day)


def view_of(town: Town, month: Month = OCTOBER) -> MonthView:
    return newest_view(town.area, month, audience=Audience.PARTNERS, include_drafts=True)


def page_of(town: Town, path: str) -> str:
    client = signed_in(town.coordinator)
    return client.get(f"/testford/{path}").content.decode()


# --- What it says ---------------------------------------------------------------------------------


def test_a_month_marks_it_and_counts_it_like_any_other(october: Town):
    view = view_of(october)
    (line,) = (line for line in view.lines if line.code == "arrests")
    assert (line.text, line.value, line.change, line.words) == ("12 [p]", 12, 3, "Up 3 since September")
    assert line.sentence.endswith(". Provisional, so it may still change")
    assert view.key == (KEY,)
    assert view.sections[0].sentence.startswith("Arrests rose to 12 [p].")
    assert [one.text for one in view.lines if one.code != "arrests"] == ["4"]


def test_nothing_is_said_where_nothing_is_provisional(october: Town):
    view = view_of(october, SEPTEMBER)
    assert view.key == ()
    assert "[p]" not in page_of(october, "2024-09/")
    assert "provisional" not in " ".join(line.sentence for line in view.lines)


def test_page_of_the_month_has_the_mark_in_tile_and_table_and_the_key(october: Town):
    page = page_of(october, "2024-10/")
    assert '<span class="vv-figure__number">12</span>' in page
    assert "<p>Provisional: may still change.</p>" in page
    assert "<td>12 [p]</td>" in page
    before_table, _, table = page.partition('<table class="vv-table vv-table--month">')
    assert "<dt>[p]</dt><dd>provisional: may still change</dd>" in before_table
    assert table


def test_page_of_the_indicator_marks_the_month_also_when_it_is_not_the_newest(october: Town):
    page = page_of(october, "indicators/arrests/")
    assert '<span class="vv-tile__number">12 [p]</span>' in page
    assert '<th scope="row">October 2024</th><td class="vv-number">12 [p]</td>' in page
    assert '<th scope="row">September 2024</th><td class="vv-number">9</td>' in page
    assert "<dt>[p]</dt><dd>provisional: may still change</dd>" in page
    accept(october, NOVEMBER, FIGURES)
    sweep()
    later = page_of(october, "indicators/arrests/")
    assert '<th scope="row">November 2024</th><td class="vv-number">12</td>' in later
    assert '<th scope="row">October 2024</th><td class="vv-number">12 [p]</td>' in later
    assert "<dt>[p]</dt>" in later


def test_its_row_under_where_figures_came_from_is_marked_and_leads_to_its_page(october: Town):
    page = page_of(october, "indicators/arrests/")
    origins = page[page.index("Where its figures came from") :]
    link = '<a class="govuk-link" href="/testford/figures/2024-10/arrests/">October 2024</a>'
    assert f'<tr><th scope="row">{link}</th><td class="vv-number">12 [p]</td>' in origins
    strategic = signed_in(october.people[Role.STRATEGIC])
    assert "/figures/2024" not in strategic.get("/testford/indicators/arrests/").content.decode()


def test_the_pack_has_the_mark_and_the_key(october: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "FEW", 0)  # a pack of two indicators has no such table
    period = ReportingPeriod.objects.select_related("area").get(area=october.area, starts_on="2024-10-01")
    pack = make_pack(Order(period, october.csp), include_drafts=True).pack
    (figures,) = (chapter for chapter in pack.chapters if chapter.key == "figures")
    blocks: Any = figures.blocks
    table, key = blocks
    assert [row[1].text for row in table.rows] == ["12 [p]", "4"]
    assert key.rows == (KEY,)


def test_a_file_of_the_month_keeps_its_columns_and_the_command_says_it(october: Town):
    as_csv = run("export_month", "--area=testford", "--month=2024-10", "--format=csv")
    rows = list(csv.DictReader(io.StringIO(as_csv.out[as_csv.out.index("indicator,") :])))
    assert [(row["indicator"], row["value"], row["state"]) for row in rows] == [
        ("arrests", "12", "figure"),
        ("charges", "4", "figure"),
    ]
    as_json = run("export_month", "--area=testford", "--month=2024-10")
    assert [line["value"] for line in json.loads(as_json.out)["lines"]] == [12, 4]
    assert "Provisional, so they may still change: Arrests." in as_json.err
    assert "rovisional" not in run("export_month", "--area=testford", "--month=2024-09").err


def test_a_whole_is_provisional_as_long_as_one_of_its_parts_is(town: Town):
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london", "leeds"]))
    figures = FIGURES | {"lines.london": 3, "lines.leeds": 2}
    accept_return(submit(town, OCTOBER, figures), by=town.coordinator, provisional={"lines.leeds"})
    sweep()
    texts = {(line.code, line.category_code): line.text for line in view_of(town).lines if line.code == "lines"}
    assert texts == {("lines", ""): "5 [p]", ("lines", "london"): "3", ("lines", "leeds"): "2 [p]"}
    leeds = Observation.objects.get(category__code="leeds")
    mark_provisional(leeds, is_provisional=False, by=town.coordinator)
    sweep()
    assert {line.text for line in view_of(town).lines if line.code == "lines"} == {"5", "3", "2"}


# --- Marking and confirming -----------------------------------------------------------------------


def test_only_the_chosen_figures_are_marked_when_a_return_is_accepted(town: Town):
    accept_return(
        submit(town, OCTOBER, {"arrests": 12, "charges": None}),
        by=town.coordinator,
        provisional={"arrests", "charges", "no-such-box"},
    )
    assert dict(Observation.objects.values_list("indicator__code", "is_provisional")) == {
        "arrests": True,
        "charges": False,  # there is no number that could change
    }


def test_a_figure_is_confirmed_later(october: Town):
    accept(october, NOVEMBER, FIGURES)
    sweep()
    mark_provisional(arrests(), is_provisional=False, by=october.coordinator, why=" The audit is done ")
    assert stale_months(october) == ["2024-10", "2024-11"]
    sweep()
    assert view_of(october).lines[0].text == "12"
    assert "[p]" not in page_of(october, "indicators/arrests/")
    changes = FigureChange.objects.filter(indicator__code="arrests", period=arrests().period).order_by("id")
    assert list(changes.values_list("act", "made_by__email", "value_before", "value_after", "why")) == [
        ("entered", october.lead.email, None, 12, ""),
        ("accepted", october.coordinator.email, 12, 12, ""),
        ("made_provisional", october.coordinator.email, 12, 12, ""),
        ("confirmed", october.coordinator.email, 12, 12, "The audit is done"),
    ]
    assert AuditEvent.objects.latest("id").verb == "figure.confirmed"


def test_a_figure_of_a_published_month_is_marked_in_the_next_version(town: Town):
    accept(town, OCTOBER, FIGURES)
    first = publish(town, OCTOBER)
    mark_provisional(arrests(), is_provisional=True, by=town.coordinator)
    sweep()
    assert not first.lines.get(indicator_code="arrests").is_provisional
    assert newest_lines(town, OCTOBER)["arrests"].is_provisional
    assert newest_lines(town, OCTOBER)["arrests"].snapshot.version == 2


def test_the_same_button_again_changes_nothing(october: Town):
    before = FigureChange.objects.count()
    mark_provisional(arrests(), is_provisional=True, by=october.coordinator)
    assert (FigureChange.objects.count(), stale_months(october)) == (before, [])


def test_what_has_no_number_or_is_not_signed_off_is_not_marked(town: Town):
    accept(town, SEPTEMBER, {"arrests": None, "charges": 4})
    submit(town, OCTOBER, FIGURES)
    with pytest.raises(TransitionRefused, match=r"has no number\. Only a number can be provisional\.$"):
        mark_provisional(arrests(SEPTEMBER), is_provisional=True, by=town.coordinator)
    with pytest.raises(TransitionRefused, match=r"^Arrests, October 2024 is not signed off"):
        mark_provisional(arrests(), is_provisional=True, by=town.coordinator)
    assert not Observation.objects.filter(is_provisional=True).exists()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OPERATOR, Role.COORDINATOR)])
def test_only_a_coordinator_marks(october: Town, role: Role):
    with pytest.raises(PermissionDenied, match=r"^Only a coordinator of Testford can do this.$"):
        mark_provisional(arrests(), is_provisional=False, by=october.people[role])
    assert arrests().is_provisional


def test_a_snapshot_made_by_older_rules_still_shows(october: Town):
    """Its steps say nothing of provisional figures."""
    line = newest_lines(october, OCTOBER)["arrests"]
    assert [step.pop("provisional") for step in line.steps] == [[1]]
    line.save(update_fields=["steps"])
    assert '<th scope="row">October 2024</th><td class="vv-number">12</td>' in page_of(october, "indicators/arrests/")
