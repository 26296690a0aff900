"""How long do boards and agencies take to answer?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from django.utils import timezone

from actions.models import Challenge, ChallengeAct
from actions.presenters.challenges import describe_days
from actions.workflow import UNANSWERED
from boards.models import Agency, Board

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
    found = sorted(places.items(), key=lambda item: str(item[0]).casefold())
    return [make_answer_time(str(place), taken, waiting) for place, (taken, waiting) in found]


def make_answer_time(place: str, taken: Sequence[int], waiting: Sequence[int]) -> AnswerTime:
    middle = float(median(taken)) if taken else None
    return AnswerTime(place, middle, len(taken), len(waiting), max(waiting, default=0))


def first_place(challenge: Challenge) -> Place:
    """Return the board or agency that was asked first."""
    place = challenge.board or challenge.agency
    if place is None:
        raise ValueError("A challenge goes to a board or an agency.")
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
