"""What was in the plan, and what was asked, at the time of a meeting.

Updates of an action, entries of a challenge and moves into and out of the plan never change. So we know the state of
both on any day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone

from actions.models import Action, ActionMove, ActionUpdate, Challenge, ChallengeAct, ChallengeEntry, Meeting
from actions.models.challenges import about_own
from actions.workflow import ActionState, ChallengeState, Rag
from boards.models import PartnershipArea
from boards.selectors import start_of_day

# The parts of a challenge's name.
ABOUT = ("indicator", "period", "action", "strand", "responsibility__board", "step__pathway")
# What that name needs of them: a list of names reads no more. Each of these tables has dozens of columns.
NAMED = (
    "indicator__title",
    "period__starts_on",
    "action__number",
    "action__title",
    "strand__name",
    "responsibility__text",
    "responsibility__board__name",
    "step__name",
    "step__pathway__title",
)


@dataclass(frozen=True, slots=True)
class AsAt:
    """The day of a meeting, or today for a future one.

    A thing existed then if it was made before `until` and had not ended before `since`. What ended on the day of the
    meeting may have ended after it, so it counts.
    """

    day: date
    since: datetime
    until: datetime


def as_at(meeting: Meeting) -> AsAt:
    today = timezone.localdate()
    day = min(meeting.held_on, today)
    until = start_of_day(day + timedelta(days=1))
    return AsAt(day, until if meeting.held_on > today else start_of_day(day), until)


# --- Actions ---------------------------------------------------------------------------------------


def actions_then(area: PartnershipArea, at: AsAt) -> QuerySet[Action]:
    """Return the actions that were open in the plan, whatever happened later, with `rag_then` and `why_then` from their
    newest update by then."""
    actions = Action.objects.filter(area=area, added_at__lt=at.until).annotate(
        rag_before=_newest(ActionUpdate, "rag", before=at.since),
        rag_then=_newest(ActionUpdate, "rag", before=at.until),
        why_then=_newest(ActionUpdate, "rag_why", before=at.until),
        state_before=_newest(ActionMove, "after", before=at.since),
        state_then=_newest(ActionMove, "after", before=at.until),
    )
    # Include actions that came back on the day itself.
    archived = {"state_before": ActionState.ARCHIVED.value, "state_then": ActionState.ARCHIVED.value}
    return actions.exclude(**archived).exclude(rag_before=Rag.BLUE.value, rag_then=Rag.BLUE.value)


def red_actions_then(area: PartnershipArea, at: AsAt) -> QuerySet[Action]:
    return actions_then(area, at).filter(Q(rag_then=Rag.RED.value))


def _newest(kind: type[ActionUpdate | ActionMove], column: str, *, before: datetime) -> Coalesce:
    """Return an action's newest update or move by then; empty if there is none."""
    rows = kind._default_manager.filter(action=OuterRef("pk"), made_at__lt=before).order_by("-made_at", "-id")
    return Coalesce(Subquery(rows.values(column)[:1]), Value(""))


# --- Challenges ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChallengeThen:
    """A challenge as it was then: its state, and the due date of its answer."""

    challenge: Challenge
    state: ChallengeState
    due_on: date


def challenges_then(area: PartnershipArea, at: AsAt) -> QuerySet[Challenge]:
    """Return the challenges raised by then and not closed, whatever happened later, with `state_then` and
    `due_then`."""
    # Handing over has no state of its own. Every other act has the name of the state that it leads to, but asking again
    # doesn't always: a chair who is asked again leaves the challenge escalated.
    newest = _acts_by(at).exclude(act=ChallengeAct.HANDED_OVER.value).order_by("-made_at", "-id")
    challenges = Challenge.objects.filter(area=area, raised_at__lt=at.until).select_related(*ABOUT)
    return challenges.exclude(closed_at__lt=at.since).annotate(
        act_then=Coalesce(Subquery(newest.values("act")[:1]), F("state")),
        due_then=Coalesce(Subquery(newest.values("due_on")[:1]), F("due_on")),
        state_then=Case(
            When(_escalated(at), act_then=ChallengeAct.PRESSED.value, then=Value(ChallengeState.ESCALATED.value)),
            default=F("act_then"),
        ),
    )


def _escalated(at: AsAt) -> Exists:
    """Return the condition that a challenge was escalated by then."""
    return Exists(_escalations(at))


def _escalations(at: AsAt) -> QuerySet[ChallengeEntry]:
    return _acts_by(at).filter(act=ChallengeAct.ESCALATED.value)


def _acts_by(at: AsAt) -> QuerySet[ChallengeEntry]:
    """Return a challenge's entries by then."""
    return ChallengeEntry.objects.filter(challenge=OuterRef("pk"), made_at__lt=at.until)


def to_board_then(board: int, at: AsAt) -> Q:
    """Return the challenges that a board reads (actions.selectors.challenges.challenges_for): those to it, escalated to
    it by then and no further, or about its own matters."""
    newest = _escalations(at).order_by("-made_at", "-id")
    # An entry from before we noted its board may not have one.
    holder = Coalesce(Subquery(newest.values("board")[:1]), F("escalated_to"), output_field=BigIntegerField())
    return Q(board=board) | Q(_escalated(at)) & Q(Exact(holder, board)) | about_own([board])


def asked_then(challenges: QuerySet[Challenge]) -> list[ChallengeThen]:
    """Run challenges_then. One query."""
    return [
        ChallengeThen(challenge, ChallengeState(vars(challenge)["state_then"]), vars(challenge)["due_then"])
        for challenge in challenges
    ]
