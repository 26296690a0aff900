"""What a series says of each of its months: page, file and browser get it from here."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from boards.models import PartnershipArea, ReportingPeriod
from core.calendar import Month
from core.files.tables import csv_text
from indicators.disclosure import Audience, AudienceRefused
from indicators.judgement.judge import Counted, Judgement, Method, Signal, Tier
from indicators.trend import CellState, Movement, NoArrowReason, Polarity
from reporting.exports.presenters.months import make_series_file
from reporting.models import Snapshot
from reporting.months.presenters.series import SeriesView, chart_data, series_rows, series_view
from reporting.months.selectors import Change
from reporting.pages.presenters.examples import DUE, OCTOBER, make_line, signal
from reporting.pages.presenters.indicators import describe_change


def step(at: int = 0, *, early: int = 0, **fields: object) -> dict[str, object]:
    """A part of a series: usual is 4 to 16, but for its `early` months."""
    months: dict[str, object] = {
        name: [None] * early + [value] * 40 for name, value in (("usual", 9.9), ("lower", 4), ("upper", 16))
    }
    return {
        "at": at,
        "from": "2020-01-01",
        "method": Method.JUDGED.value,
        "signals": {},
        "without": {},
        **months,
        **fields,
    }


def found(signal: Signal, tier: Tier = Tier.STANDS_OUT, window: int = 1) -> list[object]:
    """A signal as a step keeps it."""
    return [signal.value, tier.value, window, 20, 9.9]


def view(history: list[int | None], steps=None, *, audience=Audience.PARTNERS, parts=(), **fields) -> SeriesView:
    value, before = history[-1], history[-2] if len(history) > 1 else None
    change = None if value is None or before is None else value - before
    if value is None:
        fields = {"state": CellState.AWAITED.value, "signal": "", "judgement": ""} | fields
    if change is None:
        fields = {"no_arrow_reason": NoArrowReason.PREVIOUS_AWAITED.value} | fields
    fields |= {"indicator_code": "arrests", "history": history, "steps": steps or [step()]}
    line = make_line("arrest", "arrests", value, change, **fields)
    period = ReportingPeriod(starts_on=OCTOBER.first_day, due_on=DUE)
    snapshot = Snapshot(period=period, version=2, state="draft", taken_at=datetime(2026, 11, 5, tzinfo=UTC))
    area = PartnershipArea(slug="testford", name="Testford")
    return series_view(snapshot, [line, *parts], area=area, audience=audience, marking="OFFICIAL-SENSITIVE")


def shown(history, steps=None, **fields) -> list[str]:
    return [point.shows for point in view(history, steps, **fields).whole.points]


def test_each_month_has_its_figure_its_change_and_its_usual_range():
    points = view([9, 12, 12, 1200]).whole.points
    assert [point.month for point in points] == [Month(2026, 7), Month(2026, 8), Month(2026, 9), OCTOBER]
    assert [point.text for point in points] == ["9", "12", "12", "1,200"]
    assert [point.change_text for point in points] == ["No arrow", "Up 3", "Level", "Up 1,188"]
    assert {point.said.usual_text for point in points} == {"4 to 16"}


def test_a_month_without_a_figure_says_why_and_nothing_is_compared_across_it():
    steps = [step(without={"1": "not_available", "3": "awaited"})]
    points = view([9, None, 12, None], steps).whole.points
    assert [point.state for point in points[1::2]] == [CellState.NOT_AVAILABLE, CellState.AWAITED]
    assert [point.text for point in points] == ["9", "[x]", "12", "awaited"]
    assert [point.change_text for point in points] == ["No arrow", "", "No arrow", ""]
    assert [point.shows for point in points][1::2] == ["Not available", "Awaited"]
    assert view([9, None, 12, None], steps).key == (("[x]", "not available"),)


def test_a_new_definition_is_compared_with_nothing():
    steps = [step(), step(2, early=2, **{"from": "2026-09-01"})]
    points = view(
        [9, 12, 13, 14], steps, method=Method.TOO_EARLY.value, figures=2, signal="", judgement=""
    ).whole.points
    assert [point.movement for point in points] == [Movement.NONE, Movement.UP, Movement.NONE, Movement.UP]
    assert [point.said.usual_text for point in points] == ["4 to 16", "4 to 16", "", ""]
    assert [point.said.judgement for point in points] == ["usual", "usual", "too_early", "too_early"]


def test_so_is_another_way_of_recording_in_its_own_words():
    steps = [step(), step(2, early=2, why="A new system", **{"from": "2026-09-01"})]
    shown_by = view([9, 12, 13, 14], steps, method=Method.TOO_EARLY.value, figures=1, signal="", judgement="")
    assert [point.movement for point in shown_by.whole.points][2] is Movement.NONE
    assert [start.words for start in shown_by.whole.starts] == ["Recorded differently, Sep 2026"]


def test_a_new_level_stands_on_the_chart_and_breaks_nothing():
    levels = [{"at": 2, "level": 13.3, "before": 20.8}, {"at": 3, "level": 8.0, "before": 13.3, "name": "The new team"}]
    shown_by = view([21, 20, 13, 8], [step(levels=levels)])
    assert [(start.words, start.breaks) for start in shown_by.whole.starts] == [
        ("New level, Sep 2026", False),
        ("The new team, Oct 2026", False),
    ]
    assert shown_by.chart.line.count("M") == 1


def standing_out(window: int, history: list[int | None], due: float, **fields) -> SeriesView:
    stands_out = signal(Signal.LOW, Tier.STANDS_OUT, Judgement.LOW, window, window_sum=48, window_due=due)
    steps = [step(signals={str(len(history) - 1): found(Signal.LOW, window=window)})]
    return view(history, steps, **stands_out, **fields)


@pytest.mark.parametrize(
    ("window", "first", "words"),
    [(3, "August", "three months"), (6, "May", "six months"), (12, "November 2025", "12 months")],
)
def test_the_months_that_are_shaded_are_those_that_the_sentence_names(window, first, words):
    shown_by = standing_out(window, [14] * (36 - window) + [8] * window, due=14.0 * window)
    assert f"from {first} to October" in shown_by.line.sentence
    assert shown_by.whole.window_words == f"Shaded: the last {words}, where about 14 a month is usual"
    assert shown_by.whole.window_words in shown_by.chart_words
    for drawn, months, width in (
        (shown_by.chart.window, 36, 10),
        (shown_by.whole.small.window, 24, 10),
    ):
        assert drawn is not None
        assert drawn.area.startswith(f"M{(months - window) * width} ")
    assert shown_by.line.sparkline.window is not None
    assert shown_by.line.sparkline.window.points.count("M") == window
    assert chart_data(shown_by)["window"] == {"months": window, "look": "unjudged", "usual": 14.0}


def test_what_is_usual_for_a_month_leaves_out_months_without_a_figure():
    window = standing_out(6, [*[14] * 30, 8, None, 8, 8, 8, 8], due=70.0).whole.drawn.window
    assert window is not None
    assert window.usual == 14.0


def test_a_share_that_stands_out_has_the_share_that_is_usual():
    shown_by = standing_out(3, [727] * 33 + [416] * 3, due=727.0, ratio="share", per=100)
    assert shown_by.whole.window_words == "Shaded: the last three months, where about 72.7% is usual"
    assert chart_data(shown_by)["window"]["usual"] == 72.7


@pytest.mark.parametrize(
    "fields",
    [
        signal(Signal.LOW, Tier.STANDS_OUT, Judgement.LOW, 1),
        signal(Signal.LOW, Tier.WATCH, Judgement.USUAL, 6, window_sum=48, window_due=84.0),
        signal(Signal.LOW, Tier.STANDS_OUT, Judgement.LOW, 6, window_sum=48, window_due=84.0)
        | {"counts_as": Counted.DEATHS.value},  # each is told
    ],
)
def test_one_month_a_watch_and_deaths_have_no_months_to_shade(fields):
    shown_by = view([14] * 30 + [8] * 6, **fields)
    assert shown_by.whole.window_words == ""
    assert shown_by.chart.window is None


def test_of_the_first_month_of_a_full_history_nothing_is_said_about_the_one_before():
    full, short = view([9] * 36), view([9] * 35)
    assert full.whole.points[0].movement is None
    assert full.whole.points[0].change_text == ""
    assert short.whole.points[0].movement is Movement.NONE
    assert series_rows(full)[0]["movement"] is None


def test_a_month_is_compared_with_the_same_one_a_year_before():
    history = [8, *range(10, 22), 12]
    points = view(history, year_change=2).whole.points
    assert [point.year_words for point in points[:12]] == [""] * 12
    assert points[12].year_words == "Up 13 on September 2025"
    assert points[13].year_words == "Up 2 on October 2025"


def test_a_year_without_a_figure_at_its_end_is_not_compared():
    points = view([None, *[9] * 12], [step(without={"0": "awaited"})]).whole.points
    assert points[-1].year_words == ""


@pytest.mark.parametrize(
    ("polarity", "kept", "words", "look"),
    [
        (Polarity.LOWER, found(Signal.HIGH), "Worse: more than usual", "worse"),
        (Polarity.HIGHER, found(Signal.HIGH), "Better: more than usual", "better"),
        (Polarity.NEUTRAL, found(Signal.HIGH), "Higher: more than usual", "unjudged"),
        (Polarity.LOWER, found(Signal.LOW, window=6), "Better: fewer than usual over the last six months", "better"),
        (
            Polarity.LOWER,
            found(Signal.HIGH, Tier.WATCH, 3),
            "Watch: more than usual over the last three months",
            "watch",
        ),
    ],
)
def test_a_signal_is_judged_by_the_polarity(polarity, kept, words, look):
    shown_by = view([9, 20, 9], [step(signals={"1": kept})], polarity=polarity.value).whole.points
    assert (shown_by[1].shows, shown_by[1].look, shown_by[1].said.signal) == (words, look, kept[0])
    assert (shown_by[0].shows, shown_by[0].look) == ("Within the usual range", "")


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([step(early=2)], "Too early to tell"),
        ([{"at": 0, "from": "2020-01-01", "method": "withheld", "signals": {}, "without": {}}], ""),
    ],
)
def test_what_is_not_judged_is_not_called_usual(steps, words):
    assert shown([5, 5], steps) == [words, words]


def test_the_newest_month_says_what_its_line_says():
    """As `export_month` has it: figure, movement, what is usual, signal and judgement."""
    line_says = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.WORSE)
    polarity = {"polarity": Polarity.LOWER.value, "polarity_reason": "Harm."}
    shown_by = view([9, 12, 20], [step(signals={"2": found(Signal.HIGH)})], **line_says, **polarity)
    newest, line = shown_by.whole.points[-1], shown_by.line
    for name in ("value", "state", "change", "movement", "look", "year_words"):
        assert getattr(newest, name) == getattr(line, name), name
    for name in ("signal", "tier", "judgement"):
        assert getattr(newest.said, name) == getattr(line, name), name
    assert newest.usual is not None
    assert (newest.usual.lower, newest.usual.middle, newest.usual.upper) == (line.lower, line.usual, line.upper)


def test_the_chart_marks_what_the_table_says():
    shown_by = view([9, 20, 9, None], [step(signals={"1": found(Signal.HIGH)}, without={"3": "awaited"})])
    assert [mark.look for mark in shown_by.chart.marks] == [point.look for point in shown_by.whole.points if point.look]
    assert len(shown_by.chart.gaps) == 1


def test_rare_events_are_drawn_in_columns():
    shown_by = view([0, 2, 0], level=0.7)
    assert len(shown_by.chart.columns) == 3
    assert chart_data(shown_by)["inColumns"]


def test_file_and_browser_hold_what_the_table_shows():
    part = make_line(
        "arrest",
        "arrests",
        4,
        1,
        indicator_code="arrests",
        category_code="adults",
        category_name="Adults",
        history=[3, 4],
        steps=[step()],
    )
    shown_by = view([9, None, 12], [step(without={"1": "not_applicable"})], parts=[part])
    rows, data, points = series_rows(shown_by), chart_data(shown_by), shown_by.whole.points
    assert [row["value"] for row in rows] == [9, None, 12, 3, 4]
    assert [row["category"] for row in rows] == ["", "", "", "adults", "adults"]
    assert [row["month"] for row in rows] == ["2026-08", "2026-09", "2026-10", "2026-09", "2026-10"]
    assert [row["state"] for row in rows[:3]] == ["figure", "not_applicable", "figure"]
    assert data["values"] == [point.value for point in points]
    assert data["shows"] == [point.shows for point in points]
    assert data["months"] == [point.month.label for point in points]
    assert data["parts"] == [{"name": "Adults", "values": [3, 4]}]


def test_the_public_is_shown_nothing():
    with pytest.raises(AudienceRefused):
        view([9, 12], audience=Audience.PUBLIC)


def test_the_file_is_named_by_its_marking_and_says_that_it_is_a_draft():
    assert make_series_file(view([9])).name("csv") == "OFFICIAL-SENSITIVE testford arrests 2026-10 v2 draft.csv"


def cell_of(cell: str | int | float | None) -> str:
    """What a file holds where this was to be written."""
    rows = csv.reader(io.StringIO(csv_text(["cell", "other"], [{"cell": cell, "other": "x"}], marking=""), newline=""))
    return list(rows)[1][0]


@pytest.mark.parametrize(
    "typed", ["=1+1", "+44", "-2", "@sum", "\tx", "\rx", "\nx", "\n=1+1", "＝1+1", "＋44", "－2", "＠sum", "'＝1"]
)
def test_text_that_a_spreadsheet_would_run_is_guarded(typed):
    assert cell_of(typed) == f"'{typed}"


@pytest.mark.parametrize("cell", [-2, 0, None, 3.5, "", "arrests", "2026-10"])
def test_numbers_and_plain_text_stay_as_they_are(cell):
    assert cell_of(cell) == ("" if cell is None else str(cell))


def test_the_marking_is_a_files_first_line():
    text = csv_text(("a", "b"), [{"a": -1, "b": "=x"}, {"a": None, "b": "y"}], marking="OFFICIAL-SENSITIVE")
    assert text == "OFFICIAL-SENSITIVE\na,b\n-1,'=x\n,y\n"
    assert csv_text(("a",), [], marking="") == "a\n"


@pytest.mark.parametrize(
    ("act", "fact", "words"),
    [
        ("added", {}, "Added"),
        ("counted", {}, "Counted from sessions with the community"),
        ("not_counted", {}, "No longer counted from sessions with the community"),
        ("changed", {"fields": ["polarity", "owner"]}, "Changed: polarity, supplied by"),
        ("changed", {"fields": ["boards"]}, "Changed: boards"),
        ("defined", {"month": date(2026, 2, 1)}, "Definition from February 2026 added"),
        ("retired", {"month": date(2026, 3, 1)}, "Retired from March 2026"),
        ("brought_back", {}, "Brought back"),
        ("reworded", {}, "Definition reworded"),
    ],
)
def test_what_was_done_to_the_set_up_in_words(act, fact, words):
    change = Change(**{"made_at": datetime(2026, 1, 5, tzinfo=UTC), "act": act, "month": None, "fields": []} | fact)
    assert describe_change(change) == words
