"""Board views to make packs of, out of the presenter itself, without a database: Anytown's
October 2026 as on the slide, and whatever else a test asks for."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from boards.models import Board, PartnershipArea, ReportingPeriod
from indicators.disclosure import Audience
from indicators.signals import Method
from indicators.spc import Judgement, Signal
from indicators.trend import CellState, Movement, NoArrowReason, Polarity
from reporting.models import IndicatorLine, Snapshot, SnapshotState
from reporting.presenters import BoardView, board_view, month_view

# Section, code, question, title, figure, previous, polarity, owner. Figures that the slide keeps
# from general view are made up.
ANYTOWN = (
    ("Lines", "lines", "How many lines are coming into the town? Where are they coming from? Is this increasing or "
     "decreasing?", "Lines", 21, 17, Polarity.LOWER, "Police"),
    ("Lines", "line-groups", "How many groups run them?", "Groups", 7, 6, Polarity.LOWER, "Police"),
    ("Arrests", "drug-arrests", "How many drug arrests in the past month? (young people and adults)", "Drug arrests",
     12, 9, Polarity.NEUTRAL, "Police"),
    ("Arrests", "appropriate-adult", "Appropriate adult interviews", "Appropriate adult interviews", 4, 6,
     Polarity.NEUTRAL, "Youth justice"),
    ("Youth", "juveniles", "How many juveniles have been identified?", "Children identified", 13, 12,
     Polarity.NEUTRAL, "Council, children"),
    ("Youth", "pwits", "How many PWITS?", "PWITS arrests", 4, 3, Polarity.NEUTRAL, "Police"),
    ("Youth", "juveniles-inside", "How many from inside the town?", "Children from inside the town", 3, 4,
     Polarity.NEUTRAL, "Council, children"),
    ("Youth", "juveniles-outside", "How many from other places?", "Children from other places", 3, 4,
     Polarity.NEUTRAL, "Council, children"),
    ("Youth", "assessments", "How many safeguarding assessments (S17 and S47) have identified drug, CSE or gang "
     "activity?", "Safeguarding assessments", 6, 8, Polarity.NEUTRAL, "Council, children"),
    ("Youth", "nrm-referrals", "How many referrals to the NRM?", "NRM referrals", 5, 7, Polarity.NEUTRAL,
     "Council, children"),
    ("Youth", "missing-education", "Missing from education (regularly or consistently)", "Missing from education", 9,
     11, Polarity.LOWER, "Education"),
    ("Youth", "missing-home", "Missing from home (more than 3 times)", "Missing from home", 6, 8, Polarity.LOWER,
     "Police"),
    ("Adult", "cuckooed", "How many cuckooed houses have been identified?", "Cuckooed houses", 34, 31,
     Polarity.LOWER, "Council, housing"),
    ("Adult", "trafficking-charges", "How many have been charged with trafficking or modern slavery offences?",
     "Trafficking and slavery charges", 4, None, Polarity.NEUTRAL, "Police"),
    ("Adult", "closure-orders", "How many closure orders have been applied for?", "Closure orders applied for", 2,
     None, Polarity.NEUTRAL, "Council, community safety"),
    ("Health", "woundings", "How many knife or gun woundings appear at frontline health services (A&E)?",
     "Knife and gun woundings", 2, None, Polarity.LOWER, "NHS"),
)  # fmt: skip
# Category, lines now and before, groups now and before.
ORIGINS: tuple[tuple[str, int, int, int, int], ...] = (
    ("London", 1, 0, 1, 1),
    ("Birmingham", 10, 9, 3, 2),
    ("Manchester", 4, 3, 1, 1),
    ("Merseyside", 6, 5, 2, 2),
)
DUTIES = (
    "Police operations",
    "Community policing",
    "Civil tools and powers (closure orders etc.)",
    "Probation and the secure estate working with county-wide services to identify, monitor and manage "
    "perpetrators in the borough",
    "Wider regional considerations",
)


def line(code: str = "lines", *, value: int | None = 4, previous: int | None = 3, **changes: Any) -> IndicatorLine:
    """A line as a roll-up would write it. `previous` None: September's return never came."""
    state = CellState.FIGURE if value is not None else changes.pop("state", CellState.AWAITED)
    change = None if value is None or previous is None else value - previous
    if change is not None:
        movement, reason = (Movement.UP if change > 0 else Movement.DOWN if change else Movement.LEVEL), ""
    else:
        movement = Movement.NONE
        reason = NoArrowReason.PREVIOUS_AWAITED if value is not None else NoArrowReason(state.value)
    shape = [6 + (len(code) * step) % 5 - step // 9 for step in range(22)]
    defaults = {
        "section_code": "lines",
        "section_title": "Lines",
        "title": "Lines",
        "question": "How many lines?",
        "unit_one": "line",
        "unit_many": "lines",
        "polarity": Polarity.LOWER,
        "owner_code": "police",
        "owner_name": "Police",
        "boards": {"csp": 1},
        "definition_from": date(2023, 1, 1),
        "state": state,
        "value": value,
        "previous_state": CellState.AWAITED if previous is None else CellState.FIGURE,
        "previous_value": previous,
        "movement": movement,
        "change": change,
        "no_arrow_reason": reason,
        "method": Method.CHART,
        "figures": 24,
        "mean": 5.0,
        "lower": 0.5,
        "upper": 9.5,
        "signal": Signal.NONE,
        "judgement": Judgement.COMMON_CAUSE,
        "running": 0,
        "history": [*shape, previous, value],
    }
    return IndicatorLine(indicator_code=code, **defaults | changes)


def anytown_lines() -> list[IndicatorLine]:
    made = []
    for place, (section, code, question, title, value, before, polarity, owner) in enumerate(ANYTOWN):
        shared: dict[str, Any] = {
            "section_code": section.lower(),
            "section_title": section,
            "question": question,
            "title": title,
            "polarity": polarity,
            "owner_name": owner,
            "boards": {"csp": place},
        }
        if code in ("lines", "line-groups"):
            shared |= {"dimension_code": "origin", "dimension_name": "Where from"}
            shared["unit_many"] = title.lower()
        made.append(line(code, value=value, previous=before, **shared))
        if code in ("lines", "line-groups"):
            for name, lines, lines_before, groups, groups_before in ORIGINS:
                figures = (lines, lines_before) if code == "lines" else (groups, groups_before)
                category = {"category_code": name.lower(), "category_name": name}
                made.append(line(code, value=figures[0], previous=figures[1], **category | shared))
    return made


def pack_view(
    lines: Iterable[IndicatorLine] | None = None,
    *,
    duties: Iterable[str] = DUTIES,
    state: SnapshotState = SnapshotState.PUBLISHED,
    version: int = 1,
    area: str = "Anytown",
    name: str = "Community Safety Partnership",
    formerly: str = "",
) -> BoardView:
    """The Community Safety Partnership's part of Anytown's October 2026; with other lines, if given."""
    month = month_view(
        Snapshot(version=version, state=state, taken_at=datetime(2026, 11, 5, 9, 30, tzinfo=UTC)),
        anytown_lines() if lines is None else lines,
        area=PartnershipArea(slug="anytown", name=area),
        period=ReportingPeriod(starts_on=date(2026, 10, 1), due_on=date(2026, 11, 10)),
        audience=Audience.PARTNERS,
        marking="OFFICIAL-SENSITIVE",
    )
    board = Board(code="csp", name=name, short_name="CSP", formerly=formerly, basis="Crime and Disorder Act 1998")
    return board_view(month, board, list(duties))
