"""What became of Anytown's made-up children, month by month, and the counts of it that agencies sent.

Each child is followed from the month in which somebody identified them. So the counts agree with one another, and with
the children identified. The same goes for those whom the town referred to the National Referral Mechanism.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random

from reporting.management.demo.events import History

SEED = 37109  # a source of its own: the other figures stay as they are
REACHED, WAIT = 0.72, (0, 0, 0, 1, 1, 2, 4)  # of the children: the panel discusses them, so many months later
AGAIN = 0.3  # of those discussed: once more in the month after
CLOSED, AFTER = 0.8, (2, 2, 3, 3, 4, 5, 7)  # of those discussed: their case is closed, so many months later
ENDS = ("safer",) * 5 + ("not-safer",) * 3 + ("moved",) * 2
REASONABLE, DECIDED = 0.85, (0, 0, 1, 1, 2)
CONCLUSIVE, JUDGED = 0.85, (8, 10, 11, 12, 14, 16)
type Happened = Iterator[tuple[str, str, int]]  # an indicator, a category of it, and a month's place


def count_pathways(identified: Sequence[int], referred: Sequence[int]) -> dict[str, History]:
    """Return the counts of each month by the indicator's code. `identified` are the children of each month, and
    `referred` the people."""
    months = len(identified)
    return count(identified, follow_child, months) | count(referred, follow_referral, months)


def count(found: Sequence[int], follow: Callable[[int, Random], Happened], months: int) -> dict[str, History]:
    random = Random(f"{SEED} {follow.__name__}")  # noqa: S311  # the same months on every machine
    happened = Counter(
        one for place, people in enumerate(found) for _ in range(people) for one in follow(place, random)
    )
    counted: dict[str, History] = {}
    for code, category, _ in sorted(happened):
        history = [happened[code, category, place] for place in range(months)]
        counted.setdefault(code, {})[category] = history
    return counted


def follow_child(place: int, random: Random) -> Happened:
    """Yield what happens to a child who was identified in a month."""
    if random.random() >= REACHED:
        return
    at = place + random.choice(WAIT)
    yield "panel-discussed", "", at
    if random.random() < AGAIN:
        yield "panel-discussed", "", at + 1
    if at <= place + 3:
        yield "panel-in-three-months", "", place + 3
    if random.random() >= CLOSED:
        return
    closed, end = at + random.choice(AFTER), random.choice(ENDS)
    yield "panel-closed", end, closed
    if end == "safer" and closed <= place + 6:
        yield "safer-in-six-months", "", place + 6


def follow_referral(place: int, random: Random) -> Happened:
    """Yield what is decided about somebody who was referred in a month."""
    if random.random() >= REASONABLE:
        return
    yield "nrm-reasonable-grounds", "", place + random.choice(DECIDED)
    if random.random() < CONCLUSIVE:
        yield "nrm-conclusive-grounds", "", place + random.choice(JUDGED)
