"""Beside the table of what is found stand the town's indicators, each at the level that is nearest to its own."""

from indicators.disclosure import Audience
from indicators.judgement.promises import one_month_in, promises
from reporting.pages.presenters.examples import make_line
from reporting.pages.presenters.indicators import reach


def lines(*levels: float | None):
    return [make_line("arrest", f"arrests {level}", 4, 1, level=level) for level in levels]


def told(lines):
    return reach(lines, audience=Audience.PARTNERS)


def test_each_indicator_stands_at_the_nearest_level():
    rows = {row.size: row.titles for row in told(lines(0.3, 3.1, 3.2, 14.0, 14.2, 900.0, None))}

    assert rows == {
        2: ("Arrests 0.3", "Arrests 3.1"),
        5: ("Arrests 3.2",),
        10: ("Arrests 14.0",),
        20: ("Arrests 14.2",),
        50: (),
        200: ("Arrests 900.0",),
    }


def test_its_figures_are_those_that_were_measured():
    assert [row.found for row in told([])] == [tuple(row.values()) for row in promises().found.values()]


def test_chance_makes_one_stand_out_the_oftener_the_more_there_are():
    one, some, many = map(one_month_in, (1, 28, 200))

    assert one > some > many >= 1
    assert some == round(1 / (1 - (1 - promises().by_chance.stands_out / 1000) ** 28))
    assert one_month_in(0) == 0
