"""Does the public's two years at a glance give anything away? Two worlds that differ in withheld figures alone, over
months enough to be judged, have one and the same year."""

import random
from datetime import date
from typing import Any

import pytest

from core.calendar import Month
from indicators.charts import Sparkline
from indicators.disclosure import Audience
from indicators.protection.rules import Suppress
from indicators.selectors.disclosure import Rules
from reporting.charts.control_chart import ControlChart
from reporting.models import PublicLine
from reporting.months.presenters.series import series_of_lines
from reporting.months.presenters.year import YearView, year_of_lines
from reporting.public.lines import prepare
from tests.unit.test_presenters import line

OCTOBER, DUE = Month(2026, 10), date(2026, 11, 10)
WORLDS = 60
MONTHS = 36
BELOW = 5
RULES = Rules(usual=Suppress(BELOW))


def edition(**series: list[int]) -> list[PublicLine]:
    """What an edition of these figures holds."""
    lines = [
        line(code, values[-1], history=values, polarity="lower", **plain(values)) for code, values in series.items()
    ]
    prepared = prepare(OCTOBER, lines, RULES, [])
    assert prepared.given_away == []
    return prepared.lines


def year(**series: list[int]) -> YearView:
    """As the public would see it in an edition of these figures."""
    return year_of_lines(edition(**series), OCTOBER, DUE, audience=Audience.PUBLIC)


def pictures(**series: list[int]) -> list[tuple[str, Sparkline, ControlChart]]:
    """What the public is told of each line, and its pictures."""
    drawn = series_of_lines(edition(**series), OCTOBER, DUE, audience=Audience.PUBLIC)
    return [(one.line.verdict, one.line.sparkline, one.chart()) for one in drawn]


def plain(values: list[int]) -> dict[str, Any]:
    step = {"at": 0, "from": "2020-01-01", "method": "judged", "signals": {}, "without": {}}
    return {"steps": [step], "counts_as": "flow"}


def marks(view: YearView) -> set[str]:
    return {cell.mark for section in view.sections for row in section.rows for cell in row.cells}


def other(value: int, chance: random.Random) -> int:
    """Another figure that is withheld for what it is."""
    return chance.choice([small for small in range(1, BELOW) if small != value]) if 0 < value < BELOW else value


def test_other_withheld_figures_make_the_same_year():
    chance = random.Random(16)
    seen: set[str] = set()
    for _ in range(WORLDS):
        few = [chance.choice((0, 2, 4, 7, 9, 12)) for _ in range(MONTHS)]
        many = [chance.randint(8, 14) for _ in range(MONTHS - 1)] + [chance.choice((10, 60))]
        one, another = (year(few=values, many=many) for values in (few, [other(value, chance) for value in few]))
        assert one == another
        seen |= marks(one)
    assert {"withheld", "worse", "usual"} <= seen


def test_a_figure_that_is_shown_makes_another():
    steady = [9] * MONTHS
    assert year(few=steady) != year(few=[*steady[:-1], 8])
    assert "worse" in marks(year(few=[*steady[:-1], 60]))


def test_one_withheld_month_leaves_no_month_judged():
    """Or a mark would tell how far off it was."""
    steady = [9] * MONTHS
    assert marks(year(few=[*steady[:20], 3, *steady[21:-1], 60])) == {"usual", "withheld"}


LAST_SIX = [*[28] * (MONTHS - 6), *[12] * 6]


def test_the_public_sees_the_months_shaded_that_its_sentence_names():
    ((said, small, chart),) = pictures(few=LAST_SIX)
    assert "72 from May to October" in said
    assert chart.window is not None
    assert chart.window.area.startswith(f"M{(MONTHS - 6) * 10} ")
    assert small.window is not None
    assert small.window.points.count("M") == 6


@pytest.mark.parametrize("place", [2, MONTHS - 14, MONTHS - 7, MONTHS - 6, MONTHS - 3, MONTHS - 2])
def test_nothing_is_shaded_beside_a_withheld_month_wherever_it_is(place: int):
    """A window and its level would tell how far off it was."""
    told = []
    for withheld in (1, 4):
        ((said, small, chart),) = pictures(few=[*LAST_SIX[:place], withheld, *LAST_SIX[place + 1 :]])
        assert (small.window, small.band, small.marks) == (None, "", ())
        assert (chart.window, chart.bands, chart.marks) == (None, "", ())
        told.append((said, small, chart))
    assert told[0] == told[1]
