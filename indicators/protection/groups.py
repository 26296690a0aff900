"""Which parts of a total are withheld together, so that the pattern doesn't tell which of them is small? Pure.

The code is open and the rule is printed. So a reader can ask which counts would have given exactly the gaps that they
see. A search for the cheapest gaps answers too well: it withholds a 5 beside a 4 only where nothing smaller would do.

So the choice rests on nothing but what is published. The parts above 0 (a zero is shown) are put into groups in a
fixed order: the first by itself, the others in pairs, the last three together where their number is odd. A group with
a small part is withheld whole. Where the total still tells too much, more goes. Each step of that depends on the sum
of what is withheld, which the total gives away in any case.

For a total with at least two parts above 0, and T the least count that isn't small, the reader still thinks possible:

- where only whole groups are withheld: any withheld part may be the sum less 1 for each of the others, or 1 itself.
  The sum is large enough for that to be more than T.
- where a single part was withheld beside the groups, or the total too: each part of a group may be anything from 1 to
  T.

So the interval is at least T − 1 wide. If one part is above 0, it and its total are known to be small: 1 to T − 1.
tests/unit/test_protection_pattern.py asks the question for each table that it makes up, by trying all counts.
"""

from collections.abc import Collection, Mapping, Sequence


def group[Part](parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Return the parts in groups, in their order. Two parts are one group."""
    if len(parts) < 3:
        return [tuple(parts)]
    first, *others = parts
    pairs = [tuple(others[start : start + 2]) for start in range(0, len(others), 2)]
    if len(pairs[-1]) == 1:
        # A pair with one beside it: a part that is withheld alone, next to its total, would be known exactly.
        pairs[-2:] = [(*pairs[-2], *pairs[-1])]
    return [(first,), *pairs]


def with_groups[Part](parts: Sequence[Part], withheld: Collection[Part]) -> set[Part]:
    """Return each group that has a withheld part, whole."""
    return {part for each in group(parts) if any(one in withheld for one in each) for part in each}


def choose[Part](
    parts: Mapping[Part, int], forced: Collection[Part], threshold: int, left: int
) -> tuple[set[Part], bool]:
    """Return the parts to withhold, and whether the total goes too.

    `parts` are those above 0, in the order of their groups. `left` is what remains of the total beside all that is
    shown if only the forced parts are withheld. `threshold` is T.
    """
    withheld = with_groups(list(parts), forced)
    left += sum(parts[part] for part in withheld if part not in forced)
    waiting = [each for each in group(list(parts)) if withheld.isdisjoint(each)]
    # A lone part has nothing beside it that could hide it: whoever withholds it looks elsewhere.
    while withheld and len(parts) > 1 and (len(withheld) == 1 or left - len(withheld) < threshold):
        if not waiting:
            return withheld, True
        following = waiting.pop(0)
        first = following[0]
        # One part is enough if it would have to be large even if the groups had the greatest sum that is too little.
        # Beside a single withheld part it isn't: of the two, a reader would know which one is small.
        if len(withheld) > 1 and left + parts[first] >= 2 * threshold - 1 + len(withheld):
            return withheld | {first}, False
        withheld |= set(following)
        left += sum(parts[part] for part in following)
    return withheld, False
