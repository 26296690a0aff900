"""What is shown of a table if small counts are withheld and others rounded? The rule `Round`.

- Rule: a zero is shown, a small count withheld, any other rounded; totals from their true sums, so that they
  needn't add up. Every shown figure could mean three counts or more. So some counts above `suppress_to` are
  withheld too, where what they round to would stand for fewer, or be 0: with 5 and base 5, a 5 would mean 6 or 7.
- Attacker: knows the rule, and so what each figure may stand for; that a withheld cell is a small count; and
  that totals are sums, before they are rounded.
- Audit: of each place but the zeros, three values or more remain possible: an interval at least 2 wide.
- Withholding: where it is narrower, totals are withheld. Without totals each cell can be anything that its
  figure stands for, so that it always comes to an end.
"""

from collections.abc import Iterable

from indicators.protection.attacker import Attacker
from indicators.protection.rules import Round
from indicators.protection.tables import Place, Shown, Table

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
