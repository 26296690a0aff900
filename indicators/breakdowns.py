"""Compares how often each group of a breakdown is recorded with its share of the population. Pure.

A group is compared with all others of whom it is known: how many times as often, for each person, they are recorded.
That says who is recorded more often, and nothing about why: agencies look more closely in some places than in others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.labels import Labelled
from indicators.ratios import Range, relative_rate

MOST_UNKNOWN = 0.15  # of all: above it, those who are unknown could change any comparison
LEAST_EXPECTED = 5  # events by its share of the population: below it, one more or less changes a comparison


class Outcome(Labelled):
    """What a comparison with the others says, or why there is none."""

    MORE = "more", "Recorded more often"
    ALIKE = "alike", "Not clearly more or less often"
    LESS = "less", "Recorded less often"
    TOO_FEW = "too-few", "Not compared"
    FEW_OTHERS = "few-others", "Not compared with the others"
    ALL = "all", "No one else was recorded"
    NONE = "none", "Not compared"


# Why no group of a breakdown is compared.
NOBODY = "No one was recorded."
UNKNOWN = "More than 15% are unknown, so we don’t compare the groups."
ELSEWHERE = "The indicator also counts people who live elsewhere, so we can’t compare groups with the area’s residents."
NO_POPULATION = "At least one group has no population entered, so we don’t compare the groups."


@dataclass(frozen=True, slots=True)
class Group:
    """How many of a group were recorded, and how many people it has; None if that isn't entered."""

    name: str
    count: int
    population: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A group beside the others. `expected` is what it would have by its share of the population, of all who are
    known; for too few others, what they would have."""

    group: Group
    outcome: Outcome
    expected: float | None = None
    rate: Range | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A breakdown's groups. `unknown` counts those of whom it isn't known. `gap` says why none is compared. It is
    empty where they are."""

    groups: tuple[Compared, ...]
    unknown: int
    gap: str

    @property
    def known(self) -> int:
        return sum(compared.group.count for compared in self.groups)

    @property
    def total(self) -> int:
        return self.known + self.unknown

    @property
    def population(self) -> int:
        """Return how many people the groups have, as far as that is entered."""
        return sum(compared.group.population or 0 for compared in self.groups)


def compare(groups: Sequence[Group], unknown: int, *, counts_residents: bool | None = True) -> Comparison:
    """Compare each group with the others, where enough is known. `counts_residents` says whether those who were
    recorded live where the population does; None where nobody has decided."""
    gap = ELSEWHERE if counts_residents is False else find_gap(groups, unknown)
    if gap:
        return Comparison(tuple(Compared(group, Outcome.NONE) for group in groups), unknown, gap)
    known, population = sum(group.count for group in groups), sum(group.population or 0 for group in groups)
    return Comparison(tuple(compare_one(group, known, population) for group in groups), unknown, "")


def find_gap(groups: Sequence[Group], unknown: int) -> str:
    """Return why no group is compared; empty where they are."""
    total = unknown + sum(group.count for group in groups)
    if not total:
        return NOBODY
    if unknown > MOST_UNKNOWN * total:
        return UNKNOWN
    # A group of everybody, and one of nobody, has no others.
    populations = [group.population for group in groups]
    return "" if all(populations) and len(populations) > 1 else NO_POPULATION


def compare_one(group: Group, known: int, population: int) -> Compared:
    own = group.population or 0
    expected = known * own / population
    if expected < LEAST_EXPECTED:
        return Compared(group, Outcome.TOO_FEW, expected)
    # Their comparison would be the same, upside down.
    if known - expected < LEAST_EXPECTED:
        return Compared(group, Outcome.FEW_OTHERS, known - expected)
    rate = relative_rate(group.count, own, known - group.count, population - own)
    if rate.upper is None:
        return Compared(group, Outcome.ALL, expected)
    outcome = Outcome.ALIKE
    if rate.lower is not None and rate.lower > 1:
        outcome = Outcome.MORE
    elif rate.upper < 1:
        outcome = Outcome.LESS
    return Compared(group, outcome, expected, rate)
