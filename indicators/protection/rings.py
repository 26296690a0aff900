"""What else must be withheld so that one place is no longer known? A ring.

Where a count rises by one, another of its row must fall, then one of that one's column must rise, and so on
round, until the ring closes. While none of a ring's places is known, each can be anything that the others
leave room for: it rises as far as the places that fall with it can fall, and falls as far as the places that
rise with it can. A falling cell stops at 1.
"""

import random
from heapq import heappop, heappush

from indicators.protection.attacker import Attacker, bits
from indicators.protection.tables import Place, Table

# A total says more than a cell, so it costs more to withhold.
CELL_COST, TOTAL_COST = 4, 5
NOISE = 0.01  # varies which of several equally cheap rings is found


def total_cost(table: Table, place: Place) -> int:
    return TOTAL_COST if table.is_total(place) else CELL_COST


class Rings:
    """Finds rings that leave a place an interval of the required width."""

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
            cost, found = self._around(place, self.ways[fall], barred, below=best)
            if found:
                best, ring = cost, found
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
