"""What is being done about an indicator, in a sentence for each action and challenge?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from actions.selectors.doing import Doing
from actions.workflow import UNANSWERED, ChallengeState
from core.months import date_label


@dataclass(frozen=True, slots=True)
class DoingView:
    """ "Action A7" with its address, and what it does: "aims to change it; milestone due 12 December 2026"."""

    name: str
    url: str
    words: str


def make_doing(area: str, doing: Iterable[Doing], *, today: date) -> dict[str, tuple[DoingView, ...]]:
    """By the indicator's code; `area` is the area's slug."""
    found: dict[str, tuple[DoingView, ...]] = {}
    for each in doing:
        found[each.code] = (*found.get(each.code, ()), make_view(area, each, today))
    return found


def make_view(area: str, each: Doing, today: date) -> DoingView:
    if each.is_challenge:
        name, page, words = f"Challenge C{each.number}", "actions:challenge-view", describe_challenge(each, today)
    else:
        name, page, words = f"Action A{each.number}", "actions:action-view", describe_action(each, today)
    return DoingView(name, reverse(page, args=[area, each.number]), words)


def describe_action(each: Doing, today: date) -> str:
    due = each.next_on or each.due_on
    what = "milestone " if each.next_on else ""
    return f"aims to change it; {what}{describe_due(due, today)}"


def describe_challenge(each: Doing, today: date) -> str:
    if ChallengeState(each.state) in UNANSWERED:
        return f"asks about it; answer {describe_due(each.due_on, today)}"
    return "asks about it, and has an answer"


def describe_due(day: date, today: date) -> str:
    """ "due 12 December 2026"; "was due 12 October 2026"."""
    return f"{'due' if day >= today else 'was due'} {date_label(day)}"
