"""How do we measure, and what do we print of it?"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROUNDS_OF_WORK = 15  # for what takes longer than a page

type Act = Callable[[], object]


def cpu(act: Act) -> float:
    """Milliseconds of this process's CPU."""
    begun = time.process_time()
    act()
    return (time.process_time() - begun) * 1000


def wall(act: Act) -> float:
    """Milliseconds on the clock."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request took, in milliseconds: on the clock, of our CPU, and of the database server's CPU."""

    wall: float
    own: float
    database: float

    @property
    def cpu(self) -> float:
        return self.own + self.database


def measure(act: Act) -> Cost:
    """Take the time of a request. SQLite works in our process, so all of its CPU is our own."""
    before = database_cpu()
    own, begun = time.process_time(), time.perf_counter()
    act()
    took = time.perf_counter() - begun
    return Cost(took * 1000, (time.process_time() - own) * 1000, database_cpu() - before)


def database_cpu() -> float:
    """Return how much CPU the PostgreSQL process behind our connection has had so far, in milliseconds. The clock also
    has what others did on this machine meanwhile; this hasn't."""
    from django.db import connection

    if connection.vendor != "postgresql" or connection.connection is None:
        return 0.0
    process = connection.connection.info.backend_pid
    return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6


def middle(costs: list[Cost]) -> Cost:
    """Return the median of each."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "own", "database")))


class Report:
    """Prints each figure beside its target, and remembers those that missed it."""

    def __init__(self, database: str, *, rounds: int) -> None:
        self.database, self.rounds = database, rounds
        self.missed: list[str] = []

    def say(self, words: str) -> None:
        print(f"        {words}", flush=True)

    def line(self, what: str, value: float, unit: str, *, target: float, shown: str = "", note: str = "") -> None:
        figure = shown or f"{value:.2f} {unit}"
        self.judge(what, f"{what:<44} {figure:>22}   target {target:g} {unit}{note}", is_met=value <= target)

    def judge(self, what: str, words: str, *, is_met: bool) -> None:
        if not is_met:
            self.missed.append(what)
        print(f"{'ok    ' if is_met else 'MISSED'}  {words}", flush=True)

    def median(self, what: str, clock: Callable[[Act], float], act: Act, *, target: float) -> None:
        act()
        self.line(what, statistics.median(clock(act) for _ in range(ROUNDS_OF_WORK)), "ms", target=target)

    def verdict(self) -> int:
        if self.missed:
            print(f"Missed on {self.database}: {', '.join(self.missed)}.")
        return 1 if self.missed else 0
