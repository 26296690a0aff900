"""What is new in challenges, the plan and meetings?"""

from datetime import date, datetime, timedelta

from actions.models import Action, ActionMove, ActionUpdate, ChallengeAct, ChallengeEntry, Meeting, Milestone
from actions.presenters.challenges import describe_subject
from actions.selectors.as_at import start_of_day
from actions.selectors.news import (
    list_entries_since,
    list_judged_since,
    list_meetings_since,
    list_missed_since,
    list_moves_since,
)
from actions.workflow import ActionState, ChallengeState, MeetingState
from boards.permissions import Access
from core.months import date_label
from core.news import News
from core.texts import one_line
from indicators.figures import shorten

LONGEST = 90  # characters of what somebody wrote
DONE = {
    ChallengeAct.RAISED: "was raised",
    ChallengeAct.ANSWERED: "was answered",
    ChallengeAct.PRESSED: "was asked again",
    ChallengeAct.ESCALATED: "was escalated",
    ChallengeAct.ACCEPTED: "was closed with an accepted answer",
    ChallengeAct.WITHDRAWN: "was withdrawn",
    ChallengeAct.HANDED_OVER: "was handed over",
}
MOVED = {
    ActionState.COMPLETE: "is complete",
    ActionState.ARCHIVED: "was archived",
    ActionState.OPEN: "is open again",
}


def list_news(access: Access, since: datetime, *, today: date) -> list[News]:
    """Return the news: five queries."""
    return [
        *entries_news(access, since),
        *actions_news(access, since),
        *milestones_news(access, since, today=today),
        *meetings_news(access, since),
    ]


def entries_news(access: Access, since: datetime) -> list[News]:
    found = list_entries_since(access, since)
    return [challenge_news(access, entry) for entry in found]


def actions_news(access: Access, since: datetime) -> list[News]:
    """Return the news of states and RAGs. A RAG isn't repeated if the action's state already says it."""
    moves, updates = list_moves_since(access, since), list_judged_since(access, since)
    # Also the person's own moves: a RAG that a move explains is no news.
    moved = {move.action_id for move in moves}
    return [
        *(move_news(access, move) for move in moves if move.made_by_id != access.user.pk),
        *(
            rag_news(access, update, before=vars(update)["rag_before"])
            for update in updates
            if update.action_id not in moved and update.made_by_id != access.user.pk
        ),
    ]


def milestones_news(access: Access, since: datetime, *, today: date) -> list[News]:
    found = list_missed_since(access, since, today=today)
    return [missed_news(access, milestone) for milestone in found]


def meetings_news(access: Access, since: datetime) -> list[News]:
    found = list(list_meetings_since(access, since))
    return [meeting_news(access, meeting) for meeting in found]


def challenge_news(access: Access, entry: ChallengeEntry) -> News:
    challenge = entry.challenge
    challenge.area = access.area
    done = DONE[ChallengeAct(entry.act)]
    to_chair = challenge.state == ChallengeState.ESCALATED and challenge.escalated_to_id in access.chaired
    return News(
        at=entry.made_at,
        words=f"{challenge.reference} {done}: {describe_subject(challenge)}",
        url=challenge.get_absolute_url(),
        more=quoted(entry.text),
        is_own=access.user.pk in (challenge.answerer_id, challenge.raised_by_id) or to_chair,
    )


def move_news(access: Access, move: ActionMove) -> News:
    return News(
        at=move.made_at,
        words=f"{move.action.reference} {MOVED[ActionState(move.after)]}: {move.action.title}",
        url=address(access, move.action),
        more=quoted(move.why),
        is_own=is_theirs(access, move.action),
    )


def rag_news(access: Access, update: ActionUpdate, *, before: str) -> News:
    return News(
        at=update.made_at,
        words=f"{update.action.reference} went from {before} to {update.rag}: {update.action.title}",
        url=address(access, update.action),
        more=quoted(update.rag_why),
        is_own=is_theirs(access, update.action),
    )


def missed_news(access: Access, milestone: Milestone) -> News:
    """Describe a missed milestone. It was missed when its day had passed."""
    return News(
        at=start_of_day(milestone.due_on + timedelta(days=1)),
        words=f"{milestone.action.reference} missed a milestone: {milestone}",
        url=address(access, milestone.action),
        more=f"It was due on {date_label(milestone.due_on)}.",
        is_own=is_theirs(access, milestone.action),
    )


def meeting_news(access: Access, meeting: Meeting) -> News:
    day, state = date_label(meeting.held_on), MeetingState(meeting.state)
    words = {
        MeetingState.PLANNED: f"{meeting} meets on {day}",
        MeetingState.HELD: f"{meeting}: what was discussed on {day} is recorded",
        MeetingState.CALLED_OFF: f"{meeting} on {day} is called off",
    }[state]
    at = meeting.called_off_at or meeting.recorded_at or meeting.planned_at
    return News(at=at, words=words, url=meeting.get_absolute_url(), more=quoted(meeting.called_off_why))


def address(access: Access, action: Action) -> str:
    action.area = access.area
    return action.get_absolute_url()


def is_theirs(access: Access, action: Action) -> bool:
    return access.user.pk == action.owner_id or action.agency_id in access.led


def quoted(text: str) -> str:
    """Quote the start of what somebody wrote; empty if they wrote nothing."""
    said = shorten(one_line(text), LONGEST)
    return f"“{said}”" if said else ""
