"""Which places of a table must be withheld to keep small counts unknown? The rule `Suppress`.

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

from indicators.protection.attacker import Attacker
from indicators.protection.groups import choose, with_groups
from indicators.protection.rings import Rings, total_cost
from indicators.protection.rules import Suppress
from indicators.protection.tables import Place, Table

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
