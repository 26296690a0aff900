"""Two years at a glance, from lines that no database has seen."""

from datetime import date
from typing import Any

import pytest

from core.calendar import Month
from indicators.disclosure import Audience, AudienceRefused
from reporting.months.presenters.year import MONTHS, YearView, year_of_lines
from tests.unit.test_presenters import line, public

OCTOBER = Month(2026, 10)
HIGH, WATCHED = ["high", "stands_out", 1], ["high", "watch", 1]


def of_months(
    *values: int | None, signals: dict[int, list[Any]] | None = None, without: str = "not_available"
) -> dict[str, Any]:
    """What a line says of its months, up to its own: 10 is usual of each, and `signals` are by their places."""
    count = len(values)
    step: dict[str, Any] = {"at": 0, "from": "2020-01-01", "method": "judged", "levels": [], "provisional": []}
    step |= {"usual": [10.0] * count, "lower": [4] * count, "upper": [18] * count}
    step["signals"] = {str(place): [*said, None, None] for place, said in (signals or {}).items()}
    step["without"] = {str(place): without for place, value in enumerate(values) if value is None}
    state = "figure" if values[-1] is not None else without
    return {"value": values[-1], "state": state, "history": list(values), "steps": [step]}


def year(*lines: Any, month: Month = OCTOBER, audience: Audience = Audience.PARTNERS) -> YearView:
    return year_of_lines(lines, month, date(2026, 11, 10), audience=audience)


def marks(*lines: Any, **options: Any) -> list[str]:
    """Of the one row."""
    ((row,),) = [section.rows for section in year(*lines, **options).sections]
    return [cell.mark for cell in row.cells]


@pytest.mark.parametrize(
    ("polarity", "said", "mark"),
    [
        ("lower", HIGH, "worse"),
        ("higher", HIGH, "better"),
        ("neutral", HIGH, "unjudged"),
        ("lower", WATCHED, "watch"),
    ],
)
def test_a_signal_has_the_mark_of_its_judgement(polarity: str, said: list[Any], mark: str):
    seen = marks(line(polarity=polarity, **of_months(9, 41, 12, signals={1: said})))
    assert seen[-3:] == ["usual", mark, "usual"]


def test_a_cell_says_its_month_its_figure_and_what_it_shows():
    view = year(line(polarity="lower", **of_months(9, 1234, 12, signals={1: HIGH})))
    before, signal, after = view.sections[0].rows[0].cells[-3:]
    assert (signal.figure, signal.words) == ("1,234", "September 2026: 1,234, worse: more than usual")
    assert (before.figure, before.words) == ("9", "August 2026: 9, within the usual range")
    assert after.words == "October 2026: 12, within the usual range"


@pytest.mark.parametrize(
    ("state", "words", "mark"),
    [
        ("not_available", "not available", "gap"),
        ("awaited", "awaited", "gap"),
        ("not_applicable", "not applicable", "inapplicable"),
    ],
)
def test_a_missing_figure_has_a_sign_and_no_signal(state: str, words: str, mark: str):
    view = year(line(**of_months(9, None, 12, without=state, signals={1: HIGH})))
    cell = view.sections[0].rows[0].cells[-2]
    assert (cell.figure, cell.mark, cell.words) == ("", mark, f"September 2026: {words}")


def test_a_new_level_is_marked_where_it_begins_and_told():
    months = of_months(9, 12, 4, 5)
    months["steps"][0]["levels"] = [{"at": 2}]
    level: dict[str, Any] = {"level": 4.5, "level_since": date(2026, 9, 1), "level_before": 10.0}
    view = year(line(**months, **level))
    (row,) = view.sections[0].rows
    assert [cell.begins for cell in row.cells[-4:]] == [False, False, True, False]
    assert row.cells[-2].words == "September 2026: 4, within the usual range, new level"
    assert row.new == ("A new level: about 4.5 a month since September 2026, down from about 10",)
    assert view.has_begun
    assert not year(line(**of_months(9, 12))).has_begun


def test_before_it_was_counted_there_is_nothing():
    cells = year(line(**of_months(9, 12))).sections[0].rows[0].cells
    assert len(cells) == MONTHS == 24
    assert {(cell.figure, cell.mark, cell.words) for cell in cells[:-2]} == {("", "", "")}


def test_of_a_longer_history_the_last_two_years_are_shown():
    cells = year(line(**of_months(*range(36)))).sections[0].rows[0].cells
    assert [cell.figure for cell in cells] == [str(value) for value in range(12, 36)]
    assert cells[0].words.startswith("November 2024: ")


def test_a_withheld_month_has_a_mark_and_no_figure():
    view = year(public("a", **of_months(9, None, 12, without="withheld")), audience=Audience.PUBLIC)
    cell = view.sections[0].rows[0].cells[-2]
    assert (cell.figure, cell.mark, cell.words) == ("", "withheld", "September 2026: not shown")


def test_partners_lines_make_no_year_for_the_public():
    with pytest.raises(AudienceRefused):
        year(line(**of_months(9, 12)), audience=Audience.PUBLIC)


def test_the_key_has_what_is_drawn_and_nothing_else():
    assert list(year(line(**of_months(9, 12))).key) == []
    view = year(
        line("a", polarity="lower", **of_months(9, None, 41, signals={2: HIGH})),
        line("b", polarity="neutral", **of_months(41, 12, signals={0: HIGH})),
    )
    assert list(view.key) == ["worse", "unjudged", "gap"]


def test_each_year_counts_its_months():
    assert year().years == ((2024, 2), (2025, 12), (2026, 10))
    assert year(month=Month(2026, 12)).years == ((2025, 12), (2026, 12))


def test_rows_stand_by_section_and_parts_are_left_out():
    months = of_months(9, 12)
    view = year(
        line("b", section_title="Arrests", **months),
        line("b", category_code="adults", category_name="Adults", section_title="Arrests", **months),
        line("a", section_title="Arrests", **months),
        line("c", section_title="Health", **months),
    )
    assert [(one.title, [row.code for row in one.rows]) for one in view.sections] == [
        ("Arrests", ["b", "a"]),
        ("Health", ["c"]),
    ]
