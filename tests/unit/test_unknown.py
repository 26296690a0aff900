"""What isn't known is an error, and never a false statement: a state, a kind of ratio, a movement, a signal, a look."""

import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.template.loader import render_to_string

from indicators import trend
from indicators.figures import Entry
from indicators.judgement.judge import (
    JUDGED,
    TOO_EARLY,
    Counted,
    Method,
    Signal,
    find_method,
    judge_ratio,
)
from indicators.kpis.aims import Figure, find_scale
from indicators.presenters.returns import describe_entry
from indicators.protection.rules import Suppress, describe_for_ratio
from indicators.ratios import PERSONS, RATIO_KINDS, Ratio, RatioKind, show_change, show_number
from indicators.trend import HIGH_SIGNALS, LOW_SIGNALS, NO_ARROW, CellState, Movement, NoArrowReason
from indicators.year_on_year import compare_years
from reporting.charts.control_chart import Mark
from reporting.charts.labels import origin_lettering
from reporting.impact.presenters.outcomes import describe_sums, find_amount, show_level
from reporting.impact.presenters.page import describe_error
from reporting.impact.results import find_why_not
from reporting.impact.selectors import PublishedSeries
from reporting.months.inputs import Of
from reporting.months.lines import judge_figures
from reporting.months.presenters.month import describe_tile
from reporting.months.presenters.sentences import describe_no_chance, describe_ratio_parts, describe_unit
from reporting.months.presenters.series import chart_data
from reporting.months.presenters.words import cell_text
from reporting.packs.pdf.typesetting import Unprintable, build_pack
from reporting.packs.presenters.cover import find_arrow
from reporting.packs.presenters.shapes import Cell, Chapter, Column, Table
from reporting.pages.presenters.examples import DUE, NOT_JUDGED, OCTOBER, make_line
from reporting.public.cells import true_cells
from reporting.public.lines import is_small_in
from reporting.regions.presenters.funnel import describe_whole, find_reason
from reporting.regions.presenters.matrix import find_counts
from reporting.templatetags import pack
from tests.disclosed import view_line
from tests.pack_documents import pack_of
from tests.unit.test_presenters import line
from tests.unit.test_series import found, step, view

UNKNOWN: Any = "lost"


def shown(**fields: Any) -> Any:
    return view_line(make_line("arrest", "arrests", 12, 3, **fields), OCTOBER, DUE)


# --- States ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [UNKNOWN, "", CellState.FIGURE])
def test_a_cell_of_an_unknown_state_is_not_called_awaited(state: CellState):
    with pytest.raises(KeyError):
        cell_text(state, None, owed="Awaited from NHS, due 10 Nov")


def test_each_state_without_a_figure_says_what_it_is():
    texts = [cell_text(state, None) for state in CellState if state is not CellState.FIGURE]
    assert texts == ["awaited", "[x]", "[z]", "[c]", "[l]"]


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


# --- Kinds of ratios ------------------------------------------------------------------------------

COST: Any = "cost"  # such as for each case; nobody has said what is different about it
OF_COST = Ratio(COST, 1)
TWO_COUNTS: dict[str, Any] = {"ratio": COST, "per": 1, "denominator_code": "cases", "numerator": 9, "denominator": 4}
LINE = line(**TWO_COUNTS, numerators=[9], denominators=[4], history=[12])
PLAIN: Any = SimpleNamespace(
    ratio=COST, lead=SimpleNamespace(ratio=COST, unit_many="pounds"), numerator=9, denominator=4, kind=COST
)


@pytest.mark.parametrize(
    "tell",
    [
        lambda: show_number(12, COST),
        lambda: show_change(3, COST),
        lambda: OF_COST.value(9, 4),
        lambda: OF_COST.range(9, 4),
        lambda: find_method(TOO_EARLY, Counted.FLOW, OF_COST),
        lambda: judge_figures([], OF_COST, counted=Counted.FLOW, starts=(), shown_from=0),
        lambda: judge_ratio([9], [4], kind=COST),
        lambda: compare_years([Figure(9, 4)] * 24, counted=Counted.FLOW, ratio=OF_COST),
        lambda: describe_unit(LINE),
        lambda: describe_ratio_parts(LINE),
        lambda: describe_no_chance(LINE),
        lambda: list(describe_tile(shown(**TWO_COUNTS))),
        lambda: chart_data(view([9], [step()], **TWO_COUNTS)),
        lambda: describe_for_ratio(Suppress(5), COST),
        lambda: is_small_in(LINE, Of(9, 4), Suppress(5)),
        lambda: find_scale(COST, 1, "flow"),
        lambda: find_why_not(PublishedSeries(OCTOBER, (12,), {}, ratio=OF_COST)),
        lambda: find_amount(cast("Any", None), cast("Any", None), OF_COST),
        lambda: describe_sums(OF_COST, 9, 4, 12),
        lambda: show_level(12.0, OF_COST),
        lambda: describe_error(cast("Any", None), OF_COST),
        lambda: find_reason(PLAIN),
        lambda: describe_whole(PLAIN),
        lambda: find_counts(PLAIN, cast("Any", None)),
    ],
)
def test_a_ratio_of_an_unknown_kind_is_no_other(tell: Callable[[], object]):
    with pytest.raises((KeyError, ValueError), match="cost"):
        tell()


def test_each_kind_is_declared_whole():
    assert RATIO_KINDS.keys() == set(RatioKind)
    for kind in RatioKind:
        made = RATIO_KINDS[kind]
        assert set(made.pers) <= {1, 100, *PERSONS}
        assert made.shows_chance or not made.is_part
        assert made.unit.format(unit="days").endswith("days")
        assert made.made_of.format(cases="9", whole="4", when="").endswith(" 4")
        assert kind.named == f"a{'n' if kind is RatioKind.AVERAGE else ''} {kind}"


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
    assert {*HIGH_SIGNALS, *LOW_SIGNALS, trend.Signal.NONE} == set(trend.Signal)
    assert all(set(judged) == set(trend.Signal) for judged in trend.JUDGED.values())
    assert all(set(judged) == set(Signal) - {Signal.NONE} for judged in JUDGED.values())


def test_a_mark_that_has_no_shape_is_an_error():
    marks = (Mark("1", "1", "worse"), Mark("2", "2", "better"))
    chart = replace(view([9, 12]).chart, marks=marks)
    assert chart.looks == ["better", "worse"]
    with pytest.raises(ValueError, match="lost"):
        replace(chart, marks=(*marks, Mark("3", "3", UNKNOWN))).looks  # noqa: B018
    with pytest.raises(KeyError, match="lost"):
        render_to_string("reporting/_line.html#mark", {"look": UNKNOWN})
