"""What a pack says of a year beside the year before; and that the public's gives nothing away."""

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

from core.calendar import Month
from indicators.disclosure import Audience
from indicators.protection.rules import Round, Rule, Suppress
from indicators.selectors.disclosure import Rules
from reporting.models.line_fields import Line
from reporting.months.presenters.series import Series, series_of_lines
from reporting.packs.presenters.year import make_blocks, year_row
from reporting.public.lines import prepare
from tests.unit.test_presenters import line

OCTOBER, DUE = Month(2026, 10), date(2026, 11, 10)
ALL = "all twelve months, in both years"


def series(values: Sequence[int | None], **fields: Any) -> Series:
    made = line("arrests", values[-1], history=list(values), **({"method": "judged"} | fields))
    return series_of_lines([made], OCTOBER, DUE, audience=Audience.PARTNERS)[0]


def said(values: Sequence[int | None], **fields: Any) -> list[str]:
    _, change, added = year_row(series(values, **fields))
    return [change.text, " ".join((added.text, *added.more))]


def ratio(pairs: Sequence[tuple[int, int]], **fields: Any) -> list[str]:
    cases, of = ([pair[place] for pair in pairs] for place in (0, 1))
    values = [round(one / all_ * 1000) for one, all_ in pairs]
    told = {"ratio": "share", "per": 100, "numerators": cases, "denominators": of} | fields
    return said(values, **told)


def steps(*starts: tuple[int, str], without: dict[str, str] | None = None, held: Sequence[int] = ()) -> dict[str, Any]:
    return {
        "steps": [
            {"at": at, "from": since, "method": "judged", "signals": {}, "without": without or {}, "held": held}
            for at, since in starts
        ]
    }


def test_a_count_is_added_up():
    assert said([13] * 6 + [12] * 6 + [11] * 12) == [
        "Down 18 on the year before (132, was 150)",
        f"Sum of {ALL}",
    ]
    assert said([13] * 6 + [12] * 6 + [6] * 12)[0] == ("Down 78 on the year before (72, was 150)")
    assert said([5] * 24)[0] == "Level with the year before (60)"


def test_the_verdict_stands_with_it_and_what_is_more_than_chance_is_strong():
    _, more, _ = year_row(series([20] * 12 + [5] * 12, lower=3, upper=30, signal="none", judgement="usual"))
    _, less, _ = year_row(series([5] * 12 + [6] * 12, lower=3, upper=30, signal="none", judgement="usual"))
    assert (more.is_strong, less.is_strong) == (True, False)
    assert (more.more, less.more) == (("The year as a whole is lower than the year before.",), ())


def test_a_stock_is_a_mean():
    assert said([20] * 12 + [21] * 6 + [22] * 6, counts_as="stock") == [
        "Up 1.5 on the year before (21.5, was 20.0)",
        f"Mean of {ALL}",
    ]


def test_a_share_is_one_sum_out_of_the_other():
    assert ratio([(10, 20)] * 12 + [(1, 20), *[(15, 20)] * 11]) == [
        "Up 19.2 percentage points on the year before (69.2%, was 50.0%)",
        f"166 of 240, was 120 of 240: {ALL}",
    ]


def test_a_share_of_a_stock_is_its_newest_month():
    assert ratio([(place, 40) for place in range(24)], counts_as="stock") == [
        "Up 30.0 percentage points on October 2025 (57.5%, was 27.5%)",
        "23 of 40, was 11 of 40: October, in both years",
    ]


def test_a_rate_tells_of_its_cases_and_not_of_residents_added_up():
    told = ratio([(3, 30_000)] * 12 + [(6, 30_000)] * 12, ratio="rate", per=10_000)
    assert told == [
        "Up 1.0 on the year before (2.0, was 1.0)",
        f"Each month’s mean: 72 cases, were 36, in {ALL}",
    ]


def test_an_average_is_never_held_against_chance():
    told = ratio([(40, 10)] * 12 + [(90, 20)] * 12, ratio="average", per=1)
    assert told == ["Up 0.5 on the year before (4.5, was 4.0)", f"1,080 of 240, was 480 of 120: {ALL}"]


def test_like_months_are_named():
    gap = {"13": "awaited"}
    assert said([5] * 13 + [None] + [5] * 10, **steps((0, "2020-01-01"), without=gap)) == [
        "Level with the same months a year before (55)",
        "Sum of November and January to October, in both years "
        "Left out: December, without a figure in one of the two years.",
    ]
    assert said([5] * 19) == [
        "Level with the same months a year before (35)",
        "Sum of April to October, in both years Left out: November to March. Figures start in April 2025.",
    ]


def test_nothing_is_compared_across_a_new_way_of_counting():
    assert said([5] * 24, **steps((0, "2020-01-01"), (19, "2026-06-01"))) == [
        "Level with the same months a year before (35)",
        "Sum of November to May, in both years Left out: June to October, counted differently since June 2026.",
    ]
    assert said([5] * 24, **steps((0, "2020-01-01"), (13, "2025-12-01"))) == [
        "Can’t be compared",
        "Left out: December to October, counted differently since December 2025. We need 3 comparable months.",
    ]


def test_a_figure_that_is_held_is_not_counted_again():
    held = [place for place in range(24) if place % 3]
    assert said([9] * 24, **steps((0, "2020-01-01"), held=held)) == [
        "Level with the same months a year before (36)",
        "Sum of November, February, May and August, in both years Left out: December to January, March to April, "
        "June to July and September to October, without a figure in one of the two years.",
    ]


def test_too_young_a_series_says_since_when():
    assert said([5] * 10) == ["Can’t be compared", "Figures start in January 2026."]


# --- For the public -------------------------------------------------------------------------------

BELOW = 5
SUPPRESS = Suppress(BELOW)


def public(values: list[int], rule: Rule = SUPPRESS) -> list[Any]:
    """The blocks that an edition of these figures makes."""
    step = {"at": 0, "from": "2020-01-01", "method": "judged", "signals": {}, "without": {}}
    own: list[Line] = [line("arrests", values[-1], history=values, steps=[step], counts_as="flow")]
    prepared = prepare(OCTOBER, own, Rules(usual=rule), [])  # type: ignore[arg-type]
    return list(make_blocks(series_of_lines(prepared.lines, OCTOBER, DUE, audience=Audience.PUBLIC), OCTOBER))


def words(blocks: list[Any]) -> str:
    """Of the one indicator."""
    first = blocks[0]
    return str(first.rows[0][1].text if first.kind == "table" else first.text)


def test_other_withheld_figures_say_the_same_of_the_year():
    chance = random.Random(17)
    for _ in range(20):
        one = [chance.choice((0, 2, 4, 7, 9, 12)) for _ in range(36)]
        another = [chance.choice([1, 2, 3, 4]) if 0 < value < BELOW else value for value in one]
        assert public(one) == public(another)


def test_a_year_with_a_withheld_month_is_not_added_up():
    assert words(public([9] * 30 + [3] + [9] * 5)) == (
        "Not added up, because some months are hidden and the rest would mislead: Arrests."
    )
    assert words(public([9] * 11 + [3] + [9] * 24)) == "Level with the year before (108)"  # long before


def test_rounded_figures_are_not_added_up():
    assert words(public([9] * 36, Round(5))) == "Not added up, because rounded: Arrests."


def test_what_is_shown_is_added_up():
    assert words(public([9] * 35 + [10])) == "Up 1 on the year before (109, was 108)"
