"""A KPI seldom claims what isn't there: on made-up series with seasons, and a part of the document's table again."""

from random import Random

import pytest

from bench.kpis import BY_CHANCE, CELLS, CLAIMS, DOCUMENT, LONDON, Measure, read_series, set_kpi
from tests.made_up import flow, wave

YEAR = 12
AT_MOST = 0.08  # of KPIs that may claim something in a year in which nothing was done

FALSE_AT_MOST: dict[float, int] = {
    1: 5,
    2: 10,
}  # of 100 KPIs in three years, each false word, by how many times chance months vary
PART, BY_CHANCE_OF_PART = 150, 4  # how many are followed here, and two standard errors of them


def read_rows(table: str) -> list[list[str]]:
    """Return the rows of a measured table of the document, each split by its bars."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(f"<!-- measured: {table} -->")[2].partition("<!-- end -->")[0]
    return [row.split("|") for row in text.strip().splitlines()[2:]]


def count_claims(*, history: int, by_chance: bool = False, number: int = 250) -> float:
    """Return the share of KPIs that claim something after a year. Each is on a steady series with a season, whose
    months vary by three times chance."""
    random, claims = Random(f"{history}"), 0
    for _ in range(number):
        turn, size = random.random() * YEAR, random.choice((3, 10, 40, 150))
        values = flow(random, size, history + YEAR, 3, lambda month, turn=turn: 1 + 0.25 * wave(month + turn))
        kpi = set_kpi(random, values, history, months=24, history=history)
        claims += kpi is not None and kpi.find_standing(YEAR, BY_CHANCE if by_chance else None).state in CLAIMS
    return claims / number


@pytest.mark.parametrize("history", [24, 36, 72])
def test_a_kpi_seldom_claims_something_where_nothing_was_done(history: int):
    assert count_claims(history=history) <= AT_MOST


def test_the_range_by_chance_alone_claims_much_more():
    """The bound means something: the range that KPIs had doesn't keep to it."""
    assert count_claims(history=72, by_chance=True) > 2 * AT_MOST


def test_so_it_is_on_real_series():
    """A part of what bench.kpis measures."""
    claims = Measure(read_series(LONDON), number=100).count_claims(months=24, history=10_000, after=YEAR)

    assert int(claims[2]) <= 100 * AT_MOST < int(claims[1])


def test_the_document_has_what_was_measured():
    rows = read_rows("claims")

    assert len(rows) == 5
    assert all(int(row[3]) <= 100 * AT_MOST for row in rows)


@pytest.mark.parametrize("named", ["30 a month, by chance", "30 a month, twice chance"])
def test_who_looks_every_month_for_three_years_is_seldom_misled(named: str):
    """A part of what the document has."""
    cell = CELLS[named]
    worse_at_95, worse, better_at_95, better = map(int, Measure([], followed=PART).count_false(named, cell)[1:])

    assert worse < worse_at_95
    assert better < better_at_95
    assert max(worse, better) <= FALSE_AT_MOST[cell[1]] + BY_CHANCE_OF_PART


def test_the_document_has_how_seldom():
    rows = read_rows("false")

    assert [row[1].strip() for row in rows] == list(CELLS)
    for row, (_, over, _) in zip(rows, CELLS.values(), strict=True):
        assert max(int(row[3]), int(row[5])) <= FALSE_AT_MOST[over]
