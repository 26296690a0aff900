"""Which parts of a total are withheld together, so that the pattern doesn't tell which of them is small? Pure.

The code is open and the rule is printed. So a reader can ask which counts would have given exactly the gaps that they
see. A search for the cheapest gaps answers too well: it withholds 4 beside 5 only where no larger count would do.

So the choice rests on nothing but what is published. The parts above 0 (a zero is shown) are put into pairs in a fixed
order, and the last three go together where their number is odd. A pair with a small count is withheld whole. Where the
total still tells too much, more goes: see `choose`. Each rule of the choice depends on the sum of the withheld parts,
which the shown total gives away in any case.

What a reader can still think possible, for a total that has its rule's threshold T and at least two parts above 0:

- The total is shown, and the withheld parts are pairs. Any one of them may be all but 1 of each of the others, or 1
  itself. Their sum is so large that the interval is at least T wide.
- The total is shown, and a single part goes beside the pairs. Each part of the pairs may be anything from 1 to T.
- The total is withheld too. Again, each part may be anything from 1 to T.

With one part above 0, the part and its total are known to be small: from 1 to T − 1.
"""

from collections.abc import Collection, Mapping, Sequence


def group[Part](parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Return the parts in groups, in their order: the first by itself, and the others in pairs, with the last three
    together where their number is odd. Two are a pair."""
    if len(parts) < 3:
        return [tuple(parts)]
    others = parts[1:]
    groups = [tuple(others[start : start + 2]) for start in range(0, len(others), 2)]
    if len(groups[-1]) == 1:
        groups[-2:] = [(*groups[-2], *groups[-1])]
    return [(parts[0],), *groups]


def with_partners[Part](parts: Sequence[Part], withheld: Collection[Part]) -> set[Part]:
    """Return each group that has a withheld part, whole."""
    return {part for each in group(parts) if any(one in withheld for one in each) for part in each}


def choose[Part](
    parts: Mapping[Part, int], forced: Collection[Part], threshold: int, left: int
) -> tuple[set[Part], bool]:
    """Return the parts to withhold, and whether the total goes too.

    `parts` are those above 0, in the order of their pairs. `left` is what remains of the total beside all that is shown
    if only the forced parts are withheld.
    """
    withheld = with_partners(list(parts), forced)
    left += sum(parts[part] for part in withheld if part not in forced)
    waiting = [each for each in group(list(parts)) if withheld.isdisjoint(each)]
    # A lone part has no partner: whoever withholds it looks for something else.
    while len(parts) > 1 and left - len(withheld) < threshold:
        if not waiting:
            return withheld, True
        following = waiting.pop(0)
        first = following[0]
        # One part is enough if it would be large whatever the pairs are, up to their greatest sum.
        if len(withheld) > 1 and left + parts[first] >= 2 * threshold - 1 + len(withheld):
            return withheld | {first}, False
        withheld |= set(following)
        left += sum(parts[part] for part in following)
    return withheld, False
