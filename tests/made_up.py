"""Series whose truth is known: made up by chance, so that a method can be measured on them."""

import math
from collections.abc import Callable, Sequence
from random import Random

type Shape = Callable[[int], float]  # what a month is multiplied by
type Pairs = tuple[list[int], list[int]]  # numerators and denominators

YEAR = 12
STEADY, GROWING, JUMPING = "steady", "growing by 1% a month", "jumping each quarter"
DENOMINATORS: dict[str, Shape] = {
    STEADY: lambda month: 1,
    GROWING: lambda month: 1.01**month,
    JUMPING: lambda month: (1, 1.6, 0.7, 1.2)[month // 3 % 4],
}
SETTLE = 60  # months before those that are given


def poisson(random: Random, size: float) -> int:
    """A count that varies by chance alone around `size` (J. H. Ahrens and U. Dieter, 1974: by gamma for large ones)."""
    counted = 0
    while size > 30:
        part = int(size * 7 / 8)
        waited = random.gammavariate(part, 1)
        if waited >= size:
            return counted + random.binomialvariate(part - 1, size / waited)
        counted, size = counted + part, size - waited
    least, left = math.exp(-size), random.random()
    while left > least:
        counted, left = counted + 1, left * random.random()
    return counted


def count(random: Random, size: float, over: float) -> int:
    """A count whose variance is `over` times its mean."""
    return poisson(random, random.gammavariate(size / (over - 1), over - 1) if over > 1 and size > 0 else size)


def flow(random: Random, size: float, months: int, over: float = 1, shape: Shape = lambda month: 1) -> list[int]:
    return [count(random, size * shape(month), over) for month in range(months)]


def restless(random: Random, size: float, months: int, *, spread: float, lasts: float) -> list[int]:
    """Counts by chance around a level that moves: its log is normal with this `spread`, and `lasts` is how much of it
    is left a month later."""
    level, found = random.gauss(0, spread), []
    for _ in range(months):
        found.append(poisson(random, size * math.exp(level)))
        level = lasts * level + random.gauss(0, spread * math.sqrt(1 - lasts**2))
    return found


def stock(random: Random, size: float, stays: float, months: int, shape: Shape = lambda month: 1) -> list[int]:
    """What is there on a day of each month: of each that is there, `stays` is how likely it is there a month later."""
    there, found = poisson(random, size), []
    for month in range(-SETTLE, months):
        stayed = random.binomialvariate(there, stays) if there else 0
        there = stayed + poisson(random, size * shape(max(0, month)) * (1 - stays))
        found.append(there)
    return found[SETTLE:]


def share(random: Random, part: float, of: int, over: float) -> int:
    """How many of so many, each of which is one by `part`, with a variance of `over` times that of chance."""
    if 1 < over < of:
        size = (of - over) / (over - 1)
        part = random.betavariate(part * size, (1 - part) * size)
    return random.binomialvariate(of, part)


def share_on_a_day(random: Random, part: float, of: Sequence[int], stays: float) -> Pairs:
    """How many there are on a day of each month of so many, such as staff who are trained: of each, `stays` is how
    likely it is to be one a month later. Whoever is new is one by `part`."""
    comes = part * (1 - stays) / (1 - part)  # which keeps the share where it is
    there, whole, found = random.binomialvariate(of[0], part), of[0], []
    for each in [of[0]] * SETTLE + [*of]:
        there = random.binomialvariate(there, stays) + random.binomialvariate(whole - there, comes)
        there += random.binomialvariate(each - whole, part)
        whole = each
        found.append(there)
    return found[SETTLE:], [*of]


def whole_numbers(of: int, shape: str, months: int) -> list[int]:
    """Denominators, `of` so many to begin with."""
    return [round(of * DENOMINATORS[shape](month)) for month in range(months)]


def wave(month: float) -> float:
    return math.sin(2 * math.pi * month / YEAR)
