"""What do we propose for the agenda of a meeting?"""

from collections.abc import Iterator

from actions.models import Meeting
from actions.month_figures import month_figures
from actions.presenters.meetings import Point, describe_action, describe_challenge, describe_thing, point_about
from actions.selectors.agenda import addable_things, indicators_with, material_for
from actions.workflow import Rag, WhyProposed


def proposed_agenda(meeting: Meeting) -> list[Point]:
    """Return what stands out in the month, red actions, open challenges, and strands that this body hasn't discussed
    for longest.

    All of it is as on the meeting's day. A constant number of queries.
    """
    area, material = meeting.area, material_for(meeting)
    return [
        *find_signals(meeting),
        *(
            point_about(WhyProposed.RED, action, describe_action(action, Rag.RED, why), area)
            for action, why in material.actions
        ),
        *(
            point_about(WhyProposed.CHALLENGE, asked.challenge, describe_challenge(asked), area)
            for asked in material.challenges
        ),
        *(
            point_about(WhyProposed.STRAND, silent.strand, f"{silent.strand}: {silent.words}", area)
            for silent in material.strands
        ),
    ]


ADDABLE = {"strand": "Strands", "action": "Actions", "challenge": "Challenges", "indicator": "Indicators"}


def addable_to(meeting: Meeting, keys: set[str]) -> dict[str, list[Point]]:
    """Return what else they may have discussed, by kind: everything that existed on the day and isn't on the agenda."""
    found = {}
    for kind, things in addable_things(meeting).items():
        points = (point_about(WhyProposed.ADDED, thing, describe_thing(thing), meeting.area) for thing in things)
        found[ADDABLE[kind]] = [point for point in points if point.key not in keys]
    return found


def find_signals(meeting: Meeting) -> Iterator[Point]:
    """Return the indicators that stand out on the month's page, in its order, with their categories."""
    said = month_figures().standing_out(meeting)
    known = indicators_with(meeting.area, said)
    for code, words in said.items():
        if code in known:
            yield point_about(WhyProposed.SIGNAL, known[code], "; ".join(words), meeting.area)
