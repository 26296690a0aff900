"""Who may change the plan, who may challenge, who owes an answer, who reads of a meeting, and who tells of sessions?"""

from django.core.exceptions import PermissionDenied

from actions.models import Action, Challenge, Meeting, Support
from actions.workflow import ChallengeState
from boards.models import Agency, Board, Membership, PartnershipArea
from boards.permissions import Access, access_to
from boards.roles import STRATEGIC_GROUP, Role
from core.models import User


def can_update(access: Access, action: Action) -> bool:
    """Its owner says how it goes; so may a lead of its agency, and the coordinator."""
    return access.can_coordinate or access.user.pk == action.owner_id or action.agency_id in access.led


def check_can_update(action: Action, *, by: User) -> None:
    access = access_to(action.area, by=by)
    if access.is_outsider or not can_update(access, action):
        raise PermissionDenied(f"Only its owner, a lead of {action.agency.name} and the coordinator can do this.")


def can_challenge(access: Access) -> bool:
    return access.is_any(Role.STRATEGIC)


def check_can_challenge(area: PartnershipArea, *, by: User) -> None:
    if not can_challenge(access_to(area, by=by)):
        raise PermissionDenied(f"Only a member of the strategic group of {area.name} can do this.")


def can_read_about(access: Access, about: Challenge | Support) -> bool:
    """Who reads drafts reads every challenge and offer; others those to their own board or agency."""
    own_agencies = access.led | access.approved | access.told
    return (
        access.can_see_drafts
        or sits_on_group(access)
        or about.board_id in access.seated
        or about.agency_id in own_agencies
        or (isinstance(about, Challenge) and access.user.pk == about.answerer_id)
        or (isinstance(about, Challenge) and about.escalated_to_id in access.seated)
    )


def sits_on_group(access: Access) -> bool:
    """Whether they sit on the strategic group as on a board: they read what its packs have. One query for those who
    sit on any board, otherwise none."""
    return bool(access.seated) and Board.objects.filter(pk__in=access.seated, code=STRATEGIC_GROUP).exists()


def can_answer(access: Access, challenge: Challenge) -> bool:
    """Whose turn it is to answer: the answerer's; of an escalated one that of the board's chair."""
    if access.is_outsider:
        return False
    if challenge.state == ChallengeState.ESCALATED:
        return challenge.escalated_to is not None and is_chair(access.user, challenge.escalated_to)
    return access.user.pk == challenge.answerer_id


def check_can_answer(challenge: Challenge, *, by: User) -> None:
    if not can_answer(access_to(challenge.area, by=by), challenge):
        who = (
            f"the chair of the {challenge.escalated_to}"
            if challenge.state == ChallengeState.ESCALATED
            else str(challenge.answerer)
        )
        raise PermissionDenied(f"It is for {who} to answer this challenge.")


def is_chair(user: User, board: Board) -> bool:
    return user.is_active and Membership.objects.filter(user=user, board=board, role=Role.BOARD_CHAIR.value).exists()


def can_decide_support(access: Access, support: Support) -> bool:
    """The people of the board or agency that it is offered to."""
    return support.board_id in access.seated or support.agency_id in access.led


def check_can_decide_support(support: Support, *, by: User) -> None:
    if not can_decide_support(access_to(support.area, by=by), support):
        to = support.board or support.agency
        raise PermissionDenied(f"Only people of {to} can take this offer up or decline it.")


def can_read_meeting(access: Access, meeting: Meeting) -> bool:
    """Who reads drafts reads of every meeting; others of those of a board that they sit on, of a sub-group that they
    are in, and of one that reports to their board. One query for a sub-group's."""
    if access.is_outsider:
        return False
    if access.can_see_drafts or meeting.board_id in access.seated:
        return True
    group = meeting.sub_group
    return group is not None and (group.board_id in access.seated or group.members.filter(pk=access.user.pk).exists())


def can_tell_sessions(access: Access, agency: Agency) -> bool:
    """A lead of an agency tells of its own sessions with the community; the coordinator of any agency's."""
    return access.can_coordinate or agency.pk in access.led


def check_can_tell_sessions(agency: Agency, *, by: User) -> None:
    if not can_tell_sessions(access_to(agency.area, by=by), agency):
        raise PermissionDenied(f"Only a lead of {agency.name} and the coordinator can do this.")
