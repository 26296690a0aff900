"""Anytown's made-up events before September 2026, and the counts of them that agencies sent.

What two agencies count of the same events agrees, because it is counted from them: a line is run by a group, a child
who is arrested with drugs may be one who deals, and who is admitted to hospital was first at A&E.
"""

import math
from random import Random

SEED = 23833  # these events tell the stories that the demonstration is for, and no others
MONTHS = 34  # November 2023 to August 2026
type History = dict[str, list[int]]  # by category, "" for the whole

# By origin: how many groups there usually are, and how many lines each of them runs beside its first.
GROUPS = {"london": (0.5, 0.4), "birmingham": (2.5, 1.8), "manchester": (1.2, 1.5), "merseyside": (1.8, 1.5)}
GROUP_STAYS, LINE_STAYS = 0.85, 0.8  # from one month to the next
DEALS = 0.75  # of the children who are arrested for drugs: with intent to supply
IDENTIFIED = 11.0  # children a month
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
    """Let groups come and go, and open and close lines beside their first. Return how many of both are active."""
    groups: History = {origin: [] for origin in GROUPS}
    lines: History = {origin: [] for origin in GROUPS}
    for origin, (usual, more) in GROUPS.items():
        active = [poisson(random, more) for _ in range(poisson(random, usual))]  # their lines beside the first
        for _ in range(MONTHS):
            staying = [extra for extra in active if random.random() < GROUP_STAYS]
            coming = [poisson(random, more) for _ in range(poisson(random, usual * (1 - GROUP_STAYS)))]
            active = [
                random.binomialvariate(extra, LINE_STAYS) + poisson(random, more * (1 - LINE_STAYS))
                for extra in [*staying, *coming]
            ]
            groups[origin].append(len(active))
            lines[origin].append(sum(1 + extra for extra in active))
    return {"line-groups": groups, "lines": lines}


def poisson(random: Random, mean: float) -> int:
    """A made-up count with this mean (Knuth's algorithm)."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
