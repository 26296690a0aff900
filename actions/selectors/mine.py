"""Which updates and answers are due from a person this month?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from actions.models import Action, ActionUpdate, Challenge, ChallengeAct, ChallengeEntry, Milestone
from actions.selectors.as_at import ABOUT, NAMED
from actions.selectors.challenges import answered_for, with_entries
from actions.workflow import ActionState, ChallengeState
from boards.models import PartnershipArea
from boards.permissions import Access
from core.models import User
from core.months import Month

TO_ANSWER = [ChallengeState.RAISED.value, ChallengeState.PRESSED.value]


@dataclass(frozen=True, slots=True)
class OwnAction:
    """An open action, for its owner. `said_on` is the day of their last update; `steps` are its open milestones due by
    the end of this month."""

    action: Action
    said_on: date | None
    steps: Sequence[Milestone]
    is_owed: bool  # whether it has started, and they have added no update this month
    is_late: bool  # whether its own due date has passed

    @property
    def owed(self) -> int:
        return (self.is_owed or self.is_late) + len(self.steps)


def start_of_month(today: date) -> datetime:
    return timezone.make_aware(datetime.combine(Month.of(today).first_day, time.min))


def said_since(since: datetime) -> Exists:
    """Return whether an action's owner has added an update since a moment."""
    # By its owner: an update from the coordinator or the agency's lead doesn't settle it.
    return Exists(ActionUpdate.objects.filter(action=OuterRef("pk"), made_by=OuterRef("owner"), made_at__gte=since))


def owing_update(today: date) -> QuerySet[Action]:
    """Return the open actions that have started and have no update from their owner this month."""
    begun = Action.objects.filter(state=ActionState.OPEN.value, starts_on__lte=today)
    return begun.filter(~said_since(start_of_month(today)))


def own_actions(access: Access, *, today: date) -> list[OwnAction]:
    """Return this person's open actions in the area: first those that need an update, then by due date."""
    if access.is_outsider:
        return []
    actions: list[Any] = list(_open_actions(access.user, access.area, start_of_month(today)))
    steps: dict[int, list[Milestone]] = defaultdict(list)
    if actions:
        keys = frozenset(action.pk for action in actions)
        for step in _list_steps(keys, Month.of(today).next.first_day):
            steps[step.action_id].append(step)
    found = []
    for action in actions:
        # Its address needs the area: each would be a query.
        action.area, said_at = access.area, action.said_at
        said_on = timezone.localdate(said_at) if said_at else None
        is_owed = action.starts_on <= today and not action.is_said
        found.append(OwnAction(action, said_on, steps[action.pk], is_owed, is_late=action.due_on < today))
    return sorted(found, key=lambda own: not own.is_owed)


def _list_steps(actions: frozenset[int], before: date) -> QuerySet[Milestone]:
    return Milestone.objects.filter(action__in=actions, done_at=None, removed_at=None, due_on__lt=before)


def _open_actions(owner: User, area: PartnershipArea, since: datetime) -> QuerySet[Action]:
    actions = Action.objects.filter(area=area, owner=owner, state=ActionState.OPEN.value)
    said = Max("updates__made_at", filter=Q(updates__made_by=F("owner")))
    return actions.annotate(said_at=said, is_said=said_since(since)).order_by("due_on", "number")


def to_answer(access: Access) -> QuerySet[Challenge]:
    """Return the challenges that this person has to answer, including those escalated to their board if they chair it.
    Earliest due date first."""
    if access.is_outsider:
        return Challenge.objects.none()
    own = answered_for(access) & Q(answerer=access.user, state__in=TO_ANSWER)
    own |= Q(state=ChallengeState.ESCALATED.value, escalated_to__in=access.chaired)
    return Challenge.objects.filter(own, area=access.area).order_by("due_on", "number")


def list_to_answer(access: Access) -> QuerySet[Challenge]:
    """Return them with the name of what they are about."""
    return to_answer(access).select_related(*ABOUT).only("number", "question", "state", "due_on", *NAMED)


def list_to_answer_with_entries(access: Access) -> QuerySet[Challenge]:
    """Return them with all that a page shows of each. Two queries."""
    return with_entries(to_answer(access))


def list_to_judge(access: Access) -> QuerySet[Challenge]:
    names = ("raised_by__name", "raised_by__email", *NAMED)
    return to_judge(access).select_related(*ABOUT, "raised_by").only("number", "question", *names)


def to_judge(access: Access) -> QuerySet[Challenge]:
    """Return the answers for a member of the strategic group to judge, without their own."""
    answers = ChallengeEntry.objects.filter(challenge=OuterRef("pk"), act=ChallengeAct.ANSWERED.value)
    # Only the last answer counts: somebody who answered before may judge it.
    newest = answers.order_by("-made_at", "-id").values("made_by")[:1]
    answered = Challenge.objects.filter(area=access.area, state=ChallengeState.ANSWERED.value)
    return answered.annotate(answered_by=Subquery(newest)).exclude(answered_by=access.user.pk).order_by("number")


def next_step(access: Access, *, today: date) -> Milestone | None:
    """Return the first of their milestones due after this month. One query."""
    later = Milestone.objects.filter(
        action__area=access.area,
        action__owner=access.user,
        action__state=ActionState.OPEN.value,
        done_at=None,
        removed_at=None,
        due_on__gte=Month.of(today).next.first_day,
    )
    return later.select_related("action").order_by("due_on", "id").first()
