"""Says who may change the plan, raise and answer challenges, read about meetings, and add sessions."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from actions.models import Action, Challenge, ChallengeAct, Kpi, Meeting, NoteKind, Support
from actions.workflow import UNANSWERED, ChallengeState
from boards.models import Agency, Board, PartnershipArea
from boards.permissions import Access, access_to
from boards.rules import STRATEGIC_GROUP, Role
from core.models import User


def can_update(access: Access, action: Action) -> bool:
    """Return whether they may update it: its owner, a lead of its agency, or the coordinator."""
    return access.can_coordinate or access.user.pk == action.owner_id or action.agency_id in access.led


def check_can_update(action: Action, *, by: User) -> None:
    access = access_to(action.area, by=by)
    # An action still names its owner when that person has lost every role in the area.
    if access.is_outsider or not can_update(access, action):
        raise PermissionDenied(f"Only the owner, a lead of {action.agency.name} and the coordinator can do this.")


def can_challenge(access: Access) -> bool:
    return access.is_any(Role.STRATEGIC)


def check_can_challenge(area: PartnershipArea, *, by: User) -> None:
    if not can_challenge(access_to(area, by=by)):
        raise PermissionDenied(f"Only a member of the strategic group in {area.name} can do this.")


def can_read_about(access: Access, about: Challenge | Support) -> bool:
    """Return whether they may read it, as actions.models.challenges decides. One query."""
    # Ask the same queryset as the lists: a second rule here would drift from it.
    rows = Challenge.objects if isinstance(about, Challenge) else Support.objects
    return rows.readable_by(access).filter(pk=about.pk).exists()


def sits_on_group(access: Access, boards: Iterable[Board]) -> bool:
    """Return whether they sit on the strategic group as on a board: they then read what its packs have. `boards` are
    the area's."""
    return any(board.code == STRATEGIC_GROUP for board in boards if board.pk in access.seated)


def answers_for(access: Access, about: Challenge | Support) -> bool:
    """Return whether they answer for its addressee: as a member of the board or a lead of the agency. Members of the
    strategic group belong to its board."""
    place = about.board or about.agency
    # Nobody answers for a retired board or agency. The coordinator's tasks name its challenges.
    if place is None or place.retired:
        return False
    is_group = about.board is not None and about.board.code == STRATEGIC_GROUP
    return (
        about.board_id in access.seated or about.agency_id in access.led or (is_group and access.is_any(Role.STRATEGIC))
    )


def can_answer(access: Access, challenge: Challenge) -> bool:
    """Return whether they may answer: the answerer, while they answer for that board or agency. If it is escalated, the
    board's chair."""
    # A challenge still names its answerer when that person has lost every role in the area.
    if access.is_outsider:
        return False
    if challenge.state == ChallengeState.ESCALATED:
        return challenge.escalated_to_id in access.chaired
    return access.user.pk == challenge.answerer_id and answers_for(access, challenge)


def check_can_answer(challenge: Challenge, *, by: User) -> None:
    if not can_answer(access_to(challenge.area, by=by), challenge):
        who = (
            f"the chair of the {challenge.escalated_to}"
            if challenge.state == ChallengeState.ESCALATED
            else str(challenge.answerer)
        )
        raise PermissionDenied(f"Only {who} can answer this challenge.")


def can_judge(access: Access, challenge: Challenge) -> bool:
    """Return whether they may accept an answer or ask again: the strategic group, except the person who gives or gave
    the answer. One query."""
    return can_challenge(access) and not why_not_judge(access, challenge)


def check_can_judge(challenge: Challenge, *, by: User) -> None:
    check_can_challenge(challenge.area, by=by)
    if why := why_not_judge(access_to(challenge.area, by=by), challenge):
        raise PermissionDenied(why)


def why_not_judge(access: Access, challenge: Challenge) -> str:
    """Return why not, as a sentence; empty if they may."""
    if challenge.state in UNANSWERED:
        if can_answer(access, challenge):
            return "You have to answer this challenge, so someone else in the group must decide what happens next."
        return ""
    # The last one only: somebody who answered before may judge this one.
    answers = challenge.entries.filter(act=ChallengeAct.ANSWERED.value).order_by("-made_at", "-id")
    if answers.values_list("made_by", flat=True).first() == access.user.pk:
        return "You gave this answer, so someone else in the group must decide if it is good enough."
    return ""


def check_can_decide_support(support: Support, *, by: User) -> None:
    if not answers_for(access_to(support.area, by=by), support):
        to = support.board or support.agency
        raise PermissionDenied(f"Only people who answer for {to} can take this offer up or decline it.")


def can_read_meeting(access: Access, meeting: Meeting) -> bool:
    """Return whether they may read about it. People who read drafts read about every meeting. Others read about those
    of their boards, their sub-groups, and sub-groups that report to their boards. One query for a sub-group's."""
    # A sub-group still has its members when they have lost every role in the area.
    if access.is_outsider:
        return False
    if access.can_see_drafts or meeting.board_id in access.seated:
        return True
    group = meeting.sub_group
    return group is not None and (group.board_id in access.seated or group.members.filter(pk=access.user.pk).exists())


def can_note(access: Access, kind: NoteKind) -> bool:
    """Return whether they may write such a note during a meeting: the strategic group both kinds, whoever records
    meetings a decision."""
    return can_challenge(access) or (kind is NoteKind.DECISION and access.can_coordinate)


def check_can_note(area: PartnershipArea, kind: NoteKind, *, by: User) -> None:
    if not can_note(access_to(area, by=by), kind):
        also = " and the coordinator" if kind is NoteKind.DECISION else ""
        raise PermissionDenied(f"Only members of the strategic group{also} can note a {kind.label.lower()}.")


def can_tell_sessions(access: Access, agency: Agency) -> bool:
    """Return whether they may add sessions: a lead for their own agency, the coordinator for any agency."""
    return access.can_coordinate or agency.pk in access.led


def check_can_tell_sessions(agency: Agency, *, by: User) -> None:
    if not can_tell_sessions(access_to(agency.area, by=by), agency):
        raise PermissionDenied(f"Only a lead of {agency.name} and the coordinator can do this.")


def can_review_kpi(access: Access, kpi: Kpi) -> bool:
    """Return whether they may review it: its owner, the coordinator or the chair of its board."""
    return not access.is_outsider and (
        access.can_coordinate or access.user.pk == kpi.owner_id or kpi.board_id in access.chaired
    )


def check_can_review_kpi(kpi: Kpi, *, by: User) -> None:
    if not can_review_kpi(access_to(kpi.area, by=by), kpi):
        raise PermissionDenied("Only the owner, the chair of the board and the coordinator can do this.")


def can_tell_events(access: Access, board_id: int | None) -> bool:
    """Return whether they may change events: the coordinator any, a chair those of their own boards."""
    return access.can_coordinate or (board_id is not None and board_id in access.chaired)


def check_can_tell_events(area: PartnershipArea, board: Board | None, *, by: User) -> None:
    if not can_tell_events(access_to(area, by=by), board.pk if board else None):
        whose = f"a chair of {board.name}" if board else "a chair (for their own board’s events)"
        raise PermissionDenied(f"Only the coordinator and {whose} can do this.")
