"""Which months can a meeting look at, and what is there for its agenda?"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from actions.models import Action, Challenge, Meeting, SubGroup
from actions.selectors.as_at import (
    AsAt,
    Asked,
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
from core.months import Month
from indicators.models import Indicator
from reporting.models import Snapshot, SnapshotState
from reporting.models.line_fields import Line
from reporting.selectors import NotHeld, find_version, lines_of, versions_of

MOST_STRANDS = 3  # that an agenda proposes


@dataclass(frozen=True, slots=True)
class Material:
    """What an agenda is made from, beside the month's lines."""

    actions: list[tuple[Action, str]]  # red ones, each with why it was red
    challenges: list[Asked]
    strands: list[Silent]


def published_versions(area: PartnershipArea) -> list[Snapshot]:
    """Every published version of every month, the newest month first, and of a month the newest version. One query."""
    published = Snapshot.objects.filter(period__area=area, state=SnapshotState.PUBLISHED.value)
    return list(published.select_related("period").order_by("-period__starts_on", "-version"))


def newest_for(meeting: Meeting) -> Snapshot | None:
    """The newest published version of the newest month that is over by a meeting's day; none for a meeting that looks
    at no month, or where that is what it looks at. One query."""
    if meeting.period is None:
        return None
    over = Month.of(meeting.held_on).first_day  # months that begin before the one of its day
    found = Snapshot.objects.filter(
        Q(period=meeting.period) | Q(period__starts_on__gt=meeting.period.starts_on, period__starts_on__lt=over),
        period__area=meeting.area_id,
        state=SnapshotState.PUBLISHED.value,
    )
    newest = found.select_related("period").order_by("-period__starts_on", "-version").first()
    if newest is None or (newest.period_id == meeting.period_id and newest.version <= (meeting.version or 0)):
        return None
    return newest


def material_for(meeting: Meeting) -> Material:
    """As it was on the meeting's day, or is today for one that is still to come. A constant number of queries."""
    at = as_at(meeting)
    return Material(
        actions=[(action, vars(action)["why_then"]) for action in red_actions(meeting, at)],
        challenges=asked_then(open_challenges(meeting, at)),
        strands=left_out_before(meeting)[:MOST_STRANDS],
    )


def sees_all(meeting: Meeting) -> bool:
    """Whether it is of the strategic group, which looks at everything, or of a sub-group of it."""
    return board_of(meeting).code == STRATEGIC_GROUP


def board_of(meeting: Meeting) -> Board:
    """The board that meets, or that the sub-group reports to."""
    body = meeting.body
    return body.board if isinstance(body, SubGroup) else body


def lines_for(meeting: Meeting) -> list[Line]:
    """Those of the version that lay before it; of a board's meeting only the board's own indicators."""
    period = meeting.period
    if period is None:
        return []
    versions = versions_of(period, include_drafts=False)
    try:
        snapshot = find_version(versions, str(meeting.version), month=period.month)
    except NotHeld:
        return []
    lines = lines_of(snapshot)
    if sees_all(meeting):
        return lines
    return [line for line in lines if board_of(meeting).code in line.boards]


def indicators_with(area: PartnershipArea, codes: Collection[str]) -> dict[str, Indicator]:
    """By their code. One query; none without any."""
    return {each.code: each for each in Indicator.objects.filter(area=area, code__in=codes)} if codes else {}


def red_actions(meeting: Meeting, at: AsAt) -> QuerySet[Action]:
    """Those of a board; of a sub-group those that its meetings decided."""
    actions = red_actions_then(meeting.area, at)
    if meeting.sub_group_id is not None:
        actions = actions.filter(decided_in__sub_group=meeting.sub_group_id)
    elif not sees_all(meeting):
        actions = actions.filter(board=meeting.board_id)
    return actions.order_by("due_on", "number")


def open_challenges(meeting: Meeting, at: AsAt) -> QuerySet[Challenge]:
    """Those that a board reads; of a sub-group those about actions that its meetings decided."""
    challenges = challenges_then(meeting.area, at)
    if meeting.sub_group_id is not None:
        challenges = challenges.filter(action__decided_in__sub_group=meeting.sub_group_id)
    elif meeting.board_id is not None and not sees_all(meeting):
        challenges = challenges.filter(to_board_then(meeting.board_id, at))
    return challenges.order_by("due_on", "number")


def addable_things(meeting: Meeting) -> dict[str, list[Thing]]:
    """What can have been discussed at a meeting, by its kind: whatever there was at the time. Four queries."""
    area, at = meeting.area, as_at(meeting)
    indicators = Indicator.objects.in_use_on(at.day).filter(area=area)
    return {
        "strand": list(Strand.objects.filter(area=area)),
        "action": list(actions_then(area, at).order_by("number")),
        "challenge": list(challenges_then(area, at).order_by("number")),
        "indicator": list(indicators.order_by("title")),
    }
