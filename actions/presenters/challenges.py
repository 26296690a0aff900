"""What a page shows of a challenge and of an offer of support, and how long answers take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from django.utils import timezone

from actions.models import Challenge, ChallengeAct, ChallengeEntry, Support
from actions.selectors.challenges import describe_addressee
from actions.workflow import CHALLENGE, CLOSED, UNANSWERED, ChallengeState, SupportState
from boards.models import Agency, Board
from core.calendar import date_label
from core.models import User

# The class of a state's tag. Use red only if somebody has to correct something.
TAGS = {
    ChallengeState.RAISED: "open",
    ChallengeState.ANSWERED: "submitted",
    ChallengeState.PRESSED: "open",
    ChallengeState.ESCALATED: "returned",
    ChallengeState.ACCEPTED: "accepted",
    ChallengeState.WITHDRAWN: "closed",
}
TAGS_OF_OFFERS = {
    SupportState.OFFERED: "open",
    SupportState.TAKEN_UP: "accepted",
    SupportState.DECLINED: "closed",
    SupportState.WITHDRAWN: "closed",
}
INDICATOR, ACTION, STRAND, RESPONSIBILITY, STEP = "indicator", "action", "strand", "responsibility", "step"
KINDS_OF_THINGS = {
    INDICATOR: "An indicator’s month",
    ACTION: "An action",
    STRAND: "A strand",
    RESPONSIBILITY: "A responsibility",
    STEP: "A pathway step that no one counts",
}


# --- What it is about ------------------------------------------------------------------------------


def find_kind(about: Challenge | Support) -> str:
    """Return the kind of thing that it is about."""
    return next(kind for kind in KINDS_OF_THINGS if getattr(about, f"{kind}_id") is not None)


def describe_subject(about: Challenge | Support) -> str:
    """Describe its subject: "Cuckooed houses, October 2026", "A12 Train all housing workers", "Strand: Prevent"."""
    if about.indicator is not None and about.period is not None:
        return f"{about.indicator.title}, {about.period.month.label}"
    if about.action is not None:
        return str(about.action)
    if about.strand is not None:
        return f"Strand: {about.strand}"
    if about.responsibility is not None:
        return f"{about.responsibility.board}: {about.responsibility}"
    if about.step is not None:
        return f"{about.step.pathway}: {about.step}"
    return ""


# --- A challenge -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry of a challenge. `number` counts them."""

    number: int
    act: str
    who: str
    when: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """A challenge with its thread, in order. `since` is when the current turn started; `due` is empty if no answer is
    due."""

    challenge: Challenge
    reference: str
    url: str
    about: str
    to: str
    answerer: str
    state: ChallengeState
    tag: str
    turn: str
    since: date
    due: str
    is_overdue: bool
    entries: Sequence[EntryView]

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED

    @property
    def addressee(self) -> str:
        return describe_addressee(self.challenge)

    @property
    def question(self) -> str:
        return self.challenge.question

    @property
    def seen(self) -> int:
        """Return how many entries the page showed, for its forms."""
        return len(self.entries)

    @property
    def last_answer(self) -> EntryView | None:
        answers = [entry for entry in self.entries if entry.act == ChallengeAct.ANSWERED.label]
        return answers[-1] if answers else None


def challenge_view(
    challenge: Challenge, *, today: date, entries: Iterable[ChallengeEntry] | None = None, has_texts: bool = True
) -> ChallengeView:
    """Make the view. `entries` are the challenge's own in order, if they aren't prefetched. Without their texts the
    view shows only how many there are and since when."""
    listed = list(challenge.entries.all() if entries is None else entries)
    state = ChallengeState(challenge.state)
    is_overdue = state in UNANSWERED and challenge.due_on < today
    return ChallengeView(
        challenge=challenge,
        reference=challenge.reference,
        url=challenge.get_absolute_url(),
        about=describe_subject(challenge),
        to=str(challenge.board or challenge.agency),
        answerer=str(challenge.answerer),
        state=state,
        tag="problem" if is_overdue else TAGS[state],
        turn=describe_turn(challenge),
        since=timezone.localdate(listed[-1].made_at if listed else challenge.raised_at),
        due=describe_due(challenge.due_on, today=today) if state in UNANSWERED else "",
        is_overdue=is_overdue,
        entries=[
            EntryView(number, entry.get_act_display(), str(entry.made_by), entry.made_at, entry.text)
            for number, entry in enumerate(listed, start=1)
            if has_texts
        ],
    )


def describe_turn(challenge: Challenge) -> str:
    """Describe whose turn it is: "Anytown sab chair (demo), for the Safeguarding Adults Board". Empty if nobody has to
    act."""
    state = ChallengeState(challenge.state)
    if state is ChallengeState.ESCALATED:
        return f"the chair of the {challenge.escalated_to}"
    if state is ChallengeState.ANSWERED:
        return CHALLENGE.owners[state]
    if state in UNANSWERED:
        return f"{challenge.answerer}, for {describe_addressee(challenge)}"
    return ""


def describe_due(due_on: date, *, today: date) -> str:
    """Describe when the answer is due: "Answer due by 9 December 2026, in 14 days"."""
    days = (due_on - today).days
    if days < 0:
        return f"Answer was due by {date_label(due_on)}, {describe_days(-days)} ago"
    when = "today" if days == 0 else f"in {describe_days(days)}"
    return f"Answer due by {date_label(due_on)}, {when}"


def describe_days(days: float) -> str:
    """Describe a number of days: "1 day", "2.5 days", "less than a day"."""
    if days == 0:
        return "less than a day"
    return f"{days:g} {'day' if days == 1 else 'days'}"


# --- An offer of support ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SupportView:
    support: Support
    reference: str
    url: str
    about: str
    to: str
    state: SupportState
    tag: str

    @property
    def addressee(self) -> str:
        return describe_addressee(self.support)

    @property
    def is_open(self) -> bool:
        return self.state is SupportState.OFFERED


def support_view(support: Support) -> SupportView:
    state = SupportState(support.state)
    return SupportView(
        support=support,
        reference=support.reference,
        url=support.get_absolute_url(),
        about=describe_subject(support),
        to=str(support.board or support.agency),
        state=state,
        tag=TAGS_OF_OFFERS[state],
    )


def describe_chairs(chairs: Mapping[int, Sequence[User]], challenge: Challenge) -> str:
    """Name the chair who has to answer an escalated challenge; empty for any other."""
    if challenge.state != ChallengeState.ESCALATED or challenge.escalated_to_id is None:
        return ""
    names = chairs.get(challenge.escalated_to_id, [])
    return ", ".join(map(str, names)) or f"The {challenge.escalated_to} has no chair at the moment."


ASKED = frozenset({ChallengeAct.RAISED, ChallengeAct.PRESSED, ChallengeAct.ESCALATED})


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """How long a board or an agency took to answer.

    It has the median in days, the number of answers, how many are due now, and for how many days the oldest has waited.
    """

    place: str
    median_days: float | None
    answers: int
    waiting: int
    longest_wait: int

    @property
    def words(self) -> str:
        """ "3.5 days, the median of 4 answers"."""
        if self.median_days is None:
            return "No answer yet"
        counted = "of 1 answer" if self.answers == 1 else f"the median of {self.answers} answers"
        words = describe_days(self.median_days)
        return f"{words[0].upper()}{words[1:]}, {counted}"

    @property
    def waiting_text(self) -> str:
        if not self.waiting:
            return "None"
        return f"{self.waiting}, {'for' if self.waiting == 1 else 'the oldest for'} {describe_days(self.longest_wait)}"


type Place = Board | Agency


@dataclass(slots=True)
class Wait:
    """A wait for an answer, and who has to answer."""

    place: Place
    asked_on: date
    answered_on: date | None = None


def answer_times(challenges: Iterable[Challenge], *, today: date) -> list[AnswerTime]:
    """Return one for each board and agency that was asked, by name. Prefetch the entries.

    A wait starts when somebody asks a place: raises it, asks again, or escalates it to that chair from elsewhere. It
    ends with the answer. Escalating it to the same board's chair, or handing it over, doesn't start it again. If it is
    escalated to another board's chair, the wait counts for that board. A day is a calendar day.
    """
    places: dict[Place, tuple[list[int], list[int]]] = {}
    for challenge in challenges:
        places.setdefault(first_place(challenge), ([], []))
        for wait in list_waits(challenge):
            taken, waiting = places.setdefault(wait.place, ([], []))
            if wait.answered_on is not None:
                taken.append((wait.answered_on - wait.asked_on).days)
            elif challenge.state in UNANSWERED:
                waiting.append((today - wait.asked_on).days)
    by_name = sorted(places.items(), key=lambda item: str(item[0]).casefold())
    return [make_answer_time(str(place), taken, waiting) for place, (taken, waiting) in by_name]


def make_answer_time(place: str, taken: Sequence[int], waiting: Sequence[int]) -> AnswerTime:
    middle = float(median(taken)) if taken else None
    return AnswerTime(place, middle, len(taken), len(waiting), max(waiting, default=0))


def first_place(challenge: Challenge) -> Place:
    """Return the board or agency that was asked first."""
    place = challenge.board or challenge.agency
    if place is None:
        raise ValueError("A challenge must go to a board or an agency.")
    return place


def list_waits(challenge: Challenge) -> list[Wait]:
    """Return the waits. Of an old escalation we don't know the board: it counts for the last one."""
    waits: list[Wait] = []
    place, is_waiting = first_place(challenge), False
    for entry in challenge.entries.all():
        day, act = timezone.localdate(entry.made_at), ChallengeAct(entry.act)
        to = entry.board or challenge.escalated_to
        if act is ChallengeAct.ESCALATED and to and to != place:
            if is_waiting:
                # That board has answered nothing, and nobody waits for it now.
                waits.pop()
            place, is_waiting = to, False
        if act in ASKED and not is_waiting:
            waits.append(Wait(place, day))
            is_waiting = True
        elif act is ChallengeAct.ANSWERED and is_waiting:
            waits[-1].answered_on, is_waiting = day, False
    return waits
