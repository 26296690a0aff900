"""Which months can a meeting look at, and what is there for its agenda?"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from actions.models import Action, Challenge, Meeting, SubGroup
from actions.selectors.as_at import (
    AsAt,
    ChallengeThen,
    actions_then,
    as_at,
    asked_then,
    challenges_then,
    red_actions_then,
    to_board_then,
)
from actions.selectors.meetings import Silent, Thing, left_out_before
from boards.models import Board, PartnershipArea, Strand
from boards.roles import STRATEGIC_GROUP
from indicators.models import Indicator

MOST_STRANDS = 3  # in a proposed agenda


@dataclass(frozen=True, slots=True)
class Material:
    """What an agenda is made from, besides the month's lines."""

    actions: list[tuple[Action, str]]  # red ones, each with its reason
    challenges: list[ChallengeThen]
    strands: list[Silent]


def material_for(meeting: Meeting) -> Material:
    """Return the material as on the meeting's day, or as of today for a future meeting. A constant number of
    queries."""
    at = as_at(meeting)
    return Material(
        actions=[(action, vars(action)["why_then"]) for action in red_actions(meeting, at)],
        challenges=asked_then(open_challenges(meeting, at)),
        strands=left_out_before(meeting)[:MOST_STRANDS],
    )


def sees_all(meeting: Meeting) -> bool:
    """Return whether it belongs to the strategic group, which looks at everything, or to one of its sub-groups."""
    return find_board(meeting).code == STRATEGIC_GROUP


def find_board(meeting: Meeting) -> Board:
    """Return the board that meets, or that the sub-group reports to."""
    body = meeting.body
    return body.board if isinstance(body, SubGroup) else body


def indicators_with(area: PartnershipArea, codes: Collection[str]) -> dict[str, Indicator]:
    """Return the indicators by code. One query, or none without codes."""
    return {each.code: each for each in Indicator.objects.filter(area=area, code__in=codes)} if codes else {}


def red_actions(meeting: Meeting, at: AsAt) -> QuerySet[Action]:
    """Return a board's red actions, or those that a sub-group's meetings decided."""
    actions = red_actions_then(meeting.area, at)
    if meeting.sub_group_id is not None:
        actions = actions.filter(decided_in__sub_group=meeting.sub_group_id)
    elif not sees_all(meeting):
        actions = actions.filter(board=meeting.board_id)
    return actions.order_by("due_on", "number")


def open_challenges(meeting: Meeting, at: AsAt) -> QuerySet[Challenge]:
    """Return the challenges that a board reads, or those about actions that a sub-group's meetings decided."""
    challenges = challenges_then(meeting.area, at)
    if meeting.sub_group_id is not None:
        challenges = challenges.filter(action__decided_in__sub_group=meeting.sub_group_id)
    elif meeting.board_id is not None and not sees_all(meeting):
        challenges = challenges.filter(to_board_then(meeting.board_id, at))
    return challenges.order_by("due_on", "number")


def addable_things(meeting: Meeting) -> dict[str, list[Thing]]:
    """Return what people may have discussed at a meeting, by kind: everything that existed at the time. Four
    queries."""
    area, at = meeting.area, as_at(meeting)
    indicators = Indicator.objects.in_use_on(at.day).filter(area=area)
    return {
        "strand": list(Strand.objects.filter(area=area)),
        "action": list(actions_then(area, at).order_by("number")),
        "challenge": list(challenges_then(area, at).order_by("number")),
        "indicator": list(indicators.order_by("title")),
    }
