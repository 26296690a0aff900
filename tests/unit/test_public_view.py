"""What a public edition says in words and as open data, from lines that no database has seen."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string

from boards.models import PartnershipArea
from core.calendar import Month
from indicators.disclosure import AudienceRefused, Marking
from reporting.models import PublicLine
from reporting.open_editions import PublicMonth
from reporting.public.presenters.month import NotShown, PublicView, public_rows, public_stem, public_view
from tests.unit.test_presenters import AWAITED, NO_PREVIOUS, NOT_AVAILABLE, WITHHELD, public

OCTOBER = Month(2026, 10)
AREA = PartnershipArea(slug="testford", name="Testford", longitude=0.7, latitude=51.5)
USUAL: dict[str, Any] = {"method": "chart", "signal": "none", "judgement": "common_cause"}
USUAL |= {"mean": 10.0, "lower": 2.0, "upper": 18.0, "figures": 36, "running": 0}
ABOVE: dict[str, Any] = USUAL | {"signal": "above_limit", "judgement": "concern", "polarity": "lower", "running": 1}


def edition(number: int = 1, newest: int = 1) -> PublicMonth:
    moment = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
    marking = Marking.NONE
    return PublicMonth(
        key=1,
        area=AREA,
        month=OCTOBER,
        due_on=date(2026, 11, 10),
        number=number,
        newest=newest,
        fingerprint="f" * 64,
        version=1,
        taken_at=moment,
        published_at=moment,
        marking=marking,
    )


def seen(*lines: PublicLine) -> PublicView:
    return public_view(edition(), lines)


def titled(title: str, value: int | None = None, change: int | None = 0, **fields: Any) -> PublicLine:
    return public(title.lower().replace(" ", "-"), value, change=change, title=title, **fields)


# --- In a few sentences ---------------------------------------------------------------------------


def test_what_rose_what_fell_and_what_stayed():
    view = seen(
        titled("Lines", 1234, 3),
        titled("Drug arrests", 12, 3),
        titled("NRM referrals", 5, -2),
        titled("Charges", 9, 0),
    )
    assert view.headline == (
        "Since September, lines rose from 1,231 to 1,234, and drug arrests from 9 to 12.",
        "National Referral Mechanism (NRM) referrals fell from 7 to 5.",
        "Charges stayed at 9.",
        "No figure here has a usual range, so we cannot say what stands out.",
    )


def test_many_that_moved_are_not_all_named():
    view = seen(*(titled(f"Figure {letter}", 12, 3) for letter in "ABCDEF"))
    assert view.headline[0] == (
        "Since September, figure A rose from 9 to 12, figure B from 9 to 12, figure C from 9 to 12, "
        "figure D from 9 to 12, and two more did the same."
    )


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            [titled("Arrests", 12, **USUAL)],
            "The one figure with a usual range is within it. Numbers like these go up and down by chance every month.",
        ),
        (
            [titled("Arrests", 12, **USUAL), titled("Charges", 9, **USUAL), titled("Calls", 9)],
            "Each of the two figures with a usual range is within it. Numbers like these go up and down by "
            "chance every month.",
        ),
        (
            [titled("Arrests", 20, **ABOVE), titled("Charges", 9, **USUAL)],
            "Arrests. Worse: above the usual range of 2 to 18.",
        ),
    ],
)
def test_what_can_be_told_from_chance(lines: list[PublicLine], sentence: str):
    assert seen(*lines).headline[-1] == sentence


def test_what_is_withheld_and_what_is_awaited():
    view = seen(titled("A", **WITHHELD), titled("Woundings", **AWAITED | {"owner_name": "NHS"}))
    assert view.headline[-1] == "Awaited: woundings (from NHS)."
    assert view.not_shown == NotShown("To protect people, we do not show 1 of the 2 figures for October", ("A",))
    assert view.month.completeness.sentence == "0 figures shown, 1 not shown, 1 awaited from NHS"


def test_each_withheld_figure_is_named_and_has_no_tile():
    titles = ["Groups", "NRM referrals", "Children identified", "Missing", "Charges", "Orders"]
    view = seen(titled("Arrests", 9), *(titled(title, **WITHHELD) for title in titles))
    assert view.not_shown == NotShown(
        "To protect people, we do not show 6 of the 7 figures for October",
        (
            *("Groups", "National Referral Mechanism (NRM) referrals", "Children identified", "Missing", "Charges"),
            "Orders",
        ),
    )
    assert [line.title for line, _ in view.shown] == ["Arrests"]
    assert seen(titled("Arrests", 9)).not_shown is None


def split(*states: dict[str, Any]) -> list[PublicLine]:
    """A whole that is withheld, in a section of its own, with a category for each of these."""
    origin: dict[str, Any] = {"dimension_code": "origin", "dimension_name": "Where from"}
    parts = [
        titled("Lines", **state, **origin, category_code=name.lower(), category_name=name)
        for name, state in zip(("London", "Leeds", "Hull"), states, strict=True)
    ]
    return [titled("Lines", **WITHHELD, **origin), *parts]


def test_a_table_of_nothing_but_withheld_figures_is_left_out():
    assert seen(*split(WITHHELD, WITHHELD, WITHHELD)).tables == ()
    (table,) = seen(*split(WITHHELD, {"value": 9}, WITHHELD)).tables
    assert [row.category for row in table.rows] == ["London", "Leeds", "Hull"]


def test_a_column_of_nothing_but_withheld_figures_is_left_out():
    groups = [
        titled("Groups", 9, dimension_code=line.dimension_code, dimension_name="Where from",
               category_code=line.category_code, category_name=line.category_name)
        for line in split(WITHHELD, WITHHELD, WITHHELD)
    ]  # fmt: skip
    (table,) = seen(*split(WITHHELD, WITHHELD, WITHHELD), *groups).tables
    assert (table.caption, [whole.title for whole in table.wholes]) == ("Groups", ["Groups"])
    assert [[cell.title for cell in row.cells] for row in table.rows] == [["Groups"]] * 3
    (both,) = seen(*split({"value": 9}, WITHHELD, WITHHELD), *groups).tables
    assert both.caption == "Lines and groups"


def test_the_first_signs_stand_on_the_page():
    month = replace(edition(), signs="One\nTwo\nThree\nFour\nFive")
    assert public_view(month, [titled("A", 9)]).signs == ("One", "Two", "Three", "Four")
    assert seen(titled("A", 9)).signs == ()


def test_what_it_is_names_the_town():
    assert (
        seen(titled("A", 9))
        .opening[1]
        .startswith("Each month, the police, the council and other public services in Testford")
    )


# --- What is withheld -----------------------------------------------------------------------------


def test_it_is_counted_over_all_months():
    step = {"at": 0, "from": "2020-01-01", "without": {"0": "withheld", "2": "withheld"}}
    hidden = titled("A", **WITHHELD, history=[None, 9, None], steps=[step])
    plain = {"at": 0, "from": "2020-01-01", "without": {}}
    shown = titled("B", 9, history=[9, 9, 9], steps=[plain])
    assert seen(hidden, shown).withheld == (
        "For October 2026, we do not show 1 of the 2 figures. The files also have earlier months, and figures split "
        "into parts. Of all 6 figures in the files, 2 are not shown."
    )
    assert seen(shown).withheld == ""


def test_each_rule_stands_once_with_what_it_protects():
    rules = {"Arrests": "suppress-5", "NRM referrals": "suppress-5", "Wounds": "round-7-5", "Children": "withhold"}
    lines = [titled(title, rule=rule, **WITHHELD) for title, rule in rules.items()]
    assert [(one.rule, one.titles) for one in seen(*lines).protected] == [
        (
            "We show these figures, but not those from 1 to 4, or any that would give one away:",
            ("Arrests", "National Referral Mechanism (NRM) referrals"),
        ),
        ("We round these figures to the nearest 5, and do not show those from 1 to 7:", ("Wounds",)),
        ("We do not show these figures. Only the agencies that work together see them:", ("Children",)),
    ]


def test_a_line_of_partners_makes_no_page():
    line = titled("A", 9)
    line.protected_by = ""
    with pytest.raises(AudienceRefused):
        seen(line)
    with pytest.raises(AudienceRefused):
        public_rows(edition(), [line])


# --- How a figure looks ---------------------------------------------------------------------------


def test_a_drawing_needs_enough_months_to_be_one():
    few, enough = seen(
        titled("A", 12, history=[*[None] * 13, *range(9, 20)]), titled("B", 12, history=[*[None] * 12, *range(8, 20)])
    ).month.lines
    assert '<svg class="vv-spark"' not in render_to_string("reporting/_public_tile.html", {"line": few})
    assert '<svg class="vv-spark"' in render_to_string("reporting/_public_tile.html", {"line": enough})


def test_a_rounded_figure_says_so_in_each_place():
    rounded = NO_PREVIOUS | {"no_arrow_reason": "rounded", "method": "withheld", "rule": "round-7-5"}
    (line,) = seen(titled("A", 15, **rounded)).month.lines
    for template in ("reporting/_public_tile.html", "reporting/_public_row.html"):
        html = render_to_string(template, {"line": line})
        assert "Rounded to the nearest 5, so it has no arrow." in html
        assert html.count("rrow") - html.count("vv-arrow") == 1  # said once
    assert "Rounded to the nearest 5" in render_to_string("reporting/_public_cells.html", {"lines": [line]})


# --- As open data ---------------------------------------------------------------------------------


def test_each_month_has_its_own_symbol_and_definition():
    steps = [
        {"at": 0, "from": "2020-01-01", "without": {"0": "awaited", "1": "not_applicable"}},
        {"at": 2, "from": "2026-09-01", "without": {}, "provisional": [2, 3]},
    ]
    (line,) = [titled("A", 9, history=[None, None, 8, 9], steps=steps, revised_state="figure", revised_value=12)]
    rows = public_rows(edition(), [line])
    assert [(row["month"], row["value"], row["symbol"], row["definition_from"]) for row in rows] == [
        ("2026-07", None, "[x]", "2020-01-01"),
        ("2026-08", None, "[z]", "2020-01-01"),
        ("2026-09", 8, "[p]", "2026-09-01"),
        ("2026-10", 9, "[r] [p]", "2026-09-01"),
    ]
    assert rows[0]["symbol_meaning"] == "awaited: not received yet"
    assert rows[3]["symbol_meaning"] == ("revised: differs from the version before; provisional: may still change")


def test_what_is_not_available_has_its_symbol():
    step = {"at": 0, "from": "2020-01-01", "without": {"0": "not_available"}}
    (row,) = public_rows(edition(), [titled("A", **NOT_AVAILABLE, history=[None], steps=[step])])
    assert (row["value"], row["symbol"], row["symbol_meaning"]) == (None, "[x]", "not available")


def test_a_file_is_named_for_its_edition():
    assert public_stem(edition()) == "testford-2026-10"
    assert public_stem(edition(1, 2)) == "testford-2026-10-edition-1"
