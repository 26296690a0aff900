"""What does a page say of a challenge, and of an offer of support?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from django.utils import timezone

from actions.models import Challenge, ChallengeAct, ChallengeEntry, Support
from actions.selectors.challenges import place_words
from actions.workflow import CHALLENGE, CLOSED, UNANSWERED, ChallengeState, SupportState
from boards.models import Agency, Board
from core.models import User
from core.months import date_label

# The class of a state's tag: red only where somebody has to put a thing right.
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
INDICATOR, ACTION, STRAND, RESPONSIBILITY = "indicator", "action", "strand", "responsibility"
KINDS_OF_THINGS = {
    INDICATOR: "An indicator’s month",
    ACTION: "An action",
    STRAND: "A strand",
    RESPONSIBILITY: "A responsibility",
}
ASKED = frozenset({ChallengeAct.RAISED, ChallengeAct.PRESSED, ChallengeAct.ESCALATED})


# --- What it is about ------------------------------------------------------------------------------


def kind_of(about: Challenge | Support) -> str:
    """Which kind of thing it is about."""
    return next(kind for kind in KINDS_OF_THINGS if getattr(about, f"{kind}_id") is not None)


def about_words(about: Challenge | Support) -> str:
    """ "Cuckooed houses, October 2026", "A12 Train all housing workers", "Strand: Prevent"."""
    if about.indicator is not None and about.period is not None:
        return f"{about.indicator.title}, {about.period.month.label}"
    if about.action is not None:
        return str(about.action)
    if about.strand is not None:
        return f"Strand: {about.strand}"
    if about.responsibility is not None:
        return f"{about.responsibility.board}: {about.responsibility}"
    return ""


# --- A challenge -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryView:
    """What somebody said or did. `number` counts a challenge's."""

    number: int
    act: str
    who: str
    when: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """A challenge with its thread, in order. `since` is when it became whose turn it is; `due` is empty where no
    answer is owed."""

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
    def to_words(self) -> str:
        return place_words(self.challenge)

    @property
    def question(self) -> str:
        return self.challenge.question

    @property
    def seen(self) -> int:
        """What a form sends back: how many entries its page showed."""
        return len(self.entries)

    @property
    def last_answer(self) -> EntryView | None:
        answers = [entry for entry in self.entries if entry.act == ChallengeAct.ANSWERED.label]
        return answers[-1] if answers else None


def challenge_view(
    challenge: Challenge, *, today: date, entries: Iterable[ChallengeEntry] | None = None, has_texts: bool = True
) -> ChallengeView:
    """`entries` are the challenge's own in their order, where they weren't prefetched; without their texts the view
    says only how many there are and since when."""
    found = list(challenge.entries.all() if entries is None else entries)
    state = ChallengeState(challenge.state)
    is_overdue = state in UNANSWERED and challenge.due_on < today
    return ChallengeView(
        challenge=challenge,
        reference=challenge.reference,
        url=challenge.get_absolute_url(),
        about=about_words(challenge),
        to=str(challenge.board or challenge.agency),
        answerer=str(challenge.answerer),
        state=state,
        tag="problem" if is_overdue else TAGS[state],
        turn=turn_words(challenge),
        since=timezone.localdate(found[-1].made_at if found else challenge.raised_at),
        due=due_words(challenge.due_on, today=today) if state in UNANSWERED else "",
        is_overdue=is_overdue,
        entries=[
            EntryView(number, entry.get_act_display(), str(entry.made_by), entry.made_at, entry.text)
            for number, entry in enumerate(found, start=1)
            if has_texts
        ],
    )


def turn_words(challenge: Challenge) -> str:
    """Whose turn it is: "Anytown sab chair (demo), for the Safeguarding Adults Board"; empty where it is nobody’s."""
    state = ChallengeState(challenge.state)
    if state is ChallengeState.ESCALATED:
        return f"the chair of the {challenge.escalated_to}"
    if state is ChallengeState.ANSWERED:
        return CHALLENGE.owners[state]
    if state in UNANSWERED:
        return f"{challenge.answerer}, for {place_words(challenge)}"
    return ""


def due_words(due_on: date, *, today: date) -> str:
    """ "Answer due by 9 December 2026, in 14 days"."""
    days = (due_on - today).days
    if days < 0:
        return f"Answer was due by {date_label(due_on)}, {days_words(-days)} ago"
    when = "today" if days == 0 else f"in {days_words(days)}"
    return f"Answer due by {date_label(due_on)}, {when}"


def days_words(days: float) -> str:
    """ "1 day", "2.5 days", "less than a day"."""
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
    def to_words(self) -> str:
        return place_words(self.support)

    @property
    def is_open(self) -> bool:
        return self.state is SupportState.OFFERED


def support_view(support: Support) -> SupportView:
    state = SupportState(support.state)
    return SupportView(
        support=support,
        reference=support.reference,
        url=support.get_absolute_url(),
        about=about_words(support),
        to=str(support.board or support.agency),
        state=state,
        tag=TAGS_OF_OFFERS[state],
    )


# --- Time to answer --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """How long a board or an agency took to answer: the median in days, of how many answers; how many it owes now,
    and for how many days the oldest of them has waited."""

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
        words = days_words(self.median_days)
        return f"{words[0].upper()}{words[1:]}, {counted}"

    @property
    def waiting_words(self) -> str:
        if not self.waiting:
            return "None"
        return f"{self.waiting}, {'for' if self.waiting == 1 else 'the oldest for'} {days_words(self.longest_wait)}"


def answer_times(challenges: Iterable[Challenge], *, today: date) -> list[AnswerTime]:
    """One for each board and agency that was asked, by name; with entries prefetched.

    A wait begins when somebody asks a place (raises it, presses again, or escalates it from elsewhere to its chair) and
    ends with the answer. That it is escalated to the chair of the same board, or handed over, doesn't begin it anew;
    one that is escalated to another board's chair is that board's from then on. A day is a calendar day.
    """
    places: dict[Place, tuple[list[int], list[int]]] = {}
    for challenge in challenges:
        places.setdefault(place_of(challenge), ([], []))
        for wait in waits_of(challenge):
            taken, waiting = places.setdefault(wait.place, ([], []))
            if wait.answered_on is not None:
                taken.append((wait.answered_on - wait.asked_on).days)
            elif challenge.state in UNANSWERED:
                waiting.append((today - wait.asked_on).days)
    found = sorted(places.items(), key=lambda item: str(item[0]).casefold())
    return [time_of(str(place), taken, waiting) for place, (taken, waiting) in found]


def time_of(place: str, taken: Sequence[int], waiting: Sequence[int]) -> AnswerTime:
    middle = float(median(taken)) if taken else None
    return AnswerTime(place, middle, len(taken), len(waiting), max(waiting, default=0))


type Place = Board | Agency


@dataclass(slots=True)
class Wait:
    """That an answer is waited for, and of whom."""

    place: Place
    asked_on: date
    answered_on: date | None = None


def place_of(challenge: Challenge) -> Place:
    """The board or agency that was asked first."""
    place = challenge.board or challenge.agency
    if place is None:
        raise ValueError("A challenge goes to a board or an agency.")
    return place


def waits_of(challenge: Challenge) -> list[Wait]:
    """Of one that was escalated more than once, all of that is the last board's."""
    waits: list[Wait] = []
    place, is_waiting = place_of(challenge), False
    for entry in challenge.entries.all():
        day, act = timezone.localdate(entry.made_at), ChallengeAct(entry.act)
        if act is ChallengeAct.ESCALATED and challenge.escalated_to and challenge.escalated_to != place:
            if is_waiting:
                waits.pop()
            place, is_waiting = challenge.escalated_to, False
        if act in ASKED and not is_waiting:
            waits.append(Wait(place, day))
            is_waiting = True
        elif act is ChallengeAct.ANSWERED and is_waiting:
            waits[-1].answered_on, is_waiting = day, False
    return waits


def chairs_words(chairs: Mapping[int, Sequence[User]], challenge: Challenge) -> str:
    """Who the chair is that an escalated challenge waits for; empty for any other."""
    if challenge.state != ChallengeState.ESCALATED or challenge.escalated_to_id is None:
        return ""
    found = chairs.get(challenge.escalated_to_id, [])
    return ", ".join(map(str, found)) or f"The {challenge.escalated_to} has no chair now."
