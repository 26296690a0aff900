"""Estimates what a series did at a date, its season and trend allowed for: a log-linear regression of counts.

log mean = level + step·[month ≥ event] + trend·years + season: Poisson by iteratively reweighted least squares, as R's
`glm` does it. Its width is quasi-Poisson's: the standard error times the root of Pearson's χ² over what is left of the
months (docs/impact.md). `math.sumprod` is all the linear algebra that it needs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import cos, exp, fsum, log, pi, sin, sqrt, sumprod
from statistics import NormalDist

YEAR = 12
SURE = NormalDist().inv_cdf(0.975)  # 1.959964 standard errors, for a range of 95 %
ENOUGH = 1e-8  # by which the deviance still changes, as a share of it; and the errors are of the round before: as in R
ROUNDS = 25
BEYOND = 10.0  # a step or an error above this has no end: one side has no count
LARGEST_POWER = 700.0  # of e, that a float holds

type Columns = tuple[tuple[float, ...], ...]


class Season(StrEnum):
    NONE = "none"
    ONE_WAVE = "harm1"
    TWO_WAVES = "harm2"
    MONTHS = "month"


class NotEstimated(ValueError):
    """Raised without a finite answer: one side of the event has no count, or the parts of the model can't be
    separated."""


@dataclass(frozen=True, slots=True)
class Design:
    """The variables that explain a window's months: its columns and their products. The step is the second column."""

    columns: Columns
    products: tuple[tuple[float, ...], ...]  # the lower triangle, row by row
    rows: Columns
    event: int

    @property
    def parts(self) -> int:
        return len(self.columns)


@dataclass(frozen=True, slots=True)
class Fit:
    """`step` is the change at the event on the log scale, `error` its standard error by chance alone (Poisson)."""

    step: float
    error: float
    dispersion: float


@cache
def make_design(months: int, event: int, season: Season, *, trend: bool = True) -> Design:
    """A window may start in any month of the year: waves that start elsewhere explain the same."""
    columns = [(1.0,) * months, tuple(float(month >= event) for month in range(months))]
    if trend:
        columns.append(tuple(month / YEAR for month in range(months)))
    waves = {Season.NONE: 0, Season.ONE_WAVE: 1, Season.TWO_WAVES: 2, Season.MONTHS: 0}[season]
    for wave in range(1, waves + 1):
        columns += [tuple(turn(2 * pi * wave * month / YEAR) for month in range(months)) for turn in (sin, cos)]
    if season is Season.MONTHS:
        columns += [tuple(float(month % YEAR == number) for month in range(months)) for number in range(1, YEAR)]
    return design(columns, event)


def design(columns: Sequence[tuple[float, ...]], event: int) -> Design:
    """Make a design from given columns: the first is 1 throughout, and the second is the step."""
    products = tuple(
        tuple(map(float.__mul__, columns[row], columns[column]))
        for row in range(len(columns))
        for column in range(row + 1)
    )
    return Design(tuple(columns), products, tuple(zip(*columns, strict=True)), event)


def fit(counts: Sequence[float], design: Design, exposures: Sequence[float] | None = None) -> Fit:
    """Raises NotEstimated. An exposure, such as residents or cases, is what a count is out of: above 0."""
    if not any(counts[: design.event]) or not any(counts[design.event :]) or len(counts) <= design.parts:
        raise NotEstimated
    offsets = [log(exposure) for exposure in exposures] if exposures else [0.0] * len(counts)
    # R's glm starts here too: 0.1 keeps a count of 0 out of the logarithm.
    means = [count + 0.1 for count in counts]
    powers = [log(mean) for mean in means]
    # A count of 0 adds nothing, and has no logarithm.
    saturated = fsum(count * log(count) - count for count in counts if count)
    before = math.inf
    for _ in range(ROUNDS):
        weights = means
        works = [
            mean * (power - offset) + count - mean
            for mean, power, offset, count in zip(means, powers, offsets, counts, strict=True)
        ]
        factor = _decompose([sumprod(weights, product) for product in design.products], design.parts)
        coefficients = _solve(factor, [sumprod(works, column) for column in design.columns])
        powers = [sumprod(coefficients, row) + offset for row, offset in zip(design.rows, offsets, strict=True)]
        if max(powers) > LARGEST_POWER:
            raise NotEstimated
        means = [exp(power) for power in powers]
        deviance = 2 * (saturated - sumprod(counts, powers) + fsum(means))
        if abs(deviance - before) < ENOUGH * (abs(deviance) + 0.1):
            break
        before = deviance
    else:
        raise NotEstimated
    # A very small mean becomes 0, which nothing can be divided by.
    if min(means) <= 0:
        raise NotEstimated
    error = sqrt(_variance(factor, 1))
    if abs(coefficients[1]) > BEYOND or error > BEYOND:
        raise NotEstimated
    left = len(counts) - design.parts
    residuals = [(count - mean) / mean for count, mean in zip(counts, means, strict=True)]
    dispersion = sumprod(weights, [residual * residual for residual in residuals]) / left
    return Fit(coefficients[1], error, dispersion)


def _decompose(triangle: Sequence[float], size: int) -> list[list[float]]:
    """Cholesky's factor of a symmetric matrix, of which the lower triangle is given row by row."""
    factor: list[list[float]] = []
    place = 0
    for row in range(size):
        line: list[float] = []
        for column in range(row):
            line.append((triangle[place + column] - sumprod(line, factor[column][:column])) / factor[column][column])
        left = triangle[place + row] - sumprod(line, line)
        if left <= 1e-11 * triangle[place + row]:
            raise NotEstimated  # a column adds nothing to the others
        factor.append([*line, sqrt(left)])
        place += row + 1
    return factor


def _solve(factor: list[list[float]], right: Sequence[float]) -> list[float]:
    down: list[float] = []
    for row, line in enumerate(factor):
        down.append((right[row] - sumprod(line[:row], down)) / line[row])
    size = len(factor)
    up = [0.0] * size
    for row in range(size - 1, -1, -1):
        below = fsum(factor[below_row][row] * up[below_row] for below_row in range(row + 1, size))
        up[row] = (down[row] - below) / factor[row][row]
    return up


def _variance(factor: list[list[float]], place: int) -> float:
    """An element on the diagonal of the inverse."""
    return _solve(factor, [float(row == place) for row in range(len(factor))])[place]
