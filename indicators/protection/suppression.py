"""Withholds the places of a table that keep small counts unknown, by the rules `Suppress` and `Round`.

The rule `Suppress`:

- Rule: every small count (1 to below − 1), of a cell or a total, is withheld.
- Attacker: knows what is shown, that a withheld cell is a whole number of at least 1 (a zero is always shown),
  and that totals are sums.
- Audit: what remains possible for a small count must be an interval at least below − 1 wide, and so not tell
  whether it is small.
- Suppression: where it is narrower, a ring of places is withheld.

Ring by ring, this protects the table but withholds too much. So places that turn out not to be needed are shown again.
Then parts are removed and repaired many times, keeping results that are no worse. To find the very least is too hard to
be done for a page (J. P. Kelly, B. L. Golden and A. A. Assad, "Cell suppression: disclosure protection for sensitive
tabular data", Networks 22, 1992); the tests compare with it on small tables.
"""

import random
from collections.abc import Iterable
from heapq import heappop, heappush

from indicators.protection.attacker import Attacker, bits
from indicators.protection.rules import Place, Round, Shown, Suppress, Table, choose, with_groups

# A total says more than a cell, so it costs more to withhold.
CELL_COST, TOTAL_COST = 4, 5
NOISE = 0.01  # varies which of several equally cheap rings is found


def total_cost(table: Table, place: Place) -> int:
    return TOTAL_COST if table.is_total(place) else CELL_COST


class Rings:
    """Finds rings that leave a place an interval of the required width.

    Where a count rises by one, another of its row must fall, then one of that one's column must rise, and so on round,
    until the ring closes. While none of a ring's places is known, each can be anything that the others leave room for:
    it rises as far as the places that fall with it can fall, and falls as far as the places that rise with it can. A
    falling cell stops at 1.
    """

    def __init__(self, table: Table, attacker: Attacker, wanted: int, chance: random.Random) -> None:
        self.attacker, self.wanted, self.chance = attacker, wanted, chance
        height = attacker.height
        nodes = height + attacker.width
        self.hidden = [0] * nodes  # nodes with an unknown place between them, as bits
        self.cells = [0] * nodes  # nodes between which there is a cell
        # Where a ring may go from each node, if the place falls by `fall` and rises by the rest.
        self.ways = [[0] * nodes for _ in range(wanted + 1)]
        for row, counts in enumerate(attacker.grid):
            for column, count in enumerate(counts):
                place = row, column
                if not table.is_total(place):
                    self._mark(self.cells, place)
                start, end = attacker.ends(place)
                least = 0 if table.is_total(place) else 1  # keeps rings away from zeros, which are shown
                for fall in range(wanted + 1):
                    if count - least >= fall:
                        self.ways[fall][start] |= 1 << end
                    if count - least >= wanted - fall:
                        self.ways[fall][end] |= 1 << start

    def hide(self, place: Place) -> None:
        self._mark(self.hidden, place)

    def show(self, place: Place) -> None:
        row, node = place[0], self.attacker.height + place[1]
        self.hidden[row] &= ~(1 << node)
        self.hidden[node] &= ~(1 << row)

    def cheapest(self, place: Place, barred: frozenset[Place] = frozenset()) -> frozenset[Place]:
        """Return the places of the cheapest ring. Already withheld places are free. It is empty where every ring would
        need a barred place."""
        best, ring = float("inf"), frozenset[Place]()
        row, column = place
        count = self.attacker.grid[row][column]
        for fall in range(min(count, self.wanted + 1)):
            cost, around = self._around(place, self.ways[fall], barred, below=best)
            if around:
                best, ring = cost, around
            if best < CELL_COST:  # nothing new
                break
        return ring

    def _around(
        self, place: Place, ways: list[int], barred: frozenset[Place], *, below: float
    ) -> tuple[float, frozenset[Place]]:
        """Return the shortest way from one end of a place to the other (E. W. Dijkstra, 1959), if it costs less than
        `below`; otherwise an empty ring."""
        start, end = self.attacker.ends(place)
        costs, parents = {end: 0.0}, {end: end}
        queue = [(0.0, end)]
        while queue:
            cost, node = heappop(queue)
            if node == start:
                return cost, self._ring(place, parents)
            # An older, dearer entry: heapq can't change a cost in place.
            if cost > costs[node]:
                continue
            # Not straight back through the place itself.
            onward = ways[node] & ~(1 << start) if node == end else ways[node]
            for group, step in self._steps(node, onward):
                for other in bits(group):
                    through = cost + step + self.chance.random() * NOISE
                    if through >= costs.get(other, below):
                        continue
                    if step and self.attacker.place_between(node, other) in barred:
                        continue
                    costs[other], parents[other] = through, node
                    heappush(queue, (through, other))
        return below, frozenset()

    def _steps(self, node: int, onward: int) -> tuple[tuple[int, int], ...]:
        """Return the next nodes, as bits, with the cost of the places on the way to them."""
        free = onward & self.hidden[node]
        cells = onward & ~free & self.cells[node]
        return (free, 0), (cells, CELL_COST), (onward & ~free & ~cells, TOTAL_COST)

    def _ring(self, place: Place, parents: dict[int, int]) -> frozenset[Place]:
        node, end = self.attacker.ends(place)
        ring = {place}
        while node != end:
            ring.add(self.attacker.place_between(node, parents[node]))
            node = parents[node]
        return frozenset(ring)

    def _mark(self, masks: list[int], place: Place) -> None:
        row, node = place[0], self.attacker.height + place[1]
        masks[row] |= 1 << node
        masks[node] |= 1 << row


# How often a protection is improved. A table of 12 by 15 takes about 0.1 s. One of thousands of cells isn't improved.
MOST_ROUNDS, PATIENCE = 60, 10_000


def withhold(table: Table, rule: Suppress, also: Iterable[Place] = ()) -> frozenset[Place]:
    """Return the places of the grid to withhold. `also` has some to withhold in any case."""
    search = Search(table, rule, add_groups(table, rule, set(also)))
    search.mend()
    search.show_again()
    search.improve()
    return frozenset(search.fixed | search.secondary)


def add_groups(table: Table, rule: Suppress, also: set[Place]) -> set[Place]:
    """Return these, and in a table of one row or one column what goes with its small counts, so that the pattern of
    gaps doesn't tell which of them are small. A larger table's pattern may still tell."""
    if len(table.rows) == 1:
        twins = {(0, column): (1, column) for column in range(len(table.columns))}
        totals = {(0, len(table.columns)), (1, len(table.columns))}
    elif len(table.columns) == 1:
        twins = {(row, 0): (row, 1) for row in range(len(table.rows))}
        totals = {(len(table.rows), 0), (len(table.rows), 1)}
    else:
        return also
    grid = table.grid()
    parts = {(row, column): grid[row][column] for row, column in twins if grid[row][column]}
    forced = {part for part, count in parts.items() if count < rule.below or also.intersection((part, twins[part]))}
    if any(table.is_asked(total) for total in totals) and not also.intersection(totals):
        left = sum(parts[part] for part in forced)
        chosen, is_total_too = choose(parts, forced, rule.below, left)
    else:
        chosen, is_total_too = with_groups(list(parts), forced), False
    # Beside a single line, each part stands once more as the total of its own column or row.
    return also | chosen | {twins[part] for part in chosen} | (totals if is_total_too else set())


def exposed(table: Table, rule: Suppress, withheld: Iterable[Place]) -> list[Place]:
    """Audit: return the small counts that are shown, or for which too little remains possible if these places are
    withheld."""
    hidden = set(withheld)
    search = Search(table, rule, hidden, only=True)
    return [place for place in search.small if place not in hidden or not search.is_safe(place)]


class Search:
    """A set of withheld places while it is being completed."""

    def __init__(self, table: Table, rule: Suppress, also: Iterable[Place], *, only: bool = False) -> None:
        self.table = table
        self.wanted = rule.below - 1  # how wide an interval must be
        self.grid = table.grid()
        self.attacker = Attacker(self.grid)
        self.chance = random.Random(1)  # noqa: S311  # the same table, the same answer
        self.rings = Rings(table, self.attacker, self.wanted, self.chance)
        self.small = [place for place in table.places() if 1 <= self.count(place) <= self.wanted]
        self.fixed = {place for place in also if table.is_asked(place) and self.count(place)}
        if not only:
            self.fixed |= set(self.small)
        self.secondary: set[Place] = set()
        # For each small count, withheld places that were found to be enough.
        self.witnesses: dict[Place, set[Place]] = {}
        for row in range(len(self.grid)):
            for column in range(len(self.grid[0])):
                if (row, column) in self.fixed or not table.is_asked((row, column)):
                    self._hide((row, column))

    def count(self, place: Place) -> int:
        return self.grid[place[0]][place[1]]

    def cost(self) -> int:
        return sum(total_cost(self.table, place) for place in self.secondary)

    def is_safe(self, place: Place) -> bool:
        """Return whether one small count can't be worked out."""
        # Places that prove it are still withheld: `show` drops each proof that it breaks.
        if place in self.witnesses:
            return True
        width, used = self.attacker.interval(place, enough=self.wanted)
        if width < self.wanted:
            return False
        self.witnesses[place] = used
        return True

    def withhold(self, place: Place) -> None:
        self.secondary.add(place)
        self._hide(place)

    def show(self, place: Place) -> None:
        """Show the place again, and forget which small counts were safe because of it."""
        self.secondary.remove(place)
        self.attacker.learn_exactly(place)
        self.rings.show(place)
        self.witnesses = {small: used for small, used in self.witnesses.items() if place not in used}

    def mend(self, barred: frozenset[Place] = frozenset()) -> None:
        """Withhold more until each small count is safe. Use barred places only where nothing else helps."""
        places = list(self.small)
        self.chance.shuffle(places)
        places.sort(key=self.count)
        for place in places:
            if self.is_safe(place):
                continue
            ring = self.rings.cheapest(place, barred) or self.rings.cheapest(place)
            for other in ring - self.fixed - self.secondary:
                if self.table.is_asked(other):
                    self.withhold(other)

    def show_again(self) -> None:
        """Show what doesn't need to be withheld, the most costly first."""
        # Sort first: shuffling a set's own order wouldn't give the same table the same answer.
        places = sorted(self.secondary)
        self.chance.shuffle(places)
        places.sort(key=lambda place: -total_cost(self.table, place))
        for place in places:
            # `show` makes a new dictionary, so this one can be put back.
            kept = self.witnesses
            self.show(place)
            if not all(self.is_safe(small) for small in self.small if small not in self.witnesses):
                self.withhold(place)
                self.witnesses = kept

    def improve(self) -> None:
        """Take a few places away and mend it without them, over and over."""
        for _ in range(min(MOST_ROUNDS, PATIENCE // len(self.table.places()))):
            if not self.secondary:
                return
            before, witnesses, cost = set(self.secondary), self.witnesses, self.cost()
            taken = self.chance.sample(sorted(before), min(len(before), self.chance.choice((1, 1, 2, 3))))
            for place in taken:
                self.show(place)
            self.mend(frozenset(taken[:1]))
            self.show_again()
            # Keep a result that costs the same: the next one may start better from there.
            if self.cost() > cost:
                for place in self.secondary - before:
                    self.show(place)
                for place in before - self.secondary:
                    self.withhold(place)
                self.witnesses = witnesses

    def _hide(self, place: Place) -> None:
        # A reader knows that a withheld cell isn't zero. A total's least value follows from its cells.
        self.attacker.learn(place, 0 if self.table.is_total(place) else 1)
        self.rings.hide(place)


# The rule `Round`:
#
# - Rule: a zero is shown, a small count withheld, any other rounded; totals from their true sums, so that they needn't
#   add up. Every shown figure could mean three counts or more. So some counts above `suppress_to` are withheld too,
#   where what they round to would stand for fewer, or be 0: with 5 and base 5, a 5 would mean 6 or 7.
# - Attacker: knows the rule, and so what each figure may stand for; that a withheld cell is a small count; and that
#   totals are sums, before they are rounded.
# - Audit: of each place but the zeros, three values or more remain possible: an interval at least 2 wide.
# - Withholding: where it is narrower, totals are withheld. Without totals each cell can be anything that its figure
#   stands for, so that it always comes to an end.

POSSIBLE = 3  # true values that must remain
WANTED = POSSIBLE - 1  # the width of an interval of so many


class Scale:
    """How each count is shown, and which counts that may mean."""

    def __init__(self, rule: Round) -> None:
        self.base = rule.base
        self.small = rule.small  # the greatest count that is withheld

    def nearest(self, count: int) -> int:
        """Return the nearest multiple of the base; halfway rounds up."""
        # In whole numbers, because Python's round() sends halves to the even side.
        return (count + self.base // 2) // self.base * self.base

    def most(self, count: int) -> int:
        """Return the greatest count that rounds to the same multiple."""
        return self.nearest(count) - self.base // 2 + self.base - 1

    def is_small(self, count: int) -> bool:
        return 1 <= count <= self.small

    def shown(self, count: int) -> Shown:
        return None if self.is_small(count) else self.nearest(count)

    def meaning(self, count: int) -> tuple[int, int]:
        """Return the least and the greatest that the count could be, from what is shown."""
        if count == 0:
            return 0, 0
        if self.is_small(count):
            return 1, self.small
        return max(self.nearest(count) - self.base // 2, self.small + 1), self.most(count)


def round_counts(table: Table, rule: Round, also: Iterable[Place] = ()) -> list[list[Shown]]:
    """Return the grid as it may be shown. `also` has places to withhold in any case."""
    rounds = Rounds(table, Scale(rule), also)
    rounds.mend()
    rounds.show_again()
    return [
        [None if (row, column) in rounds.withheld else rounds.scale.shown(count) for column, count in enumerate(counts)]
        for row, counts in enumerate(rounds.grid)
    ]


class Rounds:
    """A rounded table while it is being protected."""

    def __init__(self, table: Table, scale: Scale, also: Iterable[Place]) -> None:
        self.table, self.scale = table, scale
        self.grid = table.grid()
        self.attacker = Attacker(self.grid)
        self.places = [place for place in table.places() if self.count(place)]
        self.totals = [
            place for place in self.places if table.is_total(place) and not scale.is_small(self.count(place))
        ]
        self.fixed = {place for place in self.places if table.is_total(place) and self.is_crowded(place)}
        self.fixed |= {place for place in also if place in self.places and not scale.is_small(self.count(place))}
        self.withheld: set[Place] = set()
        for row in range(self.attacker.height):
            for column in range(self.attacker.width):
                self.show((row, column))
        for place in self.fixed:
            self.withhold(place)

    def count(self, place: Place) -> int:
        return self.grid[place[0]][place[1]]

    def is_crowded(self, total: Place) -> bool:
        """Return whether a total has only small counts, and so many that its own smallness would reveal them (six ones
        and "the total is at most 7"). Such a total is always withheld, so that reveals nothing."""
        parts = [count for count in self.parts(total) if count]
        return all(map(self.scale.is_small, parts)) and len(parts) > self.scale.small - WANTED

    def parts(self, total: Place) -> list[int]:
        """Return the cells that a total adds up."""
        row, column = total
        rows = self.table.values if row == len(self.table.rows) else [self.table.values[row]]
        return [count for counts in rows for count in (counts if column == len(counts) else [counts[column]])]

    def is_safe(self, place: Place) -> bool:
        return self.attacker.interval(place, enough=WANTED)[0] >= WANTED

    def show(self, place: Place) -> None:
        """Show the place as the rule would."""
        self.withheld.discard(place)
        if self.table.is_asked(place):
            self.attacker.learn(place, *self.scale.meaning(self.count(place)))
        else:
            self.attacker.learn(place, 0)

    def withhold(self, place: Place) -> None:
        self.withheld.add(place)
        # A reader knows that a withheld cell isn't zero. A total's least value follows from its cells.
        self.attacker.learn(place, 0 if self.table.is_total(place) else 1)

    def mend(self) -> None:
        """Withhold totals until every place is safe."""
        for place in self.places:
            for total in self.nearest_totals(place):
                if self.is_safe(place):
                    break
                self.withhold(total)

    def nearest_totals(self, place: Place) -> list[Place]:
        """Return the totals that may be withheld: the place itself, then those in its row or column, then the
        others."""
        return sorted(
            self.totals,
            key=lambda total: (total != place, (total[0] != place[0]) + (total[1] != place[1]), total),
        )

    def show_again(self) -> None:
        for total in sorted(self.withheld - self.fixed):
            self.show(total)
            if not all(map(self.is_safe, self.places)):
                self.withhold(total)
