"""What are partners doing about an indicator? A sentence for each action and challenge."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from actions.selectors.doing import Doing
from actions.workflow import UNANSWERED, ChallengeState
from core.links import link_to
from core.months import date_label


@dataclass(frozen=True, slots=True)
class DoingView:
    """ "A7 Teach every class" with its address, and its next date: "milestone due 12 December 2026"."""

    name: str
    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Underway:
    """What partners are doing about an indicator: the action and the challenge with the next due date. `others` says
    how many more there are: "2 more actions"; empty for none."""

    shown: tuple[DoingView, ...]
    others: str = ""


def make_underway(area: str, doing: Iterable[Doing], *, today: date) -> dict[str, Underway]:
    """Return it by the indicator's code; `area` is the area's slug."""
    by_code: dict[str, list[Doing]] = {}
    for each in doing:
        by_code.setdefault(each.code, []).append(each)
    found = {}
    for code, members in by_code.items():
        first: dict[bool, Doing] = {}
        for each in sorted(members, key=is_due):
            first.setdefault(each.is_challenge, each)
        shown = [first[kind] for kind in sorted(first)]
        others = describe_others(each for each in members if each not in shown)
        found[code] = Underway(tuple(make_view(area, each, today) for each in shown), others)
    return found


def describe_others(others: Iterable[Doing]) -> str:
    """ "2 more actions and 1 more challenge"."""
    counts = Counter("challenge" if each.is_challenge else "action" for each in others)
    return " and ".join(f"{count} more {kind}{'' if count == 1 else 's'}" for kind, count in sorted(counts.items()))


def is_due(each: Doing) -> date:
    """Return the next day on which something is due."""
    return each.next_on or each.due_on


def make_view(area: str, each: Doing, today: date) -> DoingView:
    if each.is_challenge:
        name, page, words = f"Challenge C{each.number}", "actions:challenge-view", describe_challenge(each, today)
    else:
        name, page, words = f"A{each.number} {each.title}", "actions:action-view", describe_action(each, today)
    return DoingView(name, link_to(page, area, str(each.number)), words)


def describe_action(each: Doing, today: date) -> str:
    return f"{'milestone ' if each.next_on else ''}{describe_due(is_due(each), today)}"


def describe_challenge(each: Doing, today: date) -> str:
    is_owed = ChallengeState(each.state) in UNANSWERED
    return f"answer {describe_due(each.due_on, today)}" if is_owed else "answered"


def describe_due(day: date, today: date) -> str:
    """ "due 12 December 2026"; "was due 12 October 2026"."""
    return f"{'due' if day >= today else 'was due'} {date_label(day)}"
