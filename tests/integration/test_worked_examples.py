"""Whole months computed by hand: every file in tests/worked_examples comes out as it says."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from boards.models import Agency, Membership
from boards.roles import Role
from core.months import Month
from indicators.disclosure import Audience
from indicators.models import IndicatorDefinition
from indicators.selectors import boxes_of
from indicators.trend import CellState
from reporting.presenters import MonthView, export_rows, newest_view
from tests.factories import make_agency, make_area, make_board, make_dimension, make_indicator, make_member
from tests.scenarios import Town, accept, open_month, sweep

pytestmark = pytest.mark.django_db
EXAMPLES = sorted((Path(__file__).parents[1] / "worked_examples").glob("*.toml"))
REASONS = {"not available": CellState.NOT_AVAILABLE, "not applicable": CellState.NOT_APPLICABLE}


def set_up(example: dict[str, Any]) -> Town:
    """The indicators, each agency, and one person who leads all of them."""
    area = make_area("testford")
    agencies = {code: make_agency(area, code, name=name) for code, name in example["agencies"].items()}
    town = Town(area, next(iter(agencies.values())), make_board(area))
    town.people[Role.COORDINATOR] = make_member(area, Role.COORDINATOR)
    town.people[Role.AGENCY_LEAD] = make_member(area, Role.AGENCY_LEAD, agency=town.police)
    for agency in agencies.values():
        if agency != town.police:
            Membership.objects.create(user=town.lead, area=area, role=Role.AGENCY_LEAD.value, agency=agency)
    for position, row in enumerate(example["indicator"]):
        dimension = make_dimension(area, f"parts-of-{row['code']}", row["categories"]) if "categories" in row else None
        indicator = make_indicator(
            agencies[row["agency"]],
            row["code"],
            dimension=dimension,
            position=position,
            polarity=row.get("polarity", "neutral"),
        )
        if "redefined_from" in row:
            since = Month.parse(row["redefined_from"]).first_day
            IndicatorDefinition.objects.create(indicator=indicator, applies_from=since, text="Another way.")
    return town


def by_box(figures: dict[str, Any]) -> dict[str, Any]:
    """{"lines": {"london": 1}} as {"lines.london": 1}."""
    flat = {}
    for code, figure in figures.items():
        if isinstance(figure, dict):
            flat |= {f"{code}.{category}": value for category, value in figure.items()}
        else:
            flat[code] = figure
    return flat


def hand_in(town: Town, month: Month, figures: dict[str, Any]) -> None:
    """Each agency hands in all of its figures, or none."""
    open_month(town, month)
    left = dict(figures)
    for agency in Agency.objects.filter(area=town.area):
        boxes = [box.name for box in boxes_of(agency, month)]
        own = {name: REASONS.get(left[name], left.pop(name)) for name in boxes if name in left}
        assert own.keys() in ({}.keys(), set(boxes)), f"{agency} hands in only some of its figures for {month.label}."
        if own:
            accept(town, month, own, agency=agency)
    assert not left, f"Nobody supplies {', '.join(left)}."


def work_out(example: dict[str, Any]) -> MonthView:
    town = set_up(example)
    for month, figures in example["figures"].items():
        hand_in(town, Month.parse(month), by_box(figures))
    sweep()
    return newest_view(
        town.area, Month.parse(example["month"]), audience=Audience.PARTNERS, include_drafts=True, marking="OFFICIAL"
    )


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_month_comes_out_as_it_was_worked_out_by_hand(file: Path):
    example = tomllib.loads(file.read_text(encoding="utf-8"))
    view = work_out(example)
    columns = ("indicator", "category", "value", "state", "previous", "movement", "change", "no_arrow_reason")
    empty = {"category": "", "value": None, "state": "figure", "previous": None, "change": None, "no_arrow_reason": ""}
    expected = [empty | line for line in example["expected"]["line"]]
    got = [
        {name: row[name] for name in columns} | {"words": line.words}
        for row, line in zip(export_rows(view), view.lines, strict=True)
    ]
    assert got == expected
    assert view.completeness.sentence == example["expected"]["completeness"]


def test_there_are_examples():
    assert EXAMPLES
