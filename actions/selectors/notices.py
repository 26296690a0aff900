"""Finds people to e-mail about their tasks in the plan, and those whose e-mail failed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, Challenge, ChallengeAct, Milestone
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
from core.letter_kinds import LetterKind
from core.mail.daily import Occasion
from core.models import OutboxEntry, User

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
LETTER_KINDS = {LetterKind.CHALLENGES.value, LetterKind.ACTIONS.value}


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

    def key(self, kind: NoticeKind) -> str:
        """Return what identifies the occasion for its person. Another due date is another occasion, and so is another
        turn: nobody would hear of it otherwise."""
        return f"{self.thing._meta.model_name}:{self.thing.pk}:{self.due_on:%Y%m%d}:{self.turn}:{kind}"


@dataclass(frozen=True, slots=True)
class Notice:
    """One reason to e-mail a person about something that waits for them. It has an entry if it failed."""

    wait: Wait
    kind: NoticeKind
    entry: OutboxEntry | None = None

    def __str__(self) -> str:
        """ "challenge C7", "action A3", "a milestone of A3", "an update of A3"."""
        if self.milestone is not None:
            return f"a milestone of {self.milestone.action.reference}"
        if self.action is not None:
            return f"{'an update of' if self.kind is NoticeKind.UPDATE else 'action'} {self.action.reference}"
        return f"challenge {self.challenge.reference}" if self.challenge is not None else ""

    @property
    def challenge(self) -> Challenge | None:
        return self.wait.thing if isinstance(self.wait.thing, Challenge) else None

    @property
    def action(self) -> Action | None:
        return self.wait.thing if isinstance(self.wait.thing, Action) else None

    @property
    def milestone(self) -> Milestone | None:
        return self.wait.thing if isinstance(self.wait.thing, Milestone) else None

    @property
    def occasion(self) -> Occasion:
        kind = LetterKind.CHALLENGES if self.challenge else LetterKind.ACTIONS
        return Occasion(kind, self.wait.area, self.wait.person, self.wait.key(self.kind), self)


# --- Telling ---------------------------------------------------------------------------------------


def notices_due(today: date, areas: Areas = None) -> list[Notice]:
    """Return what to send on a day and nobody has claimed yet, in a fixed order.

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
    challenges, things, milestones = (
        {notice.wait.thing.pk for notice in notices if isinstance(notice.wait.thing, model)}
        for model in (Challenge, Action, Milestone)
    )
    actions, steps, silent = _of_days(today)
    due = _due(
        today,
        Challenge.objects.filter(pk__in=challenges),
        actions.filter(pk__in=things),
        steps.filter(pk__in=milestones),
        silent.filter(pk__in=things),
    )
    wanted = {notice.occasion.name for notice in notices}
    return [notice for notice in due if notice.occasion.name in wanted]


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
    notices = [Notice(wait, kind) for wait in waits for kind in wait.kinds(today)]
    names = {notice.occasion.name for notice in notices}
    earlier = OutboxEntry.objects.filter(kind__in=LETTER_KINDS, occasion__in={key for _, _, key in names})
    claimed = set(earlier.values_list("person", "kind", "occasion")) if names else set()
    return [notice for notice in notices if notice.occasion.name not in claimed]


# --- What failed -----------------------------------------------------------------------------------


def failed_notices(area: PartnershipArea) -> list[Notice]:
    """Return the area's failed notices, and those not confirmed an hour after their claim, newest first.

    Leaves out those that are no longer needed, and those that were sent since then.
    """
    failed = OutboxEntry.objects.failed().filter(kind__in=LETTER_KINDS, area=area.slug)
    return still_waiting(list(failed), today=timezone.localdate())


def still_waiting(unsent: Sequence[OutboxEntry], *, today: date) -> list[Notice]:
    """Return those that the person still has to act on and that no other e-mail has told since. A query for each
    kind of thing among them, and two more if there are any."""
    entries = _leave_out_told(unsent)
    if not entries:
        return []
    things: dict[str, set[int]] = {"challenge": set(), "action": set(), "milestone": set()}
    for entry in entries:
        name, key, *_ = entry.occasion.split(":")
        things[name].add(int(key))
    waits = _waits(
        Challenge.objects.filter(pk__in=things["challenge"]),
        Action.objects.filter(pk__in=things["action"]),
        Milestone.objects.filter(pk__in=things["milestone"]),
        owing_update(today).filter(pk__in=things["action"]),
        today=today,
    )
    by_occasion = {_without_kind(wait.person.pk, wait.key(wait.sort)): wait for wait in waits}
    return [
        Notice(wait, NoticeKind(entry.occasion.rpartition(":")[2]), entry)
        for entry in entries
        if (wait := by_occasion.get(_without_kind(entry.person_id, entry.occasion)))
    ]


def _without_kind(person: int | None, key: str) -> tuple[int | None, str, str]:
    occasion, _, kind = key.rpartition(":")
    return person, occasion, kind if kind in APART else ""


def _leave_out_told(unsent: Sequence[OutboxEntry]) -> list[OutboxEntry]:
    """Leave out what another e-mail to the person about the same thing has told since. One query, or none."""
    if not unsent:
        return []
    since = min(entry.claimed_at for entry in unsent)
    told = OutboxEntry.objects.filter(
        kind__in=LETTER_KINDS,
        person__in={entry.person_id for entry in unsent},
        claimed_at__gt=since,
        sent_at__isnull=False,
    )
    told_at: dict[tuple[int | None, str, bool], datetime] = {}
    for entry in told.order_by("claimed_at"):
        told_at[_thing_of(entry)] = entry.claimed_at
    return [entry for entry in unsent if told_at.get(_thing_of(entry), entry.claimed_at) <= entry.claimed_at]


def _thing_of(entry: OutboxEntry) -> tuple[int | None, str, bool]:
    """Return what an entry is about, for its person. An action's due date and its missing update are two things."""
    name, key, *_, kind = entry.occasion.split(":")
    return entry.person_id, f"{name}:{key}", kind == NoticeKind.UPDATE


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
