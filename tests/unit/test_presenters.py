"""What a month says in words, from lines that no database has seen."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string

from boards.models import Board, PartnershipArea, ReportingPeriod
from core.calendar import Month
from indicators.disclosure import Audience, AudienceRefused
from indicators.trend import NOT_SHOWN, Movement, NoArrowReason
from reporting.exports.presenters.months import export_rows
from reporting.models import IndicatorLine, PublicLine, Snapshot
from reporting.models.line_fields import Line, list_names
from reporting.months.presenters.month import board_view, month_view
from reporting.months.presenters.shapes import BoardView, LineView, MonthView
from reporting.months.presenters.words import (
    count_completeness,
    describe_movement,
    listed,
    lower_first,
    section_sentence,
)
from reporting.packs.presenters.month import make_tile, said_besides
from tests.disclosed import view_line

OCTOBER = Month(2026, 10)
DUE = date(2026, 11, 10)
AREA = PartnershipArea(slug="testford", name="Testford")
PERIOD = ReportingPeriod(area=AREA, starts_on=OCTOBER.first_day, due_on=DUE)

# Why a line has a state, beside the number it would have: keys of `fields`.
AWAITED: dict[str, Any] = {"state": "awaited", "value": None, "movement": "none", "no_arrow_reason": "awaited"}
NOT_AVAILABLE: dict[str, Any] = AWAITED | {"state": "not_available", "no_arrow_reason": "not_available"}
NO_PREVIOUS: dict[str, Any] = {"movement": "none", "no_arrow_reason": "no_previous_month"}


def line(code: str = "drug-arrests", value: int | None = 12, change: int | None = 3, **fields: Any) -> IndicatorLine:
    """A line as a roll-up would have written it. With another state or movement, say so in `fields`."""
    if fields.get("movement") == "none":
        change = None
    movement = "level" if change == 0 else "up" if (change or 0) > 0 else "down"
    title = code.replace("-", " ").capitalize()
    plain: dict[str, Any] = {
        "position": 0,
        "section_code": "arrests",
        "section_title": "Arrests",
        "indicator_code": code,
        "title": title,
        "question": f"How many {title.lower()}?",
        "unit_one": "arrest",
        "unit_many": "arrests",
        "polarity": "neutral",
        "polarity_reason": "More arrests can mean better work.",
        "owner_code": "police",
        "owner_name": "Police",
        "definition_from": date(2020, 1, 1),
        "state": "figure",
        "value": value,
        "previous_state": "" if change is None or value is None else "figure",
        "previous_value": None if change is None or value is None else value - change,
        "movement": movement,
        "change": change,
        "method": "chart",
        "history": [value],
    }
    said = plain | fields
    # Before this month, a month without a figure has none that came.
    without = {str(place): "awaited" for place, past in enumerate(said["history"]) if past is None}
    if said["value"] is None:
        without[str(len(said["history"]) - 1)] = said["state"]
    steps = [{"at": 0, "from": "2020-01-01", "method": said["method"], "signals": {}, "without": without}]
    return IndicatorLine(**({"steps": steps} | said))


def seen(*lines: IndicatorLine) -> list[LineView]:
    return [view_line(one, OCTOBER, DUE) for one in lines]


def view(*lines: Line, audience: Audience = Audience.PARTNERS) -> MonthView:
    snapshot = Snapshot(version=2, state="draft", taken_at=datetime(2026, 11, 5, 9, 0, tzinfo=UTC))
    return month_view(snapshot, lines, area=AREA, period=PERIOD, audience=audience, marking="OFFICIAL-SENSITIVE")


def categories(code: str, parts: dict[str, int], *, dimension: str = "origin", **fields: Any) -> list[IndicatorLine]:
    """A split indicator: its whole and its categories, each up by 1."""
    split: dict[str, Any] = {"dimension_code": dimension, "dimension_name": dimension.capitalize()} | fields
    return [
        line(code, sum(parts.values()), len(parts), **split),
        *(
            line(code, value, 1, category_code=part, category_name=part.capitalize(), **split)
            for part, value in parts.items()
        ),
    ]


# --- Arrows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("movement", "change", "words"),
    [
        ("up", 3, "Up 3 since September"),
        ("up", 1, "Up 1 since September"),
        ("up", 1200, "Up 1,200 since September"),
        ("down", -3, "Down 3 since September"),
        ("down", -1200, "Down 1,200 since September"),
        ("level", 0, "Level with September"),
    ],
)
def test_each_movement_in_words(movement: str, change: int, words: str):
    assert describe_movement(Movement(movement), change, "", month=OCTOBER, owner="Police") == words


def test_january_is_compared_with_december():
    assert describe_movement(Movement.UP, 1, "", month=Month(2027, 1), owner="Police") == "Up 1 since December"


NO_ARROW_SENTENCES = {
    NoArrowReason.AWAITED: "No arrow: this month’s figure from Youth justice is awaited",
    NoArrowReason.NOT_AVAILABLE: "No arrow: this month’s figure is not available",
    NoArrowReason.NOT_APPLICABLE: "No arrow: this month’s figure doesn’t apply",
    NoArrowReason.WITHHELD: "No arrow: this month’s figure is not shown",
    NoArrowReason.LATER: "No arrow: this month’s figure is not public yet",
    NoArrowReason.NO_PREVIOUS_MONTH: "No arrow: there are no figures for September",
    NoArrowReason.PREVIOUS_AWAITED: "No arrow: September’s figure from Youth justice is awaited",
    NoArrowReason.PREVIOUS_NOT_AVAILABLE: "No arrow: the figure for September is not available",
    NoArrowReason.PREVIOUS_NOT_APPLICABLE: "No arrow: the figure for September doesn’t apply",
    NoArrowReason.PREVIOUS_WITHHELD: "No arrow: the figure for September is not shown",
    NoArrowReason.PREVIOUS_LATER: "No arrow: the figure for September is not public yet",
    NoArrowReason.NEW_DEFINITION: "No arrow: the definition changed this month",
    NoArrowReason.NEW_RECORDING: "No arrow: it is recorded differently from this month on",
    NoArrowReason.ROUNDED: "No arrow: figures are rounded",
    NoArrowReason.HELD: "No arrow: it isn’t asked for each month",
}


@pytest.mark.parametrize("reason", NoArrowReason)
def test_each_reason_for_no_arrow_in_words(reason: NoArrowReason):
    (one,) = seen(line(owner_name="Youth justice", movement="none", no_arrow_reason=reason.value))
    assert one.words == NO_ARROW_SENTENCES[reason]
    assert (one.short_words, one.has_arrow) == ("No arrow", False)


# --- A line ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "value", "text", "short"),
    [
        ("figure", 1234, "1,234", "1,234"),
        ("figure", 0, "0", "0"),
        ("awaited", None, "Awaited from Police (due 10 Nov)", "awaited"),
        ("not_available", None, "[x]", "[x]"),
        ("not_applicable", None, "[z]", "[z]"),
        ("withheld", None, "[c]", "[c]"),
    ],
)
def test_each_state_of_a_cell(state: str, value: int | None, text: str, short: str):
    (one,) = seen(line(value=value, state=state, movement="none", no_arrow_reason="no_previous_month"))
    assert (one.text, one.short_text, one.is_figure) == (text, short, value is not None)


@pytest.mark.parametrize(
    ("state", "value", "text"),
    [
        ("figure", 1234, "1,234"),
        ("figure", 0, "0"),
        ("awaited", None, "awaited"),
        ("not_available", None, "[x]"),
        ("not_applicable", None, "[z]"),
        ("", None, "no figure"),
    ],
)
def test_each_state_of_the_month_before(state: str, value: int | None, text: str):
    (one,) = seen(line(previous_state=state, previous_value=value, **NO_PREVIOUS))
    assert (one.previous_text, one.previous) == (text, value)


@pytest.mark.parametrize(("value", "unit"), [(0, "arrests"), (1, "arrest"), (2, "arrests"), (None, "arrests")])
def test_one_of_it_has_its_own_word(value: int | None, unit: str):
    (one,) = seen(line(value=value, state="figure" if value is not None else "awaited", **NO_PREVIOUS))
    assert one.unit == unit


def test_the_picture_breaks_where_the_definition_starts():
    """Since September: October and September are joined, August is not."""
    history = [4, 5, 6]
    old, new = seen(line(history=history), line(history=history, definition_from=date(2026, 9, 1)))
    assert (old.sparkline.path.count("M"), new.sparkline.path.count("M")) == (1, 2)


# --- A section ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], ""),
        ([line()], "Drug arrests rose to 12."),
        ([line(value=1200, change=-3)], "Drug arrests fell to 1,200."),
        ([line(value=0, change=0)], "Drug arrests stayed at 0."),
        ([line(), line("charges", 4, 1)], "Drug arrests (12) and charges (4) rose."),
        (
            [line(), line("charges", 4, 1), line("warnings", 2, 2)],
            "Drug arrests (12), charges (4) and warnings (2) rose.",
        ),
        ([line(change=-1), line("charges", 4, -1)], "Drug arrests (12) and charges (4) fell."),
        ([line(change=0), line("charges", 4, 0)], "Drug arrests (12) and charges (4) stayed level."),
        (
            [line("charges", 4, 0), line("warnings", 2, -1), line()],
            "Drug arrests rose to 12. Warnings fell to 2. Charges stayed at 4.",
        ),
        ([line(**NO_PREVIOUS)], "There is no arrow for drug arrests (12)."),
        (
            [line(**NO_PREVIOUS), line("charges", 4, **NO_PREVIOUS)],
            "There is no arrow for drug arrests (12) and charges (4).",
        ),
        ([line(**AWAITED)], "Awaited: drug arrests."),
        ([line(**AWAITED), line("charges", **AWAITED)], "Awaited: drug arrests and charges."),
        ([line(title="PWITS", **AWAITED), line("charges", **AWAITED)], "Awaited: PWITS and charges."),
        ([line(**NOT_AVAILABLE)], "Drug arrests: not available."),
        (
            [line(), line("charges", **AWAITED), line("warnings", **NOT_AVAILABLE), line("cautions", 5, **NO_PREVIOUS)],
            "Drug arrests rose to 12. There is no arrow for cautions (5). Awaited: charges. Warnings: not available.",
        ),
    ],
)
def test_a_section_in_words(lines: list[IndicatorLine], sentence: str):
    assert section_sentence(seen(*lines), ()) == sentence


def test_a_section_that_is_split_names_its_parts_largest_first():
    parts = {"london": 1, "birmingham": 10, "manchester": 4, "merseyside": 0}
    (section,) = view(*categories("lines", parts, unit_many="lines")).sections
    assert section.sentence == "15 lines: Birmingham 10, Manchester 4, London 1. Lines rose to 15."


def test_a_section_that_is_split_and_all_zero_names_no_part():
    lines = categories("lines", {"london": 0, "leeds": 0, "york": 0}, unit_many="lines")
    lines[0].movement, lines[0].change = "down", -2
    assert view(*lines).sections[0].sentence == "0 lines. Lines fell to 0."


def test_sections_come_in_the_order_of_their_lines_with_the_wholes_only():
    youth: dict[str, Any] = {"section_code": "youth", "section_title": "Youth"}
    lines = [*categories("lines", {"a": 1, "b": 2, "c": 3}), line("pwits", 4, 1, **youth)]
    sections = view(*lines).sections
    assert [(section.title, [one.code for one in section.lines]) for section in sections] == [
        ("Arrests", ["lines"]),
        ("Youth", ["pwits"]),
    ]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Arrests"], "Arrests"),
        (["Arrests", "Charges"], "Arrests and charges"),
        (["Arrests", "PWITS", "Charges"], "Arrests, PWITS and charges"),
    ],
)
def test_a_list_of_names(names: list[str], words: str):
    assert listed(names) == words


@pytest.mark.parametrize(
    ("words", "lowered"),
    [
        ("Drug arrests", "drug arrests"),
        ("NRM referrals", "NRM referrals"),
        ("PWITS", "PWITS"),
        ("A&E woundings", "A&E woundings"),
        ("Woundings at A&E", "woundings at A&E"),
        ("S17 assessments", "s17 assessments"),
        ("already small", "already small"),
        ("", ""),
    ],
)
def test_a_title_within_a_sentence_begins_small_but_for_abbreviations(words: str, lowered: str):
    assert lower_first(words) == lowered


# --- What a split indicator shows -----------------------------------------------------------------


def test_two_indicators_split_alike_share_a_table():
    parts = {"london": 1, "birmingham": 10, "manchester": 4}
    groups = {"london": 1, "birmingham": 3}
    (section,) = view(*categories("lines", parts), *categories("line-groups", groups)).sections
    (table,) = section.breakdowns
    assert (table.dimension, table.caption) == ("Origin", "Lines and line groups")
    assert [(row.category, [cell.value if cell else None for cell in row.cells]) for row in table.rows] == [
        ("London", [1, 1]),
        ("Birmingham", [10, 3]),
        ("Manchester", [4, None]),
    ]
    assert [one.parts for one in section.lines] == ["", ""]


def test_two_categories_are_a_few_words_and_no_table():
    """Each by its name as it is: two origins are two proper names."""
    (section,) = view(*categories("drug-arrests", {"young-people": 5, "adults": 7}, dimension="age-group")).sections
    assert section.breakdowns == ()
    assert [one.parts for one in section.lines] == ["Young-people 5, up 1; Adults 7, up 1"]


def test_two_categories_without_figures_are_said_to_be_awaited():
    lines = [
        line("lines", dimension_code="origin", category_code=code, category_name=code.capitalize(), **AWAITED)
        for code in ("", "young", "old")
    ]
    assert view(*lines).sections[0].lines[0].parts == "Young awaited; Old awaited"


# --- How many are in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "sentence", "is_whole"),
    [
        ([], "No indicators are set up for this month", True),
        ([line()], "The one figure is in", True),
        ([line(), line("charges")], "All 2 figures in", True),
        ([line(value=0, change=0), line("charges", **NOT_AVAILABLE)], "All 2 figures in", True),
        ([line(**AWAITED)], "0 of 1 figures in; awaited from Police", False),
        ([line(), line("charges", **AWAITED)], "1 of 2 figures in; awaited from Police", False),
        (
            [line(**AWAITED), line("charges", **AWAITED), line("woundings", owner_name="NHS", **AWAITED)],
            "0 of 3 figures in; awaited from Police and NHS",
            False,
        ),
        (
            [line(), *(line(name, owner_name=name, **AWAITED) for name in ("NHS", "Education", "Probation"))],
            "1 of 4 figures in; awaited from NHS, Education and Probation",
            False,
        ),
    ],
)
def test_completeness_in_words(lines: list[IndicatorLine], sentence: str, is_whole: bool):
    counted = count_completeness(seen(*lines))
    assert (counted.sentence, counted.is_whole) == (sentence, is_whole)


def test_completeness_counts_indicators_and_not_their_categories():
    counted = count_completeness(seen(*categories("lines", {"a": 1, "b": 2, "c": 3}), line("charges", **AWAITED)))
    assert (counted.received, counted.expected) == (1, 2)


# --- The month ------------------------------------------------------------------------------------


def public(code: str, value: int | None, rule: str = "suppress-5", **fields: Any) -> PublicLine:
    """A line of a public edition."""
    kept = line(code, value, **fields)
    shared = {name: getattr(kept, name) for name in list_names(Line)}
    return PublicLine(**shared, protected_by=rule)


WITHHELD: dict[str, Any] = AWAITED | {"state": "withheld", "no_arrow_reason": "withheld"}


def test_a_partners_line_is_not_for_the_public():
    with pytest.raises(AudienceRefused, match="drug-arrests is for partners only: it is not from a public edition"):
        view(line(), audience=Audience.PUBLIC)


@pytest.mark.parametrize(
    "said",
    [
        {"value": 4},
        {"history": [12, 4, 12]},
        {"note": "One of them is the brother"},
        {"revised_why": "Counted twice"},
        {"value": 12, "rule": "round-7-5"},
        {"value": 5, "rule": "withhold"},
    ],
    ids=str,
)
def test_the_public_is_refused_a_line_that_says_more_than_its_rule(said: dict[str, Any]):
    """… whoever wrote it: the gate looks once more."""
    with pytest.raises(AudienceRefused, match="says more than its rule lets the public see"):
        view(public(**(dict[str, Any](code="arrests", value=12) | said)), audience=Audience.PUBLIC)


def test_the_public_sees_what_is_protected_and_no_timeliness():
    month = view(public("arrests", 12), public("charges", **WITHHELD), audience=Audience.PUBLIC)
    assert [seen_line.text for seen_line in month.lines] == ["12", "[c]"]
    assert month.lines[1].explained == "not shown: to protect people"
    assert month.timeliness == ""
    assert month.key == (("[c]", f"not shown: {NOT_SHOWN}"),)


def test_what_is_never_published_is_not_called_small():
    (one,) = view(public("charges", rule="withhold", **WITHHELD), audience=Audience.PUBLIC).lines
    assert one.explained == "not shown: only the agencies see it"


def test_a_rounded_figure_says_to_what():
    rounded = NO_PREVIOUS | {"no_arrow_reason": "rounded", "method": "withheld"}
    (one,) = view(public("arrests", 15, "round-7-5", **rounded), audience=Audience.PUBLIC).lines
    assert (one.text, one.rounded_to, one.words) == ("15", 5, "No arrow: figures are rounded")
    assert one.verdict == "We cannot say what is usual: its figures are rounded"
    assert (
        one.sentence
        == "15 arrests. No arrow: figures are rounded. We cannot say what is usual: its figures are rounded"
    )


def test_a_line_with_withheld_months_is_not_judged():
    (one,) = view(public("arrests", 15, method="withheld"), audience=Audience.PUBLIC).lines
    assert one.verdict == "We cannot say what is usual: some earlier months are not shown"
    assert (one.look, one.is_judged, one.has_signal) == ("unjudged", False, False)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([public("a", 12), public("b", **WITHHELD)], "1 figure shown, 1 not shown"),
        (
            [public("a", 12), public("b", **WITHHELD), public("c", **AWAITED), public("d", 9)],
            "2 figures shown, 1 not shown, 1 awaited from Police",
        ),
        (
            [
                public("a", **WITHHELD),
                public("b", **NOT_AVAILABLE),
                public("c", **AWAITED),
                public("d", owner_name="NHS", **AWAITED),
                public("e", owner_name="NHS", **AWAITED),
            ],
            "0 figures shown, 1 not shown, 1 not available, 1 awaited from Police, 2 awaited from NHS",
        ),
        ([public("a", 12), public("b", **AWAITED)], "1 of 2 figures in; awaited from Police"),
    ],
)
def test_a_withheld_figure_counts_neither_as_received_nor_as_awaited(lines: list[PublicLine], sentence: str):
    completeness = count_completeness(view(*lines, audience=Audience.PUBLIC).lines)
    assert completeness.sentence == sentence
    withheld = sum(one.state == "withheld" for one in lines)
    assert completeness.expected == len(lines) - withheld


def test_the_month_says_when_it_was_taken_and_what_its_shorthand_means():
    month = view(line(), line("charges", **NOT_AVAILABLE))
    assert month.position == "Figures as at 5 November 2026"
    assert month.key == (("[x]", "not available"),)
    assert view(line()).key == ()
    assert view(line(previous_state="not_applicable", previous_value=None, **NO_PREVIOUS)).key == (
        ("[z]", "not applicable"),
    )


def test_a_board_sees_its_own_indicators_in_its_own_order():
    lines = [
        line("arrests", boards={"csp": 2, "lscb": 0}),
        line("charges", boards={"csp": 1}, **AWAITED),
        line("warnings", boards={"lscb": 1}),
    ]
    board = Board(area=AREA, code="csp", name="Community Safety Partnership", short_name="CSP", formerly="", basis="")
    seen_by_csp: BoardView = board_view(view(*lines), board, ["Police operations"])
    assert [one.code for one in seen_by_csp.month.lines] == ["charges", "arrests"]
    assert [section.title for section in seen_by_csp.month.sections] == ["Our indicators"]
    assert seen_by_csp.month.completeness.sentence == "1 of 2 figures in; awaited from Police"
    assert seen_by_csp.responsibilities == ("Police operations",)


def test_a_board_without_indicators_has_an_empty_page():
    board = Board(area=AREA, code="hwbb", name="Health and Wellbeing Board", short_name="HWBB")
    assert board_view(view(line(boards={"csp": 0})), board, []).month.sections == ()


# --- Exports --------------------------------------------------------------------------------------

RATIO_COLUMNS = ("ratio", "per", "numerator", "denominator", "range_lower", "range_upper")
COLUMNS = (
    "indicator",
    "title",
    "category",
    "value",
    "state",
    "previous",
    "change",
    "movement",
    "no_arrow_reason",
    "polarity",
    "usual",
    "lower",
    "upper",
    "signal",
    "tier",
    "judgement",
    "window",
    "level",
    "level_since",
    *RATIO_COLUMNS,
    "target",
    "target_month",
    "kpi_state",
)


def test_an_exported_line_has_the_columns_in_their_order():
    rows = export_rows(view(line(polarity="lower"), line("charges", **AWAITED)))
    assert [tuple(row) for row in rows] == [COLUMNS, COLUMNS]
    assert rows[0] == {
        "indicator": "drug-arrests",
        "title": "Drug arrests",
        "category": "",
        "value": 12,
        "state": "figure",
        "previous": 9,
        "change": 3,
        "movement": "up",
        "no_arrow_reason": "",
        "polarity": "lower",
        "usual": None,
        "lower": None,
        "upper": None,
        "signal": None,
        "tier": None,
        "judgement": None,
        "window": None,
        "level": None,
        "level_since": None,
        **dict.fromkeys(RATIO_COLUMNS),
        "target": None,
        "target_month": None,
        "kpi_state": None,
    }
    awaited = ("value", "state", "previous", "change", "movement", "no_arrow_reason")
    assert [rows[1][name] for name in awaited] == [None, "awaited", None, None, "none", "awaited"]


def test_an_export_has_each_category_by_its_code():
    rows = export_rows(view(*categories("lines", {"london": 1, "birmingham": 10})))
    assert [(row["indicator"], row["category"], row["value"]) for row in rows] == [
        ("lines", "", 11),
        ("lines", "london", 1),
        ("lines", "birmingham", 10),
    ]


# --- In each rendering ----------------------------------------------------------------------------


def test_what_is_said_besides_stands_in_each_rendering(monkeypatch: pytest.MonkeyPatch):
    words = "Target to December: 30"
    monkeypatch.setattr(LineView, "besides", property(lambda line: (words,)))
    (own,) = seen(line())
    shown = view_line(public("drug-arrests", 12), OCTOBER, DUE)
    said: list[str] = [
        render_to_string("reporting/_tile.html", {"line": own, "month": OCTOBER}),
        render_to_string("reporting/_table.html", {"view": view(line()), "indicators_url": "/a/"}),
        render_to_string("reporting/_public_tile.html", {"line": shown}),
        render_to_string("reporting/_public_row.html", {"line": shown}),
    ]
    said += [" ".join(text for text, _ in make_tile(one).words) for one in (own, shown)]
    said.append("".join(f"{more}." for more in said_besides(own)))
    assert [text.count(f"{words}.") for text in said] == [1] * len(said)
