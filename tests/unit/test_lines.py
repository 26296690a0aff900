"""A month's lines out of plain inputs: which month each is compared with, and what its history is."""

from collections.abc import Mapping
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from boards.models import Agency, PartnershipArea, ReportingPeriod
from core.calendar import Month, months_between
from indicators.models import Category, Dimension, Indicator, Section
from indicators.trend import CellState, NoArrowReason
from reporting.models import IndicatorLine
from reporting.months.inputs import Figure, Inputs
from reporting.months.lines import HISTORY_MONTHS, compute_lines

FIRST = Month(2023, 1)
MONTHS = 40  # more than the history holds
ALWAYS = date(2020, 1, 1)
AREA = PartnershipArea(pk=1, slug="testford", name="Testford")
CATEGORIES = [Category(pk=1, code="london", name="London"), Category(pk=2, code="birmingham", name="Birmingham")]

type Series = Mapping[Month, Figure]

figures = st.integers(0, 50).map(lambda value: Figure(CellState.FIGURE, value, ""))
reasons = st.sampled_from([CellState.NOT_AVAILABLE, CellState.NOT_APPLICABLE]).map(
    lambda state: Figure(state, None, "The system was down")
)
series = st.dictionaries(st.integers(0, MONTHS - 1).map(lambda offset: FIRST + offset), figures | reasons)
any_month = st.integers(0, MONTHS - 1).map(lambda offset: FIRST + offset)
definitions = st.sets(any_month.map(lambda month: month.first_day), max_size=4).map(
    lambda days: sorted({ALWAYS, *days})
)


def make_indicator(*, is_split: bool) -> Indicator:
    return Indicator(
        pk=1,
        area=AREA,
        code="lines",
        section=Section(code="lines", title="Lines"),
        owner=Agency(code="police", name="Police"),
        dimension=Dimension(pk=1, code="origin", name="Where from") if is_split else None,
    )


def line(month: Month, whole: Series, definitions: list[date]) -> IndicatorLine:
    """The line of an indicator that isn't split."""
    (only,) = lines(month, {None: whole}, definitions)
    return only


def lines(month: Month, by_category: Mapping[int | None, Series], definitions: list[date]) -> list[IndicatorLine]:
    inputs = Inputs()
    inputs.indicators[AREA.pk] = [make_indicator(is_split=None not in by_category)]
    inputs.definitions[1] = definitions
    inputs.categories[1] = CATEGORIES
    inputs.first_months[AREA.pk] = FIRST
    for category, held in by_category.items():
        for past, figure in held.items():
            inputs.figures[1][past][category] = figure
    return list(compute_lines(ReportingPeriod(area=AREA, starts_on=month.first_day), inputs))


def compared(one: IndicatorLine) -> tuple[object, ...]:
    return one.state, one.value, one.previous_state, one.previous_value, one.movement, one.change, one.no_arrow_reason


def compared_with_the_year_before(one: IndicatorLine) -> tuple[object, ...]:
    return one.year_value, one.year_change, one.year_no_arrow_reason


@given(whole=series, month=any_month, definitions=definitions)
def test_an_arrow_stands_only_between_two_neighbouring_figures_of_one_definition(
    whole: dict[Month, Figure], month: Month, definitions: list[date]
):
    now = whole[month].value if month in whole else None
    before = whole[month.previous].value if month.previous in whole else None
    one = line(month, whole, definitions)
    if now is not None and before is not None and month.first_day not in definitions:
        assert one.change == now - before
        assert one.movement == ("up" if now > before else "down" if now < before else "level")
    else:
        assert (one.movement, one.change) == ("none", None)


def only(months: tuple[Month, ...], whole: Series, others: Series) -> Series:
    """One series in these months, another in all others."""
    return {past: figure for past, figure in others.items() if past not in months} | {
        past: figure for past, figure in whole.items() if past in months
    }


@given(whole=series, others=series, month=any_month)
def test_no_older_month_is_ever_reached(whole: Series, others: Series, month: Month):
    """Whatever stands in all other months, the comparison stays the same."""
    mixed = only((month, month.previous), whole, others)
    assert compared(line(month, mixed, [ALWAYS])) == compared(line(month, whole, [ALWAYS]))
    mixed = only((month, month + -12), whole, others)
    assert compared_with_the_year_before(line(month, mixed, [ALWAYS])) == compared_with_the_year_before(
        line(month, whole, [ALWAYS])
    )


@given(whole=series, month=any_month)
def test_the_history_is_the_last_months_with_their_gaps(whole: dict[Month, Figure], month: Month):
    first = max(FIRST, month + -(HISTORY_MONTHS - 1))
    expected = [whole[past].value if past in whole else None for past in months_between(first, month)]
    assert line(month, whole, [ALWAYS]).history == expected


@given(london=series, birmingham=series, month=any_month)
def test_a_whole_is_the_sum_of_the_parts_shown_or_has_no_figure(
    london: dict[Month, Figure], birmingham: dict[Month, Figure], month: Month
):
    whole, *parts = lines(month, {1: london, 2: birmingham}, [ALWAYS])
    assert parts
    if all(part.value is not None for part in parts):
        assert whole.value == sum(part.value or 0 for part in parts)
    else:
        assert whole.value is None
        assert whole.state in {part.state for part in parts if part.value is None}


def test_a_category_that_was_not_asked_for_is_not_awaited():
    """Birmingham was added after this month's return, which has London only."""
    london = {FIRST: Figure(CellState.FIGURE, 4, "")}
    assert [(line.category_code, line.value) for line in lines(FIRST, {1: london, 2: {}}, [ALWAYS])] == [
        ("", 4),
        ("london", 4),
    ]
    assert [(line.category_code, line.state) for line in lines(FIRST.next, {1: london, 2: {}}, [ALWAYS])] == [
        ("", "awaited"),
        ("london", "awaited"),
        ("birmingham", "awaited"),
    ]


def test_the_first_month_of_all_says_that_none_is_held_before():
    first = line(FIRST, {FIRST: Figure(CellState.FIGURE, 5, "")}, [ALWAYS])
    assert (first.previous_state, first.no_arrow_reason) == ("", NoArrowReason.NO_PREVIOUS_MONTH)
