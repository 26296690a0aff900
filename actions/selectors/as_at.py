"""What was in the plan, and what was asked, at the time of a meeting?

What was said of an action and of a challenge is never changed, so both are known as they were on any day. When an
action left the plan and came back, and which day an answer was due before, only the audit remembers.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from actions.models import Action, ActionUpdate, Challenge, ChallengeAct, ChallengeEntry, Meeting
from actions.models.readable import about_own
from actions.workflow import ChallengeState, Rag
from boards.models import PartnershipArea
from core.models import AuditEvent

ARCHIVED, BROUGHT_BACK = "action.archived", "action.brought_back"  # verbs of the audit
# What a challenge is named by.
ABOUT = ("indicator", "period", "action", "strand", "responsibility__board")


@dataclass(frozen=True, slots=True)
class AsAt:
    """The day of a meeting, or today for one that is still to come. What was made before `until`, and had not ended
    before `since`, was there. What ended on the meeting's own day may have ended after it, so it counts as there."""

    day: date
    since: datetime
    until: datetime


def as_at(meeting: Meeting) -> AsAt:
    today = timezone.localdate()
    day = min(meeting.held_on, today)
    until = start_of(day + timedelta(days=1))
    return AsAt(day, until if meeting.held_on > today else start_of(day), until)


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# --- Actions ---------------------------------------------------------------------------------------


def actions_then(area: PartnershipArea, at: AsAt) -> QuerySet[Action]:
    """Those that were in the plan, and neither complete nor archived, whatever became of them since; with `rag_then`
    and `why_then` of the newest update by then."""
    actions = Action.objects.filter(area=area, added_at__lt=at.until).annotate(
        rag_before=_newest_update("rag", before=at.since),
        rag_then=_newest_update("rag", before=at.until),
        why_then=_newest_update("rag_why", before=at.until),
        moved_before=_newest_move(before=at.since),
        moved_then=_newest_move(before=at.until),
    )
    # What came back on the very day was there.
    archived = Q(moved_before=ARCHIVED, moved_then=ARCHIVED) | Q(archived_at__isnull=False, archived_at__lt=at.since)
    return actions.exclude(archived).exclude(rag_before=Rag.BLUE.value, rag_then=Rag.BLUE.value)


def red_actions_then(area: PartnershipArea, at: AsAt) -> QuerySet[Action]:
    return actions_then(area, at).filter(Q(rag_then=Rag.RED.value))


def _newest_update(column: str, *, before: datetime) -> Coalesce:
    updates = ActionUpdate.objects.filter(action=OuterRef("pk"), made_at__lt=before).order_by("-made_at", "-id")
    return Coalesce(Subquery(updates.values(column)[:1]), Value(""))


def _newest_move(*, before: datetime) -> Coalesce:
    moves = _acts_on(Action, verb__in=(ARCHIVED, BROUGHT_BACK), happened_at__lt=before)
    return Coalesce(Subquery(moves.order_by("-happened_at", "-id").values("verb")[:1]), Value(""))


def _acts_on(kind: type[Action | Challenge], **wanted: object) -> QuerySet[AuditEvent]:
    target = {"target_type": kind._meta.label_lower, "target_id": Cast(OuterRef("pk"), CharField())}
    return AuditEvent.objects.filter(**target, **wanted)


# --- Challenges ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A challenge as it was then: where it stood, and by when an answer was owed."""

    challenge: Challenge
    state: ChallengeState
    due_on: date


def challenges_then(area: PartnershipArea, at: AsAt) -> QuerySet[Challenge]:
    """Those that were raised by then and not closed, whatever became of them since; with `state_then` and
    `due_before`, which is empty where the day that an answer is due did not change since."""
    said = ChallengeEntry.objects.filter(challenge=OuterRef("pk"), made_at__lt=at.until)
    said = said.exclude(act=ChallengeAct.HANDED_OVER.value).order_by("-made_at", "-id")
    moves = _acts_on(Challenge, happened_at__gte=at.until, details__has_key="due_before")
    due = moves.order_by("happened_at", "id").annotate(due=KT("details__due_before")).values("due")[:1]
    challenges = Challenge.objects.filter(area=area, raised_at__lt=at.until).select_related(*ABOUT)
    return challenges.exclude(closed_at__lt=at.since).annotate(
        state_then=Coalesce(Subquery(said.values("act")[:1]), F("state")), due_before=Subquery(due)
    )


def to_board_then(board: int, at: AsAt) -> Q:
    """What a board reads of challenges (actions.selectors.challenges.challenges_for): those to it, escalated to it by
    then, or about its own."""
    escalated = ChallengeEntry.objects.filter(
        challenge=OuterRef("pk"), act=ChallengeAct.ESCALATED.value, made_at__lt=at.until
    )
    return Q(board=board) | Q(Exists(escalated), escalated_to=board) | about_own([board])


def asked_then(challenges: QuerySet[Challenge]) -> list[Asked]:
    """Out of challenges_then. One query."""
    found = []
    for challenge in challenges:
        # Every act but handing over is named like the state that it leads to.
        state, before = ChallengeState(vars(challenge)["state_then"]), vars(challenge)["due_before"]
        found.append(Asked(challenge, state, date.fromisoformat(before) if before else challenge.due_on))
    return found
