"""The lines of a month, as files for other programs."""

import json
from pathlib import Path

import pytest

from boards.rules import Role
from core.calendar import Month
from indicators.services.open_data import import_police_months
from tests.factories import make_dimension, make_indicator
from tests.factories.police import counted, make_police_indicators
from tests.integration.command_line import Ran, run
from tests.ruling import set_rule
from tests.scenarios import Town, accept, make_town, open_month, publish, sweep
from tests.standing import stand

pytestmark = pytest.mark.django_db


def make_two_months() -> Town:
    """September and October 2026 of a town whose police have not sent October's return."""
    town = make_town()
    make_police_indicators(town.police)
    accept(town, Month(2026, 9), {"arrests": 12, "charges": None})
    import_police_months(town.area, [counted("2026-09", 34, 23, 664), counted("2026-10", 24, 23, 746)], by=None)
    sweep()
    return town


made, town = stand(make_two_months)


def export(*options: object, area: str = "testford", month: str = "2026-10") -> Ran:
    return run("export_month", "--area", area, "--month", month, *options)


def line(indicator: str, **differences: object) -> dict[str, object]:
    """A line as it is printed, of a figure for the whole, without an arrow; too early to judge, as
    every series of these tests is."""
    told = "too_early" if "value" in differences else None
    return {
        "indicator": indicator,
        "title": indicator.replace("-", " ").capitalize(),
        "category": "",
        "value": None,
        "state": "figure",
        "previous": None,
        "change": None,
        "movement": "none",
        "no_arrow_reason": "",
        "polarity": "neutral",
        "usual": None,
        "lower": None,
        "upper": None,
        "signal": None,
        "tier": None,
        "judgement": told,
        "window": None,
        "level": None,
        "level_since": None,
        **dict.fromkeys(("ratio", "per", "numerator", "denominator", "range_lower", "range_upper")),
        "target": None,
        "target_month": None,
        "kpi_state": None,
    } | differences


def test_json_is_the_default(town: Town):
    ran = export()
    assert (ran.status, ran.err) == (0, "")
    document = json.loads(ran.out)
    lines = document.pop("lines")
    assert document == {
        "area": "testford",
        "month": "2026-10",
        "audience": "partners",
        "version": 1,
        "state": "draft",
    }
    assert sorted(lines, key=lambda row: row["indicator"]) == [
        line("arrests", state="awaited", previous=12, no_arrow_reason="awaited", polarity="lower"),
        line("charges", state="awaited", no_arrow_reason="awaited"),
        line("police-drugs", value=24, previous=34, change=-10, movement="down"),
        line("police-violence", value=746, previous=664, change=82, movement="up"),
        line("police-weapons", value=23, previous=23, change=0, movement="level"),
    ]


def test_a_first_month_has_no_arrows(town: Town):
    lines = {row["indicator"]: row for row in json.loads(export(month="2026-09").out)["lines"]}
    assert lines["police-drugs"] == line("police-drugs", value=34, no_arrow_reason="no_previous_month")
    assert lines["charges"] == line("charges", state="not_available", no_arrow_reason="not_available")


def test_a_category_has_a_line_of_its_own(town: Town):
    dimension = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "lines", dimension=dimension, position=9)
    accept(town, Month(2026, 10), {"arrests": 1, "charges": 1, "lines.london": 3, "lines.leeds": 0})
    sweep()
    lines = [row for row in json.loads(export().out)["lines"] if row["indicator"] == "lines"]
    assert [(row["category"], row["value"]) for row in lines] == [("", 3), ("london", 3), ("leeds", 0)]


def test_the_newest_version_is_exported(town: Town):
    publish(town, Month(2026, 10))
    assert json.loads(export().out)["state"] == "published"
    import_police_months(town.area, [counted("2026-10", 25, 23, 746)], by=None)
    stale = export()
    assert "Figures of October 2026 changed since it was rolled up" in stale.err
    assert json.loads(stale.out)["version"] == 1
    sweep()
    document = json.loads(export().out)
    assert (document["version"], document["state"]) == (2, "draft")
    assert [row["value"] for row in document["lines"] if row["indicator"] == "police-drugs"] == [25]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_output_is_what_would_be_printed(town: Town, tmp_path: Path, form: str):
    file = tmp_path / "october"
    ran = export("--format", form, "--output", file)
    assert (ran.status, ran.out) == (0, "")
    assert file.read_bytes().decode() == export("--format", form).out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"area": "nowhere"}, "There is no area “nowhere”. There are: testford."),
        ({"month": "2026-13"}, "“2026-13” is not a month: write it as 2026-10."),
        ({"month": "October"}, "“October” is not a month"),
        ({"month": "2026-08"}, "Testford has no figures for August 2026"),
    ],
)
def test_an_unknown_month_or_area_is_a_sentence(town: Town, options: dict[str, str], sentence: str):
    ran = export(**options)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(sentence)


def test_the_public_is_shown_what_an_edition_would_say(town: Town):
    """September: 12 arrests, below the usual rule's 20; of the police's own three, 34, 23 and 664."""
    set_rule(town.area, kind="suppress", below=20, why="Agreed", by=town.people[Role.INFORMATION])
    ran = export("--audience", "public", month="2026-09")
    assert ran.status == 0
    assert "is not public: this is what an edition would show." in ran.err
    found = json.loads(ran.out)
    assert (found["audience"], found["state"]) == ("public", "draft")
    shown = {line["indicator"]: (line["state"], line["value"], line["change"]) for line in found["lines"]}
    true = {line["indicator"]: line["value"] for line in json.loads(export(month="2026-09").out)["lines"]}
    assert shown.pop("arrests") == ("withheld", None, None)
    assert true["arrests"] == 12
    assert sorted(value for _, value, _ in shown.values() if value is not None) == [23, 34, 664]


def test_a_month_that_was_never_rolled_up_is_a_sentence(town: Town):
    open_month(town, Month(2026, 11))
    ran = export(month="2026-11")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("November 2026 has not been worked out yet")


def test_a_file_that_can_not_be_written_is_a_sentence(town: Town, tmp_path: Path):
    ran = export("--output", tmp_path / "no" / "where")
    assert ran.status == 2
    assert ran.err.endswith("can't be written: no such file or directory.")
