"""How many people none of an area's lists has seen: capture–recapture. Pure.

People who use drugs come to treatment, custody or an ambulance, and some come to two of them. The fewer are in both,
the more must be in neither. Only counts come in: of each list, and of each overlap.

Two lists have Chapman's estimate, with the variance of Seber. Three have the eight hierarchical log-linear models that
say which pairs of lists depend on each other, fitted to the seven cells that somebody has seen, by maximum likelihood.
Of three lists all eight have closed forms (Bishop, Fienberg and Holland, Discrete Multivariate Analysis, 1975, chapter
6; without interaction: Darroch, Biometrika, 1958), so nothing is iterated. tests/unit/test_unseen.py compares them with
R's glm.

A range is of 95%, and takes the logarithm of the unseen as normal (Chao, Biometrics, 1987), so it never ends below
those who were seen.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, inf, lgamma, log, log1p, sqrt

from core.texts import one_line

DEVIATIONS = 1.959964  # of 95 %
NEAR = 4.0  # a model that is so much worse by Akaike's criterion still counts
FEWEST, MOST = 2, 3  # lists
OF_DEATHS = re.compile(r"\b(deaths?|died|dead|deceased|fatal\w*|mortality|killed|homicides?)\b", re.IGNORECASE)
ASSUMED_TWO = (
    "This assumes that the two lists are independent. It is probably too low: people who come to one service often "
    "come to another."
)
ASSUMED_THREE = (
    "Each model says which pairs of lists depend on each other. The range spans every model that fits about as well as "
    "the best. No model can tell whether all three lists depend on one another."
)
ASSUMED = (
    "During the period, no one moved in or out, and no one joined or left the group.",
    "Each person is recognised in every list, and no one is mistaken for someone else.",
    "Each person had some chance of being in each list. People who never come to any service aren’t in the estimate.",
)

type Cell = tuple[int, ...]  # the lists' places that have these people, and no other list has
type Cells = Mapping[Cell, int]


class UnseenRefused(ValueError):
    """Raised for lists that say nothing about the unseen. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class SeenList:
    """A list of people: how many are in it, when, of which ages and of where."""

    name: str
    people: int
    period: str
    ages: str
    residents: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many people there are in all by one model, with its 95% range. `pairs` depend on each other."""

    people: float
    lower: float
    upper: float
    pairs: tuple[Cell, ...] = ()
    aic: float = 0.0


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many are in a list, and how many there are in all, from `lower` to `upper`. `estimates` begin with the best,
    and `impossible` are the models that have none."""

    seen: int
    lower: float
    upper: float
    estimates: tuple[Estimate, ...]
    impossible: tuple[tuple[Cell, ...], ...] = ()

    @property
    def near(self) -> tuple[Estimate, ...]:
        """Return the models that the range spans."""
        return tuple(one for one in self.estimates if one.aic - self.estimates[0].aic <= NEAR)


def estimate_unseen(
    lists: Sequence[SeenList], overlaps: Mapping[Cell, int], *, is_small: Callable[[int], bool]
) -> Unseen:
    """Estimate from two or three lists. `overlaps` are counts of everybody who is in two of them, or in all three:
    those of a pair include those in the third. `is_small` says which counts the area withholds. Raises UnseenRefused.
    """
    check_lists(lists)
    cells = split([one.people for one in lists], overlaps, names=[one.name for one in lists])
    check_cells(cells, [one.name for one in lists], is_small=is_small)
    return estimate_two(cells) if len(lists) == FEWEST else estimate_three(cells)


# --- What is refused ------------------------------------------------------------------------------


def check_lists(lists: Sequence[SeenList]) -> None:
    """Raise UnseenRefused for lists that can't be of the same people."""
    if not FEWEST <= len(lists) <= MOST:
        raise UnseenRefused("An estimate needs two or three lists.")
    for one in lists:
        if OF_DEATHS.search(one.name):
            raise UnseenRefused(f"“{one.name}” can’t be used: people who have died can’t be in a later list.")
        if not one.people:
            raise UnseenRefused(f"“{one.name}” has no one in it, so we can’t tell how many people this list missed.")
    first = lists[0]
    for one in lists[1:]:
        if fold(one.name) == fold(first.name) or [fold(other.name) for other in lists].count(fold(one.name)) > 1:
            raise UnseenRefused(f"Two lists are called “{one.name}”: each needs its own name.")
        for noun, own, theirs in (
            ("period", first.period, one.period),
            ("ages", first.ages, one.ages),
            ("residents", first.residents, one.residents),
        ):
            if fold(own) != fold(theirs):
                raise UnseenRefused(
                    f"“{first.name}” and “{one.name}” have different {noun}: “{own}” and “{theirs}”. Lists must "
                    "have the same period, ages and residents. Count the people in the same way, and use the same "
                    "words."
                )


def fold(words: str) -> str:
    return one_line(words).casefold()


def split(people: Sequence[int], overlaps: Mapping[Cell, int], *, names: Sequence[str]) -> dict[Cell, int]:
    """Return how many are in exactly these lists. Raises UnseenRefused for an overlap of more people than there are."""
    whole = {(place,): count for place, count in enumerate(people)} | dict(overlaps)
    every = [cell for size in range(1, len(people) + 1) for cell in combinations(range(len(people)), size)]
    for larger in every:
        for smaller in combinations(larger, len(larger) - 1):
            if smaller and whole[larger] > whole[smaller]:
                raise UnseenRefused(
                    f"There can’t be more people in {name_overlap(larger, names)} than in "
                    f"{name_overlap(smaller, names)}: "
                    f"{whole[larger]:,} is more than {whole[smaller]:,}."
                )
    cells: dict[Cell, int] = {}
    for cell in reversed(every):
        cells[cell] = whole[cell] - sum(count for other, count in cells.items() if set(cell) < set(other))
        if cells[cell] < 0:
            raise UnseenRefused(
                f"The overlaps of {name_overlap(cell, names)} have more people than {name_overlap(cell, names)} has: "
                f"{whole[cell] - cells[cell]:,} is more than {whole[cell]:,}."
            )
    return {cell: cells[cell] for cell in every}


def check_cells(cells: Cells, names: Sequence[str], *, is_small: Callable[[int], bool]) -> None:
    """Raise UnseenRefused where so few people are in exactly some of the lists that the area wouldn't show them."""
    for cell, count in cells.items():
        if is_small(count):
            raise UnseenRefused(
                f"{name_cell(cell, names)} has too few people to show. Take a longer period, or a larger place."
            )


def name_overlap(cell: Cell, names: Sequence[str]) -> str:
    """ "The overlap of “In treatment” and “Arrested”", or "“Arrested”" for the list itself."""
    words = " and ".join(f"“{names[place]}”" for place in cell)
    return words if len(cell) == 1 else f"the overlap of {words}"


def name_cell(cell: Cell, names: Sequence[str]) -> str:
    """ "“In treatment” and “Arrested” without “Overdose attended”"."""
    without = " and ".join(f"“{name}”" for place, name in enumerate(names) if place not in cell)
    within = " and ".join(f"“{names[place]}”" for place in cell)
    return f"{within} without {without}" if without else within


# --- Two lists ------------------------------------------------------------------------------------


def estimate_two(cells: Cells) -> Unseen:
    """Return Chapman's estimate (1951), with Seber's variance (1970). Raises UnseenRefused."""
    first, second, both = cells[0,], cells[1,], cells[0, 1]
    if not both:
        raise UnseenRefused("No one is in both lists, so we can’t tell how many are in neither.")
    if not first or not second:
        raise UnseenRefused(
            "Everyone in one list is in the other too, so we can’t tell how many people the other list missed."
        )
    unseen = first * second / (both + 1)
    variance = (first + both + 1) * (second + both + 1) * first * second / ((both + 1) ** 2 * (both + 2))
    whole = make_estimate(first + second + both, unseen, log1p(variance / unseen**2))
    return Unseen(first + second + both, whole.lower, whole.upper, (whole,))


def make_estimate(
    seen: int, unseen: float, variance: float, *, pairs: tuple[Cell, ...] = (), aic: float = 0.0
) -> Estimate:
    """Return an estimate whose unseen have this variance of their logarithm."""
    reach = exp(DEVIATIONS * sqrt(variance))
    return Estimate(seen + unseen, seen + unseen / reach, seen + unseen * reach, pairs, aic)


# --- Three lists ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fit:
    """A model's estimate of the unseen, the variance of its logarithm, and what it expects in each cell."""

    unseen: float
    variance: float
    expected: Mapping[Cell, float]

    @property
    def exists(self) -> bool:
        """Return whether the unseen are neither none nor endless, which an empty cell may say."""
        return 0 < self.unseen < inf and self.variance < inf


PAIRS = ((0, 1), (0, 2), (1, 2))
MODELS = tuple(pairs for size in range(len(PAIRS) + 1) for pairs in combinations(PAIRS, size))


def estimate_three(cells: Cells) -> Unseen:
    """Fit the eight models, and span those that are near the best. Raises UnseenRefused."""
    if not any(count for cell, count in cells.items() if len(cell) > 1):
        raise UnseenRefused("No one is in two lists, so we can’t tell how many are in none.")
    seen = sum(cells.values())
    fits = {pairs: FITS[len(pairs)](cells, pairs) for pairs in MODELS}
    aics = {pairs: find_aic(cells, fit, pairs) for pairs, fit in fits.items()}
    impossible = tuple(pairs for pairs, fit in fits.items() if not fit.exists)
    if any(aics[pairs] - min(aics.values()) <= NEAR for pairs in impossible):
        raise UnseenRefused(
            "An overlap has no one in it, or everyone in a list is in another list too. A model that fits well "
            "needs someone in each of these groups, so there is no range. Take a longer period, a larger place, or two "
            "of the lists."
        )
    estimates = sorted(
        (
            make_estimate(seen, fit.unseen, fit.variance, pairs=pairs, aic=aics[pairs])
            for pairs, fit in fits.items()
            if fit.exists
        ),
        key=lambda one: one.aic,
    )
    near = Unseen(seen, 0, 0, tuple(estimates)).near
    lower, upper = min(one.lower for one in near), max(one.upper for one in near)
    return Unseen(seen, lower, upper, tuple(estimates), impossible)


def find_aic(cells: Cells, fit: Fit, pairs: tuple[Cell, ...]) -> float:
    """Return Akaike's criterion: twice the number of parameters, less twice the logarithm of the likelihood."""
    likelihood = sum(log_likelihood(count, fit.expected[cell]) for cell, count in cells.items())
    return 2 * (1 + MOST + len(pairs)) - 2 * likelihood


def log_likelihood(count: int, expected: float) -> float:
    """Return the logarithm of a Poisson count's probability."""
    return (count * log(expected) if count else 0.0) - expected - lgamma(count + 1)


def divide(part: float, whole: float) -> float:
    return part / whole if whole else inf


def fit_independent(cells: Cells, _: tuple[Cell, ...]) -> Fit:
    """Fit the model without interaction: the number of people is the larger root of a quadratic equation."""
    seen = sum(cells.values())
    people = [sum(count for cell, count in cells.items() if place in cell) for place in range(MOST)]
    again = sum(people) - seen  # how often somebody was seen once more
    pairs = sum(one * other for one, other in combinations(people, 2))
    product = people[0] * people[1] * people[2]
    whole = (pairs + sqrt(max(0, pairs**2 - 4 * again * product))) / (2 * again)
    chances = [one / whole for one in people]
    expected = {}
    for cell in cells:
        expected[cell] = whole
        for place, chance in enumerate(chances):
            expected[cell] *= chance if place in cell else 1 - chance
    # Rounding may leave a trace of somebody where everybody is in one list.
    unseen = 0.0 if max(people) == seen else whole - seen
    if not unseen:
        return Fit(unseen, inf, expected)
    # The variance with all eight cells, and then without the one that nobody has seen (Sherman and Morrison).
    variance = (1 + sum(chance / (1 - chance) for chance in chances)) / whole
    return Fit(unseen, variance / (1 - unseen * variance), expected)


def fit_one_pair(cells: Cells, pairs: tuple[Cell, ...]) -> Fit:
    """Fit the model in which two lists depend on each other, and the third on neither."""
    (pair,) = pairs
    (third,) = {0, 1, 2} - set(pair)
    ways: tuple[Cell, ...] = ((pair[0],), (pair[1],), pair)  # of being in one of the two
    outsiders, insiders = sum(cells[way] for way in ways), sum(cells[join(way, third)] for way in ways)
    alone = cells[third,]
    expected: dict[Cell, float] = {(third,): alone}
    for way in ways:
        share = (cells[way] + cells[join(way, third)]) / (outsiders + insiders) if outsiders + insiders else 0.0
        expected |= {way: share * outsiders, join(way, third): share * insiders}
    return Fit(divide(outsiders * alone, insiders), add_parts(outsiders, alone, insiders), expected)


def fit_two_pairs(cells: Cells, pairs: tuple[Cell, ...]) -> Fit:
    """Fit the model in which one list depends on each of the others, which are independent beside it."""
    (shared,) = set(pairs[0]) & set(pairs[1])
    one, other = sorted({0, 1, 2} - {shared})
    first, second, both = cells[one,], cells[other,], cells[one, other]
    expected: dict[Cell, float] = {(one,): first, (other,): second, (one, other): both}
    neither, with_one, with_other, every = (shared,), join((shared,), one), join((shared,), other), (0, 1, 2)
    whole = sum(cells[cell] for cell in (neither, with_one, with_other, every))
    for cell, row, column in (
        (neither, (neither, with_one), (neither, with_other)),
        (with_one, (neither, with_one), (with_one, every)),
        (with_other, (with_other, every), (neither, with_other)),
        (every, (with_other, every), (with_one, every)),
    ):
        product = sum(cells[one] for one in row) * sum(cells[one] for one in column)
        expected[cell] = product / whole if whole else 0.0
    return Fit(divide(first * second, both), add_parts(first, second, both), expected)


def fit_every_pair(cells: Cells, _: tuple[Cell, ...]) -> Fit:
    """Fit the model in which each pair of lists depends on the other: it has as many numbers as there are cells."""
    above = cells[0, 1, 2] * cells[0,] * cells[1,] * cells[2,]
    return Fit(divide(above, cells[0, 1] * cells[0, 2] * cells[1, 2]), add_parts(*cells.values()), cells)


def add_parts(*counts: int) -> float:
    """Return the variance of the logarithm of a product of counts and of their inverses."""
    return sum(divide(1, count) for count in counts)


FITS: tuple[Callable[[Cells, tuple[Cell, ...]], Fit], ...] = (
    fit_independent,
    fit_one_pair,
    fit_two_pairs,
    fit_every_pair,
)


def join(cell: Cell, place: int) -> Cell:
    """Return the cell that has one list more."""
    return tuple(sorted((*cell, place)))


# --- In words -------------------------------------------------------------------------------------


def name_model(pairs: Sequence[Cell], names: Sequence[str]) -> tuple[str, ...]:
    """Name each pair of lists that depend on each other: "In treatment with Arrested"."""
    if not pairs:
        return ("No two lists depend on each other",)
    if len(pairs) == len(PAIRS):
        return ("Every two lists depend on each other",)
    return tuple(f"{names[one]} with {names[other]}" for one, other in pairs)


def list_assumptions(lists: int) -> Iterator[str]:
    """Yield how far to trust an estimate, and what it takes for granted."""
    yield ASSUMED_TWO if lists == FEWEST else ASSUMED_THREE
    yield from ASSUMED
