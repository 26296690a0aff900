"""Anytown's pathways: what is counted of the same made-up people agrees."""

from core.calendar import Month
from reporting.management.demo.events import count_events
from reporting.management.demo.history import FIRST, OCTOBER
from reporting.management.demo.pathways import count_pathways
from reporting.management.demo.places import read_whole

ROWS = {row["code"]: row for row in read_whole("anytown")["indicator"]}
SINCE = Month(2025, 1) - FIRST


def whole(code: str, history: list[int]) -> list[int]:
    return [*history, ROWS[code]["september"], ROWS[code]["october"]]


IDENTIFIED = whole("juveniles", count_events(ROWS["drug-arrests"]["history"])["juveniles"][""])
COUNTED = count_pathways(IDENTIFIED, whole("nrm-referrals", ROWS["nrm-referrals"]["history"]))


def test_what_is_followed_is_of_the_children_of_an_earlier_month():
    for code, before in (("panel-in-three-months", 3), ("safer-in-six-months", 6)):
        followed = COUNTED[code][""]
        for place in range(SINCE, OCTOBER - FIRST + 1):
            assert followed[place] <= IDENTIFIED[place - before]


def test_who_is_safer_within_six_months_was_closed_as_safer():
    safer, closed = COUNTED["safer-in-six-months"][""], COUNTED["panel-closed"]["safer"]
    assert all(sum(safer[: place + 1]) <= sum(closed[: place + 1]) for place in range(len(safer)))


def test_the_last_two_months_are_what_the_file_says():
    for code, history in COUNTED.items():
        for month, place in (("september", -2), ("october", -1)):
            said = ROWS[code][month]
            assert (said if isinstance(said, dict) else {"": said}) == {
                name: one[place] for name, one in history.items()
            }
