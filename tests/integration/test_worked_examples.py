"""Whole months computed by hand: every file in tests/worked_examples comes out as it says."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from boards.models import Agency, Membership
from boards.rules import Role
from core.calendar import Month
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.models import FigureChange, Indicator, IndicatorDefinition
from indicators.selectors.returns import list_boxes, list_returns
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.returns import accept_return, release_return, save_draft
from indicators.trend import CellState
from reporting.exports.presenters.months import export_rows, newest_view
from reporting.months.presenters.shapes import MonthView
from tests.factories import make_agency, make_area, make_board, make_dimension, make_indicator, make_member
from tests.scenarios import Town, entries, give_back, open_month, submit, sweep

pytestmark = pytest.mark.django_db
EXAMPLES = sorted((Path(__file__).parents[1] / "worked_examples").glob("*.toml"))
REASONS = {
    "comes later": CellState.AWAITED,
    "not available": CellState.NOT_AVAILABLE,
    "not applicable": CellState.NOT_APPLICABLE,
}


def set_up(example: dict[str, Any]) -> Town:
    """The indicators, each agency, and one person who leads all of them."""
    area = make_area("testford")
    release = example.get("release", [])
    agencies = {
        code: make_agency(area, code, name=name, needs_release=code in release)
        for code, name in example["agencies"].items()
    }
    town = Town(area, next(iter(agencies.values())), make_board(area))
    town.people[Role.COORDINATOR] = make_member(area, Role.COORDINATOR)
    for role in (Role.AGENCY_LEAD, Role.AGENCY_APPROVER):
        town.people[role] = make_member(area, role, agency=town.police)
        for agency in agencies.values():
            if agency != town.police:
                Membership.objects.create(user=town.people[role], area=area, role=role.value, agency=agency)
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


def hand_in(town: Town, month: Month, figures: dict[str, Any], example: dict[str, Any]) -> None:
    """Each agency hands in all of its figures, or none; and its return comes as far as the example says."""
    open_month(town, month)
    left = dict(figures)
    is_this = str(month) == example["month"]
    states, marks = (example.get(name, {}) if is_this else {} for name in ("returns", "marks"))
    for agency in Agency.objects.filter(area=town.area):
        boxes = [box.name for box in list_boxes(agency, month)]
        own = {name: REASONS.get(left[name], left.pop(name)) for name in boxes if name in left}
        assert own.keys() in ({}.keys(), set(boxes)), f"{agency} hands in only some of its figures for {month.label}."
        if own:
            bring_to(states.get(agency.code, "accepted"), town, agency, month, own, marks)
    assert not left, f"No one supplies {', '.join(left)}."


def bring_to(
    state: str, town: Town, agency: Agency, month: Month, figures: dict[str, Any], marks: dict[str, Any]
) -> None:
    """Type a return, and take it on to this state."""
    if state == "draft":
        save_draft(agency, open_month(town, month), entries(figures), revision=0, by=town.lead)
        return
    submission = submit(town, month, figures, agency=agency)
    if state == "returned":
        give_back(town, submission)
        return
    if agency.needs_release and state in ("released", "accepted"):
        submission = release_return(submission, by=town.people[Role.AGENCY_APPROVER])
    if state == "accepted":
        accept_return(submission, by=town.coordinator, provisional=marks.get("provisional", []))
    submission.refresh_from_db()
    assert submission.state == state


def correct(town: Town, row: dict[str, Any]) -> None:
    """The lead asks to correct a figure, and the coordinator agrees."""
    indicator = Indicator.objects.select_related("owner__area").get(area=town.area, code=row["figure"])
    period = open_month(town, Month.parse(row["month"]))
    asked = ask_correction(indicator, None, period, entry=Entry(str(row["value"])), reason=row["reason"], by=town.lead)
    accept_correction(asked, by=town.coordinator)


def work_out(example: dict[str, Any]) -> tuple[Town, MonthView]:
    town = set_up(example)
    for month, figures in example["figures"].items():
        hand_in(town, Month.parse(month), by_box(figures), example)
    for row in example.get("correction", []):
        correct(town, row)
    sweep()
    return town, newest_view(town.area, Month.parse(example["month"]), audience=Audience.PARTNERS, include_drafts=True)


def returns_in(town: Town, month: str) -> dict[str, str]:
    return {status.agency.code: status.state for status in list_returns(open_month(town, Month.parse(month)))}


def history_in(town: Town, figure: str) -> list[str]:
    """A figure's life in words: "2024-09 arrests" → ["entered 9", "corrected 9 to 11"]."""
    month, _, code = figure.partition(" ")
    changes = FigureChange.objects.filter(
        indicator__code=code, period__area=town.area, period__starts_on=Month.parse(month).first_day
    )
    lines = []
    for change in changes:
        before, after = (
            "nothing" if value is None else str(value) for value in (change.value_before, change.value_after)
        )
        lines.append(f"{change.act} {after}" if before in (after, "nothing") else f"{change.act} {before} to {after}")
    return lines


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_month_comes_out_as_it_was_worked_out_by_hand(file: Path):
    example = tomllib.loads(file.read_text(encoding="utf-8"))
    town, view = work_out(example)
    columns = ("indicator", "category", "value", "state", "previous", "movement", "change", "no_arrow_reason")
    empty = {"category": "", "value": None, "state": "figure", "previous": None, "change": None, "no_arrow_reason": ""}
    expected = [empty | line for line in example["expected"]["line"]]
    got = [
        {name: row[name] for name in columns} | {"words": line.words}
        for row, line in zip(export_rows(view), view.lines, strict=True)
    ]
    assert got == expected
    assert view.completeness.sentence == example["expected"]["completeness"]
    for month, states in example["expected"].get("returns", {}).items():
        assert returns_in(town, month) == states
    for figure, life in example["expected"].get("history", {}).items():
        assert history_in(town, figure) == life


def test_there_are_examples():
    assert EXAMPLES
