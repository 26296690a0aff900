"""What isn't known is an error, and never a false statement: a state, a movement, a signal, a method, a look."""

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

from indicators import spc
from indicators.entries import Entry
from indicators.judgement.tokens import JUDGED, Judgement, Signal, Tier
from indicators.presenters.return_form import describe_entry
from indicators.signals import Method
from indicators.spc import HIGH_SIGNALS, LOW_SIGNALS
from indicators.trend import NO_ARROW, CellState, Movement, NoArrowReason
from reporting.charts.control_chart import Mark
from reporting.charts.lettering import origin_lettering
from reporting.months.presenters.month import line_view
from reporting.months.presenters.words import cell_text
from reporting.packs.pdf.typesetting import Unprintable, build_pack
from reporting.packs.presenters.cells import find_arrow
from reporting.packs.presenters.shapes import Cell, Chapter, Column, Table
from reporting.pages.presenters.examples import DUE, NOT_JUDGED, OCTOBER, make_line, signal
from reporting.public.cells import true_cells
from reporting.templatetags import pack, series
from tests.pack_documents import pack_of
from tests.unit.test_presenters import line
from tests.unit.test_series import found, step, view

UNKNOWN: Any = "lost"


def shown(**fields: Any) -> Any:
    return line_view(make_line("arrest", "arrests", 12, 3, **fields), OCTOBER, DUE)


# --- States ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [UNKNOWN, "", CellState.FIGURE])
def test_a_cell_of_an_unknown_state_is_not_called_awaited(state: CellState):
    with pytest.raises(KeyError):
        cell_text(state, None, owed="Awaited from NHS, due 10 Nov")


def test_each_state_without_a_figure_says_what_it_is():
    texts = [cell_text(state, None) for state in CellState if state is not CellState.FIGURE]
    assert texts == ["awaited", "[x]", "[z]", "[c]"]


def test_each_state_is_declared_whole():
    """A figure is itself; any other state is waited for or has a symbol, and there is no arrow from it or to it."""
    for state in CellState:
        symbol, means, waits, waited = (getattr(state.shown, name) for name in ("symbol", "means", "waits", "waited"))
        assert state.shown.in_files
        assert bool(waits) == bool(waited) == state.is_owed
        assert bool(symbol) == bool(means) == (state is not CellState.FIGURE and not state.is_owed)
        assert not symbol or re.fullmatch(r"\[[a-z]\]", symbol)
        if state is not CellState.FIGURE:
            assert {NoArrowReason(state.value), NoArrowReason(f"previous_{state}")} <= NO_ARROW.keys()
    assert NO_ARROW.keys() == set(NoArrowReason)


def test_a_month_without_a_figure_says_why_or_is_an_error():
    with pytest.raises(KeyError):
        view([9, None, 12], [step()]).whole.points  # noqa: B018
    with pytest.raises(KeyError):
        view([9, None, 12], [step(without={"1": UNKNOWN})]).whole.points  # noqa: B018


def test_so_it_is_where_a_public_line_is_made_of_it():
    kept = line(history=[9, None, 12], steps=[step()])
    with pytest.raises(KeyError):
        true_cells(kept, OCTOBER)
    kept.steps = [step(without={"1": "not_available"})]
    assert [state for state, _ in true_cells(kept, OCTOBER).values()] == ["figure", "not_available", "figure"]


def test_a_reason_that_nobody_gave_us_to_choose_stands_as_it_was_typed():
    assert describe_entry(Entry(reason="lost", note="on the bus")) == "lost: on the bus"


# --- Movements ------------------------------------------------------------------------------------


def test_a_movement_that_has_no_glyph_is_an_error_everywhere():
    with pytest.raises(KeyError):
        find_arrow(cast("Movement", UNKNOWN))
    with pytest.raises(KeyError):
        pack.glyph(UNKNOWN)
    with pytest.raises(KeyError):
        origin_lettering("London", "12", UNKNOWN, "")
    table = Table("Figures", (Column("Figure", 1),), ((Cell("12", arrow=UNKNOWN),),))
    with pytest.raises(Unprintable, match="lost"):
        build_pack(pack_of(Chapter("figures", "Figures", (table,))))


def test_each_movement_has_its_glyph_or_none():
    assert [find_arrow(movement) for movement in Movement] == ["up", "down", "level", ""]
    assert [bool(pack.glyph(find_arrow(movement))) for movement in Movement] == [True, True, True, False]
    assert find_arrow(None) == ""


# --- Methods, signals, judgements -----------------------------------------------------------------


def test_a_line_of_an_unknown_method_has_no_verdict():
    with pytest.raises(ValueError, match="lost"):
        shown(method=UNKNOWN)
    with pytest.raises(ValueError, match="lost"):
        shown(method=UNKNOWN, **NOT_JUDGED)


def test_nor_has_one_of_an_unknown_judgement():
    with pytest.raises(ValueError, match="lost"):
        shown(judgement=UNKNOWN)
    with pytest.raises(KeyError):
        shown(**signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.WORSE, 7, window_sum=30, window_due=9.0))


@pytest.mark.parametrize("older", [{"signal": UNKNOWN}, {"judgement": UNKNOWN}])
def test_nor_has_an_older_one(older: dict[str, str]):
    kept = {"signal": "above_limit", "judgement": "concern", "mean": 9.9, "running": 1} | older
    with pytest.raises(ValueError, match="lost"):
        shown(method=Method.CHART.value, **kept)


def test_nor_is_a_month_of_an_unknown_method_read_as_any_other():
    with pytest.raises(ValueError, match="lost"):
        view([9, 12], [step(method=UNKNOWN, early=2)]).whole.points  # noqa: B018
    with pytest.raises(ValueError, match="lost"):
        view([9, 12], [step(method=UNKNOWN, mean=None)]).whole.points  # noqa: B018


@pytest.mark.parametrize("place", [0, 1])
def test_nor_is_a_month_of_an_unknown_signal_or_tier(place: int):
    lost = found(Signal.HIGH)
    lost[place] = UNKNOWN
    with pytest.raises(ValueError, match="lost"):
        view([9, 12], [step(signals={"1": lost})]).whole.points  # noqa: B018


def test_each_signal_is_high_or_low_or_none():
    assert {*HIGH_SIGNALS, *LOW_SIGNALS, spc.Signal.NONE} == set(spc.Signal)
    assert all(set(judged) == set(spc.Signal) for judged in spc.JUDGED.values())
    assert all(set(judged) == set(Signal) - {Signal.NONE} for judged in JUDGED.values())


def test_a_mark_that_has_no_shape_is_an_error():
    chart: Any = SimpleNamespace(marks=(Mark("1", "1", "worse"), Mark("2", "2", "better")))
    assert series.drawn(chart) == ["better", "worse"]
    chart.marks += (Mark("3", "3", UNKNOWN),)
    with pytest.raises(ValueError, match="lost"):
        series.drawn(chart)
