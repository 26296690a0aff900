"""What does a page cost, beside a signed-in view that answers "ok"?

That view is the floor. We take it by itself, before anything heavy, and again before each page of each round. After a
heavy page the floor is slower, since the processor's caches are cold, and every ratio would flatter. So of three floors
in a row the first doesn't count.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.speed.report import Act, Cost, Report, measure, middle

WARM_UP = 3  # imports, templates, statements that PostgreSQL sees for the first time
AGAIN = 3  # floors before each page
QUIET_FLOOR = 0.8  # ms of CPU on a quiet machine, on PostgreSQL: take it anew when the floor gets cheaper
NOT_QUIET = 1.25  # the floor between pages, beside the floor by itself


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the milliseconds that it may take on a quiet machine. `rate` is how many of it gunicorn should answer
    a second, if that is a target."""

    what: str
    act: Act
    most: float
    rate: int = 0

    @property
    def most_floors(self) -> float:
        """The same on PostgreSQL, in floors."""
        return self.most / QUIET_FLOOR


def add_floor() -> None:
    from django.http import HttpResponse
    from django.urls import path

    from vvdash import urls

    urls.urlpatterns.insert(0, path("floor", lambda request: HttpResponse("ok")))  # found at once, as a page's is


def compare(report: Report, floor: Act, pages: Sequence[Page]) -> None:
    """Measure the floor and each page in turn, so that a slow moment falls on all of them. Print a line for each."""
    alone = take_floor(floor, report.rounds)
    for page in pages:
        for _ in range(WARM_UP):
            page.act()
    floors: list[Cost] = []
    costs: dict[str, list[Cost]] = {page.what: [] for page in pages}
    for turn in range(report.rounds):
        # In another order each time: Python looks for garbage after so many objects, which would be at the same page.
        for page in random.Random(turn).sample(pages, len(pages)):
            floors += [measure(floor) for _ in range(AGAIN)][1:]
            costs[page.what].append(measure(page.act))
    least = middle(floors)
    report.say(
        f"floor: {least.wall:.2f} ms on the clock, {least.cpu:.2f} ms of CPU; by itself {alone.wall:.2f} and "
        f"{alone.cpu:.2f}; medians of {len(floors)} and {report.rounds}"
    )
    if least.cpu > NOT_QUIET * alone.cpu or alone.cpu > NOT_QUIET * least.cpu:
        report.say("These two differ: this machine is not quiet, so measure again.")
    report.say(f"{'':<38}{'clock':>15}{'floors':>15}{'CPU: ours + database':>24}{'queries':>9}")
    for page in pages:
        judge(report, page, middle(costs[page.what]), least)


def take_floor(floor: Act, rounds: int) -> Cost:
    for _ in range(WARM_UP):
        floor()
    return middle([measure(floor) for _ in range(max(rounds, 10))])


def judge(report: Report, page: Page, cost: Cost, floor: Cost) -> None:
    """Compare a page with its target. A multiple is one of CPU, which other work on the machine changes least. On
    SQLite, which has no trip to the database, the floor is so low that only the clock counts."""
    multiple, has_floors = cost.cpu / floor.cpu, report.database == "PostgreSQL"
    clock = f"{cost.wall:.1f} ms ≤ {page.most:g}"
    floors = f"{multiple:.1f} ×" + (f" ≤ {page.most_floors:.1f}" if has_floors else "")
    cpu = f"{cost.own:.2f} + {cost.database:.2f} ms"
    words = f"{page.what:<38}{clock:>15}{floors:>15}{cpu:>24}{count_queries(page.act):>9}"
    is_cheap = not has_floors or multiple <= page.most_floors
    report.judge(page.what, words, is_met=is_cheap and cost.wall <= page.most)


def count_queries(act: Act) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)
