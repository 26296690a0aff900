"""What does a page cost, beside a signed-in view that answers "ok"?

That view is the floor. We take it before each page of each round. After a heavy page the floor is slower, since the
processor's caches are cold, and every ratio would flatter. So of three floors in a row the first doesn't count.
"""

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.speed.report import Act, Cost, Report, measure, middle

WARM_UP = 3  # imports, templates, statements that PostgreSQL sees for the first time
AGAIN = 3  # floors before each page
QUIET_FLOOR = 0.8  # ms of CPU on a quiet machine, on PostgreSQL: take it anew when the floor gets cheaper
NOT_QUIET = 0.25  # of the floor's middle: how far apart its quartiles are on the clock
CANT_BITE = 10  # times what was measured: such a target would never be missed


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the milliseconds of CPU that it may take on a quiet machine with PostgreSQL. `rate` is how many of it
    gunicorn should answer a second, if that is a target."""

    what: str
    act: Act
    most: float
    rate: int = 0

    @property
    def most_floors(self) -> float:
        """The same in floors, by which it is judged on any machine."""
        return self.most / QUIET_FLOOR


def add_floor() -> None:
    from django.http import HttpResponse
    from django.urls import path

    from vvdash import urls

    urls.urlpatterns.insert(0, path("floor", lambda request: HttpResponse("ok")))  # found at once, as a page's is


def compare(report: Report, floor: Act, pages: Sequence[Page]) -> None:
    """Measure the floor and each page in turn, so that a slow moment falls on all of them. Print a line for each."""
    for act in (floor, *(page.act for page in pages)):
        for _ in range(WARM_UP):
            act()
    floors: list[Cost] = []
    costs: dict[str, list[Cost]] = {page.what: [] for page in pages}
    for turn in range(report.rounds):
        # In another order each time: Python looks for garbage after so many objects, which would be at the same page.
        for page in random.Random(turn).sample(pages, len(pages)):
            floors += [measure(floor) for _ in range(AGAIN)][1:]
            costs[page.what].append(measure(page.act))
    least, spread = middle(floors), find_spread([cost.wall for cost in floors])
    medians = f"floor: {least.wall:.2f} ms on the clock, {least.cpu:.2f} ms of CPU; medians of {len(floors)}"
    report.say(f"{medians}, of which half are within {spread:.0%}")
    if spread > NOT_QUIET:
        report.say("This machine is not quiet, so measure again.")
    report.say(f"{'':<38}{'clock':>12}{'floors':>18}{'CPU: ours + database':>24}{'queries':>9}")
    for page in pages:
        judge(report, page, middle(costs[page.what]), least)


def find_spread(times: Sequence[float]) -> float:
    """Return how far apart the quartiles are, as a part of the median."""
    first, median, third = statistics.quantiles(times, n=4)
    return (third - first) / median


def judge(report: Report, page: Page, cost: Cost, floor: Cost) -> None:
    """Compare a page's CPU with its target, in floors: other work on the machine slows both alike."""
    multiple, target = cost.cpu / floor.cpu, page.most_floors
    floors = f"{multiple:.1f} × ≤ {target:.1f}"
    cpu = f"{cost.own:.2f} + {cost.database:.2f} ms"
    clock = f"{cost.wall:.1f} ms"
    words = f"{page.what:<38}{clock:>12}{floors:>18}{cpu:>24}{count_queries(page.act):>9}"
    can_bite = target < CANT_BITE * multiple
    if not can_bite:
        words += f"   its target is {target / multiple:.0f} times that, and can't bite"
    report.judge(page.what, words, is_met=can_bite and multiple <= target)


def count_queries(act: Act) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)
