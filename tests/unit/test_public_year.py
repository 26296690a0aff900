"""Does the public's two years at a glance give anything away? Two worlds that differ in withheld figures alone, over
months enough to be judged, have one and the same year."""

import random
from datetime import date
from typing import Any

from core.calendar import Month
from indicators.disclosure import Audience
from indicators.protection.rules import Suppress
from indicators.selectors.disclosure import Rules
from reporting.months.presenters.year import YearView, year_of_lines
from reporting.public.lines import prepare
from tests.unit.test_presenters import line

OCTOBER = Month(2026, 10)
WORLDS = 60
MONTHS = 36
BELOW = 5
RULES = Rules(usual=Suppress(BELOW))


def year(**series: list[int]) -> YearView:
    """As the public would see it in an edition of these figures."""
    lines = [
        line(code, values[-1], history=values, polarity="lower", **plain(values)) for code, values in series.items()
    ]
    prepared = prepare(OCTOBER, lines, RULES, [])
    assert prepared.given_away == []
    return year_of_lines(prepared.lines, OCTOBER, date(2026, 11, 10), audience=Audience.PUBLIC)


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
