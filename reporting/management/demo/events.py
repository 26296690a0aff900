"""Anytown's made-up events before September 2026, and the counts of them that agencies sent.

What two agencies count of the same events agrees, because it is counted from them: a line is run by a group, a child
who is arrested with drugs may be one who deals, and who is admitted to hospital was first at A&E.
"""

import math
from collections.abc import Mapping, Sequence
from random import Random

SEED = 23833  # these events tell the stories that the demonstration is for, and no others
MONTHS = 34  # November 2023 to August 2026
type History = dict[str, list[int]]  # by category, "" for the whole

FLOWS = ("lines-found", "lines-closed", "lines-reopened", "lines-struck", "line-holders-charged", "line-safeguarded")

# By origin: how many groups there usually are, and how many lines each of them runs beside its first.
GROUPS = {"london": (0.5, 0.4), "birmingham": (2.5, 1.8), "manchester": (1.2, 1.5), "merseyside": (1.8, 1.5)}
GROUP_STAYS, LINE_STAYS = 0.85, 0.8  # from one month to the next
DEALS = 0.75  # of the children who are arrested for drugs: with intent to supply
IDENTIFIED = 11.0  # children a month
# Why a line is gone, how many of those found were only back, and what follows from a closure. They have random numbers
# of their own, so that the other events stay as they are.
STRUCK, CHARGED, MOVED, BACK = 0.04, 0.35, 0.15, 0.06
HOLDS_ONE, SAFEGUARDED = 0.8, 0.6  # a holder charged for each line, people safeguarded
LIVES_INSIDE, LIVES_OUTSIDE = 0.36, 0.32  # of them; where the others live isn't known
ASSESSED = 0.45  # of the children identified in the month or the one before
WOUNDED = 2.2  # people a month at A&E
ADMITTED = 0.35  # of them: residents under 25 who are admitted


def count_events(arrested: History) -> dict[str, History]:
    """Return the counts of each month by the indicator's code. `arrested` are the drug arrests by age group."""
    random = Random(SEED)  # noqa: S311
    identified = [poisson(random, IDENTIFIED) for _ in range(MONTHS)]
    inside = [random.binomialvariate(children, LIVES_INSIDE) for children in identified]
    outside = [
        random.binomialvariate(children - near, LIVES_OUTSIDE / (1 - LIVES_INSIDE))
        for children, near in zip(identified, inside, strict=True)
    ]
    lately = [now + before for now, before in zip(identified, [round(IDENTIFIED), *identified[:-1]], strict=True)]
    wounded = [poisson(random, WOUNDED) for _ in range(MONTHS)]
    return {
        **count_groups(random),
        "pwits": {"": [random.binomialvariate(children, DEALS) for children in arrested["young-people"]]},
        "juveniles": {"": identified},
        "juveniles-inside": {"": inside},
        "juveniles-outside": {"": outside},
        "assessments": {"": [random.binomialvariate(children, ASSESSED) for children in lately]},
        "woundings": {"": wounded},
        "sharp-admissions": {"": [random.binomialvariate(people, ADMITTED) for people in wounded]},
    }


def count_groups(random: Random) -> dict[str, History]:
    """Let groups come and go, and open and close lines beside their first. Return how many of both are active, and how
    many lines came and went."""
    groups: History = {origin: [] for origin in GROUPS}
    lines: History = {origin: [] for origin in GROUPS}
    new: History = {origin: [] for origin in GROUPS}
    gone = [0] * MONTHS
    for origin, (usual, more) in GROUPS.items():
        active = [poisson(random, more) for _ in range(poisson(random, usual))]  # their lines beside the first
        for month in range(MONTHS):
            staying = [extra for extra in active if random.random() < GROUP_STAYS]
            coming = [poisson(random, more) for _ in range(poisson(random, usual * (1 - GROUP_STAYS)))]
            before, active, lasting = count_lines(active), [], len(staying)
            for place, extra in enumerate([*staying, *coming]):
                kept = random.binomialvariate(extra, LINE_STAYS)
                active.append(kept + poisson(random, more * (1 - LINE_STAYS)))
                lasting += kept if place < len(staying) else 0
            groups[origin].append(len(active))
            lines[origin].append(count_lines(active))
            new[origin].append(count_lines(active) - lasting)
            gone[month] += before - lasting
    return {"line-groups": groups, "lines": lines, **count_flows(new, gone)}


def count_lines(extras: list[int]) -> int:
    """Return how many lines groups run that have so many beside their first."""
    return sum(1 + extra for extra in extras)


def count_flows(new: History, gone: list[int]) -> dict[str, History]:
    """Say of lines that came whether they were new, and of lines that went why."""
    random = Random(SEED + 1)  # noqa: S311
    back = {origin: [random.binomialvariate(lines, BACK) for lines in series] for origin, series in new.items()}
    struck = [random.binomialvariate(lines, STRUCK) for lines in gone]
    closed = [lines - mistakes for lines, mistakes in zip(gone, struck, strict=True)]
    charged = [random.binomialvariate(lines, CHARGED) for lines in closed]
    moved = [
        random.binomialvariate(lines - by_charge, MOVED / (1 - CHARGED))
        for lines, by_charge in zip(closed, charged, strict=True)
    ]
    dormant = [all_closed - one - other for all_closed, one, other in zip(closed, charged, moved, strict=True)]
    return {
        "lines-found": {
            origin: [lines - old for lines, old in zip(series, back[origin], strict=True)]
            for origin, series in new.items()
        },
        "lines-reopened": {"": [sum(lines) for lines in zip(*back.values(), strict=True)]},
        "lines-closed": {"charged": charged, "dormant": dormant, "moved": moved},
        "lines-struck": {"": struck},
        "line-holders-charged": {
            "": [max(min(lines, 1), random.binomialvariate(lines, HOLDS_ONE)) for lines in charged]
        },
        "line-safeguarded": {"": [random.binomialvariate(2 * lines, SAFEGUARDED / 2) for lines in closed]},
    }


def poisson(random: Random, mean: float) -> int:
    """A made-up count with this mean (Knuth's algorithm)."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def share_out(random: Random, amount: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Put each of them into a category of a breakdown, by its share."""
    chosen = random.choices(list(shares), list(shares.values()), k=amount)
    return {category: chosen.count(category) for category in shares}


def break_down(code: str, whole: Sequence[int], shares: Mapping[str, float]) -> History:
    """Return a breakdown's months, which add up to its whole's."""
    random = Random(code)  # noqa: S311  # its own: nothing else draws from it
    months = [share_out(random, amount, shares) for amount in whole]
    return {category: [month[category] for month in months] for category in shares}
