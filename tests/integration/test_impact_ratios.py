"""Before and after of shares and rates, from both of their counts; and what of ratios and counts isn't compared."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from actions.models import Way
from core.calendar import Month
from indicators.impact.claim import compare
from indicators.models import ComparisonSeries
from reporting.impact.presenters.page import ImpactView, find_impact, make_r_code, make_series_file
from reporting.impact.results import Outcome
from tests.factories import make_indicator
from tests.happening import expect, indicator, tell
from tests.integration.rows_of_comparisons import consent, import_rows
from tests.integration.test_ratios import add_residents
from tests.measuring import take_in
from tests.scenarios import Town, make_town, publish
from tests.standing import stand
from tests.unit.test_impact_results import BEFORE

pytestmark = pytest.mark.django_db
FIRST, EVENT, LAST = Month(2023, 10), Month(2026, 4), Month(2026, 9)
STEADY, AFTER = 30, 6  # months
DUE = [40 + value % 3 for value in range(STEADY + AFTER)]
SEEN = [*BEFORE[:STEADY], 33, 31, 34, 32, 33, 35]  # of 40 or so: from about 20 to about 33
RATIOS = ("seen-share", "rate", "wait", "staff-share", "quarter-share")


@pytest.fixture
def town(towns: list[Town]) -> Town:
    return towns[0]


def make() -> list[Town]:
    """Testford, where more homes are seen from April 2026 on, and three towns where nothing changes. Homes are due and
    seen in a month, staff are counted on a day, and one count is asked for each quarter."""
    towns = [make_town(), *(make_town(f"town-{number}") for number in range(3))]
    for town in towns:
        make_ratios(town)
        is_own = town is towns[0]
        series = {
            "due": DUE,
            "seen": SEEN if is_own else [*BEFORE[:STEADY], *BEFORE[:AFTER]],
            "trained": [20] * (STEADY + AFTER),
            "staff": [40] * (STEADY + AFTER),
        }
        for code, values in series.items():
            take_in(town, code, *values, last=LAST)
        take_in(town, "quarter", 10, last=Month(2026, 7))
        publish(town, LAST)
    ratios = [indicator(towns[0], code) for code in RATIOS]
    event = tell(towns[0], starts_on=EVENT.first_day, aims=tuple((each, Way.RISE) for each in ratios[:4]))
    tell(towns[0], starts_on=EVENT.first_day, aims=((ratios[4], Way.RISE), (indicator(towns[0], "quarter"), Way.RISE)))
    share = ratios[0]
    for percent, month in ((60, Month(2026, 9)), (10, Month(2026, 9)), (60, Month(2027, 3))):
        expect(towns[0], event, indicator=share, way=Way.RISE, percent=percent, by_month=month)
    return towns


made, towns = stand(make)


def make_ratios(town: Town) -> None:
    add_residents(town, 2023, 100_000)
    fields: dict[str, Any] = {"defined_from": FIRST.first_day, "boards": (town.csp,)}
    ratio: dict[str, Any] = {"collection": "ratio", "polarity": "higher", **fields}
    share: dict[str, Any] = {"ratio": "share", "per": 100, "unit_many": "of homes due"}
    due = make_indicator(town.police, "due", **fields)
    seen = make_indicator(town.police, "seen", part_of=due, **fields)
    make_indicator(town.police, "seen-share", numerator=seen, denominator=due, **share, **ratio)
    people: dict[str, Any] = {"ages": "all", "unit_many": "per 10,000 residents"}
    make_indicator(town.police, "rate", ratio="rate", per=10_000, numerator=seen, **people, **ratio)
    make_indicator(town.police, "wait", ratio="average", numerator=due, denominator=seen, **ratio)
    stock: dict[str, Any] = {"counts_as": "stock"}
    staff = make_indicator(town.police, "staff", **stock, **fields)
    trained = make_indicator(town.police, "trained", part_of=staff, **stock, **fields)
    make_indicator(town.police, "staff-share", numerator=trained, denominator=staff, **stock, **share, **ratio)
    quarter = make_indicator(town.police, "quarter", asked="quarterly", **fields)
    make_indicator(town.police, "quarter-share", numerator=quarter, denominator=due, **share, **ratio)


def look(town: Town, code: str = "seen-share", event: str = "e1") -> ImpactView:
    return find_impact(town.area, event, code)


# --- A share


def test_a_share_moves_by_percentage_points(town: Town):
    view = look(town)
    found = compare(SEEN, STEADY, exposures=DUE, is_share=True)
    assert view.comparison == found
    before, after = view.levels
    cases, of = sum(SEEN[18:30]), sum(DUE[18:30])
    assert (before.mean, before.sums) == (f"{cases / of:.1%}", f"{cases} out of {of}")
    assert (after.mean, after.sums) == (f"{sum(SEEN[30:]) / sum(DUE[30:]):.1%}", f"{sum(SEEN[30:])} out of 246")
    points = 100 * (found.after - found.expected)
    assert view.outcome.sentence.startswith(
        f"Rose by {points:.1f} percentage points compared with the 12 months before"
    )
    name, words = view.changes[1]
    assert name == "Here, in per cent of what it was"
    assert words.startswith(f"Rose by {100 * found.change.value:.0f}% (between {100 * found.change.lower:.0f}% and ")


def test_its_chart_and_unit_are_those_of_the_indicators_own_page(town: Town):
    view = look(town)
    assert view.unit == "per cent of homes due"
    assert view.chart is not None
    assert view.chart.rules[-1].label == "100%"
    assert view.comparison is not None
    middles = [each and each.middle for each in view.drawn(view.series).usual]
    assert middles[STEADY - 1] == pytest.approx(view.comparison.before * 1_000)
    assert middles[STEADY] == pytest.approx(view.comparison.after * 1_000)


def test_an_analyst_does_the_sum_again_from_the_file(town: Town):
    view = look(town)
    file = make_series_file(view)
    assert file is not None
    rows = list(file.rows)
    assert list(file.columns) == list(rows[0])
    assert [row["value"] for row in rows] == [100 * seen / due for seen, due in zip(SEEN, DUE, strict=True)]
    numerators, denominators = ([row[name] for row in rows] for name in ("numerator", "denominator"))
    place = [str(row["month"]) for row in rows].index("2026-04")
    assert view.comparison is not None
    assert compare(numerators, place, exposures=denominators, is_share=True) == view.comparison  # type: ignore[arg-type]
    code = make_r_code(view)
    assert "glm(numerator ~ I(t >= e) + offset(log(denominator))," in code
    assert "sqrt(left)" in code
    other_dates, months_after = view.comparison.other_dates, len(SEEN) - STEADY
    assert f"qt(0.975, 1 + 2 * ({other_dates} - 1) / {months_after}) times" in code


def test_what_was_expected_stands_beside_what_came(town: Town):
    held = [(said.words, said.came.partition(" (between")[0]) for said in look(town).outcome.said]
    assert [words for words, _ in held] == [
        "Should rise by about 60% by September 2026",
        "Should rise by about 10% by September 2026",
        "Should rise by about 60% by March 2027",
    ]
    assert [came for _, came in held] == [
        "As expected: a rise of 60% of what it was",
        "More than expected: a rise of 60% of what it was",
        "Too early to check: look again once March 2027 is published",
    ]


# --- A rate


def test_a_rate_is_of_its_residents_and_moves_by_per_cent(town: Town):
    view = look(town, "rate")
    plain = compare(SEEN, STEADY)
    assert view.comparison is not None
    assert view.comparison.change.value == pytest.approx(plain.change.value)
    assert view.comparison.after == pytest.approx(plain.after / 100_000)
    assert (view.levels[1].mean, view.levels[1].range) == ("3.3 per 10,000 a month", "2.9 to 3.8")
    assert view.levels[1].sums == "198 in 6 months"
    assert view.outcome.sentence.startswith("Rose by 60% compared with the 12 months before (between ")
    assert "sqrt(left)" not in make_r_code(view)


# --- What isn't compared


@pytest.mark.parametrize(
    ("code", "event", "sentence"),
    [
        ("wait", "e1", "can’t compare before and after for an average"),
        ("staff-share", "e1", "most of those counted one month are counted again the next"),
        ("quarter", "e2", "It is collected each quarter, and each figure counts once."),
        ("quarter-share", "e2", "It is collected each quarter, and each figure counts once."),
    ],
)
def test_what_cant_be_compared_says_why(town: Town, code, event, sentence):
    view = look(town, code, event)
    assert view.outcome.outcome is Outcome.REFUSED
    assert sentence in view.outcome.sentence
    assert view.chart is not None


# --- Comparison areas


def test_three_areas_are_looked_at_as_one_share(towns: list[Town]):
    own, *others = towns
    for other in others:
        consent(other)
    view = look(own)
    steady = [*BEFORE[:STEADY], *BEFORE[:AFTER]]
    found = compare(SEEN, STEADY, exposures=DUE, is_share=True, controls=[steady] * 3, control_exposures=[DUE] * 3)
    assert view.comparison == found
    assert "compared with the 12 months before, against three comparison areas (between" in view.outcome.sentence
    file = make_series_file(view)
    assert file is not None
    assert {row["comparison"] for row in file.rows} == {None}


def test_an_area_that_counts_another_kind_is_left_out(towns: list[Town]):
    own, *others = towns
    for other in others:
        consent(other)
    odd = make_town("odd")
    make_indicator(odd.police, "seen-share", defined_from=FIRST.first_day, boards=(odd.csp,))
    take_in(odd, "seen-share", *DUE, last=LAST)
    publish(odd, LAST)
    consent(odd)
    view = look(own)
    assert view.controls.areas == 3
    assert view.controls.left_out == (
        "Left out: 1 area in this installation with permission, because a month is missing or is counted differently.",
    )


def test_open_data_of_one_count_is_none_of_a_ratio(town: Town):
    with pytest.raises(ValidationError, match="“seen-share” is worked out from two counts"):
        import_rows(town, "seen-share,Northport,2026-09,12")
    assert not ComparisonSeries.objects.exists()


def test_later_months_that_are_left_out_are_named_as_such(town: Town):
    """27 months before hold four after against them, of nine."""
    assert not look(town).is_cut_short
    tell(town, starts_on=date(2026, 1, 5), aims=((indicator(town, "seen-share"), Way.RISE),))
    view = look(town, event="e3")
    assert view.comparison is not None
    assert (view.comparison.span.after, view.is_cut_short) == (4, True)


def test_a_day_has_its_month(town: Town):
    """The middle of a month decides, whatever the indicator."""
    tell(town, starts_on=date(2026, 3, 20), aims=((indicator(town, "rate"), Way.RISE),))
    assert look(town, "rate", "e3").comparison == look(town, "rate").comparison
