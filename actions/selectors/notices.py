"""Finds people to e-mail about their tasks in the plan, and those whose e-mail failed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from actions.models import Action, Challenge, ChallengeAct, Milestone, Notice
from actions.selectors.challenges import without_texts
from actions.selectors.plan import owing_update
from actions.workflow import (
    ActionState,
    ChallengeState,
    NoticeKind,
    due_days,
    is_told_at_once,
    is_update_told,
    kind_due,
)
from boards.models import Membership, PartnershipArea
from boards.rules import CHAIR_ROLES, STRATEGIC_GROUP, Role
from core.calendar import Month, is_working_day
from core.database import Areas, within
from core.models import User
from indicators.selectors.reminders import UNKNOWN_AFTER

# The acts that start a turn, by the state in which it is somebody's turn. If a chair answered, the chair is asked
# again.
BEGIN = {
    ChallengeState.RAISED: {ChallengeAct.RAISED, ChallengeAct.HANDED_OVER},
    ChallengeState.PRESSED: {ChallengeAct.PRESSED, ChallengeAct.HANDED_OVER},
    ChallengeState.ESCALATED: {ChallengeAct.ESCALATED, ChallengeAct.PRESSED},
    ChallengeState.ANSWERED: {ChallengeAct.ANSWERED},
}
WAITING = sorted(state.value for state in BEGIN)
# Kinds with their own occasions. The others concern one thing at several times.
APART = {NoticeKind.ANSWERED.value, NoticeKind.UPDATE.value}
type Occasion = tuple[int, int | None, int | None, int | None, date, int, str]


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that a person has to do.

    `since` is when a challenge became their turn, and `turn` how many entries it had then. `is_answered` means that
    they have to judge it. `is_update` means that an update is due from them by the end of the month, which is its
    `due_on`.
    """

    area: PartnershipArea
    person: User
    thing: Challenge | Action | Milestone
    due_on: date
    turn: int = 0
    since: date | None = None
    is_answered: bool = False
    is_update: bool = False

    def kinds(self, today: date) -> Iterator[NoticeKind]:
        """Return the kinds to send on a day."""
        if self.is_update:
            yield from [NoticeKind.UPDATE] if is_update_told(today) else []
            return
        if self.since is not None and is_told_at_once(today, self.since):
            yield NoticeKind.ANSWERED if self.is_answered else NoticeKind.TURN
        if not self.is_answered and (kind := kind_due(today, self.due_on)):
            yield kind

    @property
    def sort(self) -> NoticeKind:
        """Return one kind for its occasion."""
        if self.is_update:
            return NoticeKind.UPDATE
        return NoticeKind.ANSWERED if self.is_answered else NoticeKind.TURN

    def notice(self, kind: NoticeKind) -> Notice:
        """Return an unsaved notice."""
        thing = {self.relation: self.thing}
        return Notice(area=self.area, person=self.person, kind=kind.value, due_on=self.due_on, turn=self.turn, **thing)

    @property
    def relation(self) -> str:
        """Return the name of its thing in a notice."""
        return str(self.thing._meta.model_name)


# --- Telling ---------------------------------------------------------------------------------------


def notices_due(today: date, areas: Areas = None) -> list[Notice]:
    """Return what to send on a day and nobody has claimed yet, unsaved, in a fixed order.

    It is for people who can sign in, get e-mails, and have a role in the area; in all areas, or in these. A constant
    number of queries for any number of areas.
    """
    actions, milestones, silent = _of_days(today)
    return _due(
        today,
        Challenge.objects.filter(within(areas)),
        actions.filter(within(areas)),
        milestones.filter(within(areas, "action__area")),
        silent.filter(within(areas)),
    )


def still_due(today: date, notices: Sequence[Notice]) -> list[Notice]:
    """Return those of notices_due that nobody has claimed since then and that are still due. As many queries, only for
    these."""
    things = {
        name: [getattr(notice, f"{name}_id") for notice in notices] for name in ("challenge", "action", "milestone")
    }
    actions, milestones, silent = _of_days(today)
    wanted = {(_occasion(notice), notice.kind) for notice in notices}
    due = _due(
        today,
        Challenge.objects.filter(pk__in=things["challenge"]),
        actions.filter(pk__in=things["action"]),
        milestones.filter(pk__in=things["milestone"]),
        silent.filter(pk__in=things["action"]),
    )
    return [notice for notice in due if (_occasion(notice), notice.kind) in wanted]


def _of_days(today: date) -> tuple[QuerySet[Action], QuerySet[Milestone], QuerySet[Action]]:
    """Return the actions and milestones due at about this time, and the actions without an update."""
    days = due_days(today)
    return (
        Action.objects.filter(due_on__range=days),
        Milestone.objects.filter(due_on__range=days, action__starts_on__lte=today),
        owing_update(today) if is_update_told(today) else Action.objects.none(),
    )


def _due(
    today: date,
    challenges: QuerySet[Challenge],
    actions: QuerySet[Action],
    milestones: QuerySet[Milestone],
    silent: QuerySet[Action],
) -> list[Notice]:
    if not is_working_day(today):
        return []
    waits = _waits(challenges, actions, milestones, silent, today=today)
    notices = [wait.notice(kind) for wait in waits for kind in wait.kinds(today)]
    if not notices:
        return []
    # Only claims that could match: this table has every e-mail that was ever claimed.
    earlier = Notice.objects.filter(Q(challenge__state__in=WAITING) | Q(challenge=None, due_on__range=due_days(today)))
    earlier = earlier.filter(person__in={notice.person_id for notice in notices})
    claimed = {(_occasion(notice), notice.kind) for notice in earlier}
    return [notice for notice in notices if (_occasion(notice), notice.kind) not in claimed]


def _occasion(notice: Notice) -> Occasion:
    things = (notice.challenge_id, notice.action_id, notice.milestone_id)
    apart = notice.kind if notice.kind in APART else ""
    return (notice.person_id, *things, notice.due_on, notice.turn, apart)


# --- What failed -----------------------------------------------------------------------------------


def failed_notices(area: PartnershipArea) -> list[Notice]:
    """Return the area's failed notices, and those not confirmed an hour after their claim, newest first.

    Leaves out those that are no longer needed, and those that were sent since then.
    """
    has_failed = ~Q(fault="") | Q(claimed_at__lt=timezone.now() - UNKNOWN_AFTER)
    notices = list(list_untold().filter(has_failed, area=area).order_by("-claimed_at", "-id"))
    return still_waiting(notices, today=timezone.localdate())


def still_waiting(untold: Sequence[Notice], *, today: date) -> list[Notice]:
    """Return those that the person still has to act on, each with its person and what it is about. A query for each
    kind of thing among them, and one more if there are any."""
    if not untold:
        return []
    actions = {notice.action_id for notice in untold if notice.action_id}
    challenges = {notice.challenge_id for notice in untold if notice.challenge_id}
    milestones = {notice.milestone_id for notice in untold if notice.milestone_id}
    waits = _waits(
        Challenge.objects.filter(pk__in=challenges),
        Action.objects.filter(pk__in=actions),
        Milestone.objects.filter(pk__in=milestones),
        owing_update(today).filter(pk__in=actions),
        today=today,
    )
    by_occasion = {_occasion(wait.notice(wait.sort)): wait for wait in waits}
    waiting = []
    for notice in untold:
        if wait := by_occasion.get(_occasion(notice)):
            notice.area, notice.person = wait.area, wait.person
            setattr(notice, wait.relation, wait.thing)
            waiting.append(notice)
    return waiting


def list_untold() -> QuerySet[Notice]:
    """Return those that were claimed, aren't confirmed, and that no other e-mail has included since then."""
    of_same = Q(challenge=OuterRef("challenge")) | Q(action=OuterRef("action")) | Q(milestone=OuterRef("milestone"))
    told_since = Notice.objects.filter(
        of_same, person=OuterRef("person"), sent_at__isnull=False, claimed_at__gt=OuterRef("claimed_at")
    )
    # An action's due date and its missing update are separate occasions.
    of_updates = Q(kind=NoticeKind.UPDATE.value)
    is_told = of_updates & Exists(told_since.filter(of_updates)) | ~of_updates & Exists(told_since.exclude(of_updates))
    still_open = (
        Q(challenge__state__in=WAITING)
        | Q(action__state=ActionState.OPEN.value)
        | Q(milestone__done_at=None, milestone__removed_at=None, milestone__action__state=ActionState.OPEN.value)
    )
    return Notice.objects.filter(~is_told, still_open, sent_at=None)


# --- What waits for whom ---------------------------------------------------------------------------


def _waits(
    challenges: QuerySet[Challenge],
    actions: QuerySet[Action],
    milestones: QuerySet[Milestone],
    silent: QuerySet[Action],
    *,
    today: date,
) -> list[Wait]:
    """Return those that are waiting for somebody whom we can e-mail; `silent` are actions that need an update. At most
    six queries."""
    challenges_due = list(without_texts(challenges.filter(state__in=WAITING)).order_by("pk"))
    owned = list(actions.filter(state=ActionState.OPEN.value).select_related("area").order_by("pk"))
    steps = list(
        milestones.filter(done_at=None, removed_at=None, action__state=ActionState.OPEN.value)
        .select_related("action__area")
        .order_by("pk")
    )
    unsaid = list(silent.select_related("area").order_by("pk"))
    actions_due = [*owned, *unsaid, *(step.action for step in steps)]
    areas = {challenge.area_id for challenge in challenges_due} | {action.area_id for action in actions_due}
    if not areas:
        return []
    people = _People.of(areas)
    return [
        *(wait for challenge in challenges_due for wait in _of_challenge(challenge, people)),
        *(
            Wait(action.area, owner, action, action.due_on)
            for action in owned
            for owner in people.member(action.area_id, action.owner_id)
        ),
        *(
            Wait(step.action.area, owner, step, step.due_on)
            for step in steps
            for owner in people.member(step.action.area_id, step.action.owner_id)
        ),
        *(
            Wait(action.area, owner, action, Month.of(today).last_day, is_update=True)
            for action in unsaid
            for owner in people.member(action.area_id, action.owner_id)
        ),
    ]


def _of_challenge(challenge: Challenge, people: "_People") -> Iterator[Wait]:
    state = ChallengeState(challenge.state)
    entries = list(challenge.entries.all())
    # Counted, not stored: entries are only added, so a turn keeps its number.
    turn = max((n for n, entry in enumerate(entries, start=1) if entry.act in BEGIN[state]), default=0)
    if not turn:
        return
    began = entries[turn - 1]
    is_answered = state is ChallengeState.ANSWERED
    if is_answered:
        persons = people.judges(challenge, answered_by=began.made_by_id)
    elif state is ChallengeState.ESCALATED:
        # Whoever chairs it today: the chair may have changed since it was escalated.
        persons = people.chairs[challenge.escalated_to_id or 0]
    else:
        persons = people.answerer(challenge)
    since = timezone.localdate(began.made_at)
    for person in persons:
        yield Wait(challenge.area, person, challenge, challenge.due_on, turn, since, is_answered)


class _People:
    """The people who can sign in, get e-mails and have a role in one of these areas."""

    def __init__(self, memberships: Iterable[Membership]) -> None:
        self.members: dict[tuple[int, int], User] = {}
        self.group: defaultdict[int, dict[int, User]] = defaultdict(dict)
        self.chairs: defaultdict[int, list[User]] = defaultdict(list)
        self.boards: set[tuple[int, int]] = set()  # who sits on which
        self.agencies: set[tuple[int, int]] = set()  # who leads which
        for membership in memberships:
            key = (membership.area_id, membership.user_id)
            self.members[key] = membership.user
            if membership.role == Role.STRATEGIC:
                self.group[membership.area_id][membership.user_id] = membership.user
            if membership.role in CHAIR_ROLES and membership.board_id:
                self.chairs[membership.board_id].append(membership.user)
            if membership.board_id:
                self.boards.add((membership.user_id, membership.board_id))
            if membership.role == Role.AGENCY_LEAD and membership.agency_id:
                self.agencies.add((membership.user_id, membership.agency_id))

    @classmethod
    def of(cls, areas: Iterable[int]) -> "_People":
        """Load them. One query."""
        memberships = Membership.objects.filter(area__in=areas, user__is_active=True, user__is_reminded=True)
        return cls(memberships.select_related("user").order_by("user_id", "id"))

    def member(self, area: int, person: int) -> list[User]:
        member = self.members.get((area, person))
        return [member] if member else []

    def answerer(self, challenge: Challenge) -> list[User]:
        """Return its answerer, while they answer for that board or agency: actions.permissions.answers_for."""
        area, person, board = challenge.area_id, challenge.answerer_id, challenge.board
        is_theirs = (
            (person, challenge.board_id) in self.boards
            or (person, challenge.agency_id) in self.agencies
            or (board is not None and board.code == STRATEGIC_GROUP and person in self.group[area])
        )
        return self.member(area, person) if is_theirs else []

    def judges(self, challenge: Challenge, *, answered_by: int) -> list[User]:
        """Return the person who raised it. If they gave the answer, or left the strategic group, return its other
        members, without the person who gave the answer."""
        group, asker = self.group[challenge.area_id], challenge.raised_by_id
        if asker in group and asker != answered_by:
            return [group[asker]]
        return [user for key, user in group.items() if key != answered_by]
