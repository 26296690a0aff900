"""KPIs on shares, rates, averages and stocks: what is added up, and what is said of it."""

import re
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from actions.models import Kpi, KpiTarget
from boards.permissions import access_to
from core.calendar import Month
from indicators.models import Indicator
from indicators.trend import Polarity
from reporting.exports.presenters.months import kpi_cells
from reporting.kpis.presenters import KpiRow, kpi_rows
from reporting.kpis.readings import KpiPage
from reporting.kpis.services import set_kpi
from reporting.kpis.targets import list_alternatives, prepare_target
from reporting.models import KpiLine, Snapshot
from reporting.months.kpi_lines import measure
from reporting.months.presenters.series import make_aims
from reporting.months.selectors import list_kpi_marks
from reporting.public.presenters.month import make_kpis
from tests.factories import make_indicator
from tests.integration.clock import Clock
from tests.integration.test_ratios import add_residents
from tests.measuring import kpi_draft, take_in, target_draft
from tests.scenarios import Town, make_town, newest_lines, publish, publish_openly, sweep
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
FIRST, LAST = Month(2025, 1), Month(2026, 9)
BASELINE = {"baseline_from": FIRST, "baseline_to": FIRST + 11, "better": Polarity.HIGHER, "due": LAST + 12}


@pytest.fixture(scope="module")
def made(standing) -> Town:
    return standing(make)


@pytest.fixture
def town(db, made, monkeypatch) -> Town:
    Clock(monkeypatch)("2026-10-05")
    return made


def make() -> Town:
    """21 months: 40 of 100 staff trained in the first year, then 60; 20 seen of 40 homes, then 32; 30 admitted of
    100,000 residents; 90 days over 10 cases."""
    town = make_town()
    add_residents(town, 2024, 100_000)
    fields: dict[str, Any] = {"defined_from": FIRST.first_day, "boards": (town.csp,)}
    ratio: dict[str, Any] = {"collection": "ratio", "polarity": "higher", **fields}
    share: dict[str, Any] = {"ratio": "share", "per": 100}
    staff = make_indicator(town.police, "staff", counts_as="stock", **fields)
    trained = make_indicator(town.police, "trained", counts_as="stock", part_of=staff, **fields)
    make_indicator(
        town.police, "staff-share", numerator=trained, denominator=staff, counts_as="stock", **share, **ratio
    )
    due = make_indicator(town.police, "due", **fields)
    seen = make_indicator(town.police, "seen", part_of=due, **fields)
    make_indicator(town.police, "seen-share", numerator=seen, denominator=due, **share, **ratio)
    admitted = make_indicator(town.police, "admitted", **fields)
    make_indicator(town.police, "rate", ratio="rate", per=10_000, ages="all", numerator=admitted, **ratio)
    make_indicator(town.police, "wait", ratio="average", numerator=due, denominator=seen, **ratio)
    before, after = 12, 9
    series = {
        "staff": [100] * 21,
        "trained": [40] * before + [60] * after,
        "due": [40] * 21,
        "seen": [20] * before + [32] * after,
        "admitted": [30] * 21,
    }
    for code, values in series.items():
        take_in(town, code, *values, last=LAST)
    publish(town, LAST + -1)
    return town


def set_on(town: Town, code: str, *, went_on_why: str = "", **target: Any) -> Kpi:
    indicator = Indicator.objects.select_related("area").get(area=town.area, code=code)
    wanted = target_draft(**BASELINE | target)
    return set_kpi(indicator, kpi_draft(town), wanted, went_on_why=went_on_why, by=town.coordinator)


def published(town: Town, month: Month = LAST) -> KpiLine:
    sweep()
    publish(town, month)
    return Snapshot.objects.get(period__area=town.area, period__starts_on=month.first_day).kpi_lines.get()


def test_a_share_of_a_flow_is_the_share_of_its_sums(town: Town):
    kpi = set_on(town, "seen-share", target=80.0)
    target = kpi.targets.get()
    assert (target.baseline, target.baseline_figures[0]["value"], target.baseline_figures[0]["of"]) == (50, 20, 40)
    assert target.is_enough
    line = published(town)
    assert (line.per, line.unit, line.months, line.value) == (100, "%", 9, 80)
    assert line.said.startswith("On course: 80% in the 9 months since it started (65.1% to 89.5%, allowing for chance)")


def test_a_stock_is_its_newest_month_alone(town: Town):
    kpi = set_on(town, "staff-share", target=70.0, went_on_why="It is what the plan asks")
    (said,) = kpi.targets.get().outlook
    assert "stock" in said or "on a day" in said
    line = published(town)
    assert (line.months, line.figures, line.value) == (1, 1, 60)
    assert "60% in September 2026. It should be" in line.said
    assert (line.lower, line.upper) == (60, 60)
    assert line.due_trajectory == pytest.approx(40 + 30 * 9 / 21)


def test_a_rate_is_held_against_its_residents(town: Town):
    kpi = set_on(town, "rate", target=12.0, better=Polarity.LOWER)
    assert kpi.targets.get().baseline == pytest.approx(36)  # 360 a year, of 100,000
    line = published(town)
    assert line.value == pytest.approx(36)
    assert line.lower == pytest.approx(19.11, abs=0.01)  # wider than Byar's of 270: so few months may drift
    assert line.state == "too_close"


def test_numbers_are_said_as_what_is_counted_is(town: Town):
    """A stock isn't so many a month."""
    set_on(town, "staff", target=150.0, went_on_why="It is what the plan asks")
    line = published(town)
    assert KpiRow(line, "").aim == "From 100 to 150 by September 2027"
    assert (line.unit, line.aim_unit) == ("", "")


def test_a_rate_says_what_it_is_of_and_its_time(town: Town):
    set_on(town, "rate", target=12.0, better=Polarity.LOWER)
    line = published(town)
    row = KpiRow(line, "")
    assert row.aim == "From 36 per 10,000 a year to 12 per 10,000 a year by September 2027"
    assert (row.numbers["value"], row.numbers["baseline"]) == ("36 per 10,000 a year", "36")
    assert "36 per 10,000 a year in the 9 months since it started (19.2 to 61.2, allowing for chance)." in line.said


def test_a_target_of_before_is_a_months_mean_and_says_so(town: Town):
    """As the upgrade leaves it: a row without spreads, and with a rate of one month."""
    kpi = set_on(town, "rate", target=12.0, better=Polarity.LOWER)
    row = KpiTarget.objects.filter(kpi=kpi).values().get()
    before = {"version": 2, "reason": "As it was", "baseline": 3.0, "target": 1.0, "rate_months": 1, "spreads": []}
    KpiTarget.objects.create(**row | before | {"id": None, "history_from": None})
    line = published(town)
    assert line.value == pytest.approx(3)
    assert KpiRow(line, "").aim == "From 3 per 10,000 a month to 1 per 10,000 a month by September 2027"
    assert "3 per 10,000 a month in the 9 months since it started (1.6 to 5.1, allowing for chance)." in line.said
    (view,) = [
        one for one in KpiPage(access_to(town.area, by=town.coordinator), kpi.number).target_views if one.version == 2
    ]
    assert view.aim.startswith("1 per 10,000 a month by")


def test_a_line_of_before_keeps_its_numbers_and_says_a_month(town: Town):
    set_on(town, "rate", target=12.0, better=Polarity.LOWER)
    line = published(town)
    line.unit = line.aim_unit = " per 10,000"
    line.value, line.baseline, line.target = 3.0, 3.0, 1.0
    row = KpiRow(line, "")
    assert row.aim == "From 3 per 10,000 a month to 1 per 10,000 a month by September 2027"
    assert row.numbers["value"] == "3 per 10,000 a month"


def test_each_page_file_and_answer_says_the_rate_of_its_counts(town: Town):
    """270 admitted in nine months, of 100,000 residents: 36 per 10,000 a year, and 3 a month."""
    kpi = set_on(town, "rate", target=12.0, better=Polarity.LOWER)
    line = published(town)
    annual = 10_000 * 270 / 9 * 12 / 100_000
    assert line.value == pytest.approx(annual)
    client = signed_in(town.coordinator)
    pages = {
        "list": "/testford/kpis/",
        "one": f"/testford/kpis/{kpi.number}/",
        "set": "/testford/kpis/set/rate/",
    }
    for name, path in pages.items():
        page = " ".join(client.get(path).content.decode().split())
        assert "36 per 10,000 a year" in page, name
        assert not re.search(r"\d per 10,000(?! a (year|month)|,)", page), name
    # A month has its cases: thirty in a month aren't 36 per 10,000 of that month.
    page = client.get(pages["one"]).text
    assert re.findall(r'<th scope="col" class="vv-number">([^<]*)<', page) == [
        "Cases among 100,000",
        "Trajectory per 10,000 a year",
    ]
    assert re.findall(r'<th scope="row">[^<]*</th><td class="vv-number">([^<]*)<', page) == ["30"] * 21
    assert "over the 12 months to each month" in page
    (row,) = kpi_rows([KpiRow(line, "")])
    assert (row["value"], row["baseline"], row["target"], row["unit"]) == (36, 36, 12, " per 10,000 a year")
    # Beside the month's own rate, the target is a month's.
    (mark,) = list_kpi_marks(line.snapshot)
    assert kpi_cells(mark)["target"] == 1
    assert kpi_cells(mark._replace(target=2.4))["target"] == 0.2  # not 0.19999999999999998
    (aim,) = make_aims([(line, kpi.targets.get())], FIRST, LAST, slug="testford")
    assert aim.drawn.target == 10  # in tenths
    assert aim.words == "K1: to 12 per 10,000 a year by September 2027"


def test_what_is_asked_each_quarter_begins_from_the_figures_that_it_has(db, monkeypatch):
    """Twelve months have four figures, and eight that hold; four months have two."""
    Clock(monkeypatch)("2026-10-05")
    town = make_town("othertown")
    make_indicator(town.police, "quarter", asked="quarterly", defined_from=FIRST.first_day, boards=(town.csp,))
    take_in(town, "quarter", *(8 if month % 3 == 0 else None for month in range(21)), last=LAST)
    publish(town, LAST + -1)
    with pytest.raises(ValidationError, match="only 2 of these months had their own figure, and a baseline needs 3"):
        set_on(town, "quarter", target=20.0, baseline_to=FIRST + 3)
    with pytest.raises(ValidationError, match="Say why you are setting it anyway"):
        set_on(town, "quarter", target=20.0)
    kpi = set_on(town, "quarter", target=20.0, went_on_why="The board asked for it")
    target = kpi.targets.get()
    assert target.outlook == [
        "This indicator isn’t collected each month, and we don’t know how much so few figures can show."
    ]
    assert (target.baseline, len(target.baseline_figures)) == (8, 4)
    line = published(town)
    assert (line.months, line.figures, line.value, line.due_baseline) == (9, 3, 24, 24)
    assert "in the last 9 months, 3 of them with a figure" in line.said


def test_an_average_varies_as_its_own_months_show(town: Town):
    with pytest.raises(ValidationError, match="how much an average varies only from its own monthly figures"):
        set_on(town, "wait", target=1.0, better=Polarity.LOWER, baseline_from=FIRST + 1)
    kpi = set_on(town, "wait", target=1.0, better=Polarity.LOWER, went_on_why="The board asked for it")
    target = kpi.targets.get()
    assert target.baseline == 2  # 40 over 20
    assert target.outlook[0] == (
        "A fall of 50% from 2: we don’t judge single months of an average. Once its target is due, this KPI would show "
        "the change in 78 of 100 towns."
    )
    line = published(town)
    assert (line.value, line.state) == (1.25, "too_close")  # 40 over 32, and the target isn't due
    assert line.lower < 1.25 < 2 < line.upper


def test_a_share_ends_at_100_per_cent(town: Town):
    with pytest.raises(ValidationError, match="A share can’t be above 100%"):
        set_on(town, "seen-share", went_on_why="We promised it", target=150.0)


def test_the_public_sees_a_kpi_on_a_share_whose_counts_are_all_shown(town: Town):
    set_on(town, "seen-share", target=80.0)
    published(town)
    (kept,) = publish_openly(town, LAST).kpis
    assert (kept["per"], kept["unit"], kept["value"]) == (100, "%", 80)
    (shown,) = make_kpis([kept])
    assert shown.aim.startswith("The aim: from 50% to 80% by September 2027.")
    assert shown.reach.startswith(" (65.1% to ")


def test_and_none_where_one_of_its_months_is_withheld(town: Town):
    """38 of 40 in the newest month: two who weren't seen."""
    set_on(town, "seen-share", target=80.0)
    take_in(town, "due", 40, last=LAST)
    take_in(town, "seen", 38, last=LAST)
    published(town)
    edition = publish_openly(town, LAST)
    assert edition.lines.get(indicator_code="seen-share").state == "withheld"
    assert edition.kpis == []


def test_a_held_figure_is_counted_once(town: Town):
    make_indicator(town.police, "quarter", asked="quarterly", defined_from=date(2025, 1, 1), boards=(town.csp,))
    indicator = Indicator.objects.select_related("area").get(area=town.area, code="quarter")
    take_in(town, "quarter", 10, last=Month(2026, 7))
    sweep()
    line = newest_lines(town, LAST)[indicator.code]
    assert line.history[-3:] == [10, 10, 10]
    assert [figure and figure.cases for figure in measure(line).figures[-3:]] == [10, None, None]


def test_what_is_seen_better_is_offered(town: Town):
    """Of cases that are a part: the share that they are of, what they are a part of, and all parts together."""
    other = make_town("othertown")
    whole = make_indicator(other.police, "all", defined_from=FIRST.first_day)
    for code in ("few", "many"):
        make_indicator(other.police, code, part_of=whole, defined_from=FIRST.first_day)
    take_in(other, "all", *[90, 110] * 10, 90, last=LAST)
    take_in(other, "few", *[8, 10] * 10, 8, last=LAST)
    take_in(other, "many", *[80, 98] * 10, 80, last=LAST)
    publish(other, LAST)
    few = Indicator.objects.select_related("area").get(area=other.area, code="few")
    draft = target_draft(**BASELINE | {"better": Polarity.LOWER, "target": 6.0, "baseline_to": LAST})
    offers = prepare_target(few, draft, smallest=10, strand_id=0).outlook.offers
    assert any(offer.startswith("Few and many together: a fall of") for offer in offers)
    assert any(offer.startswith("All: a fall of") for offer in offers)
    seen = Indicator.objects.select_related("area").get(area=town.area, code="seen")
    near = list_alternatives(seen, 0)["others"]
    assert near["Seen share"].wholes[-1] == 40
    assert near["Due"].wholes[-1] is None
    assert {"Due", "Seen share", "Admitted"} <= set(near)
    assert not {"Wait", "Rate", "Staff", "Staff share"} & set(near)  # an average, a rate and two of a day
