"""A line's fields are declared once: what is made of the declaration has them all."""

from datetime import date
from typing import Any

from boards.models import Agency
from core.calendar import Month
from indicators.judgement.judge import Counted
from indicators.models import Category, Dimension, Indicator, Section
from indicators.trend import CellState, Polarity
from reporting.models.line_fields import Line, LineFigures, LineSetUp, list_names
from reporting.months.inputs import Figure
from reporting.months.lines import what_is_counted, what_is_said
from reporting.months.presenters.shapes import LineView
from reporting.pages.presenters.examples import DUE, OCTOBER, lines
from tests.disclosed import view_line

# What a page says in other words than the line.
WORDED = {"note", "signal", "tier", "judgement"}


def test_a_roll_up_gives_each_field_but_what_was_revised():
    month = Month(2026, 10)
    section, owner = Section(code="arrests", title="Arrests"), Agency(code="police", name="Police")
    origin = Dimension(code="origin", name="Origin")
    indicator = Indicator(code="lines", section=section, owner=owner, dimension=origin, title="Lines")
    counted: dict[str, Any] = what_is_counted(indicator, Category(code="leeds", name="Leeds"), boards={})
    series = {month.previous: Figure(CellState.FIGURE, 4, ""), month: Figure(CellState.FIGURE, 7, "")}
    said = what_is_said(series, {date(2020, 1, 1): ""}, polarity=Polarity.NEUTRAL, counted=Counted.FLOW)
    assert {"position", *counted, *said} == {*list_names(LineSetUp), *list_names(LineFigures)}
    assert not counted.keys() & said.keys()


def test_a_view_shows_each_field_as_the_line_has_it_or_in_words():
    for line in lines().values():
        view = view_line(line, OCTOBER, DUE)
        for name in list_names(Line):
            assert hasattr(LineView, name)
            if name not in WORDED:
                assert getattr(view, name) == getattr(line, name)
        assert (view.code, view.owner, view.previous) == (line.indicator_code, line.owner_name, line.previous_value)
