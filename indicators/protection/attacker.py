"""The attacker: how much a reader can work out. Every protected table is checked against it.

The attacker knows a least and a greatest value of each place of a table, and that totals are sums. What
remains possible for one place is an interval, the *feasibility interval* of statistical disclosure control
(M. Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell suppression in tabular data with
linear constraints", JASA 95, 2000), which one would find by solving two linear programmes.

A two-way table with its totals is a network, and so those programmes need no solver. Rows and columns are its
nodes; each cell carries its count from its row to its column, each column's total carries on to the row of
totals, the grand total to the column of totals, each row's total back to its row: what comes in goes out.
How far a count can rise is how much more can flow round through all the others; how far it can fall is how
much can flow the other way. Flows in whole numbers are as wide as any (L. R. Ford and D. R. Fulkerson, 1956):
the interval is exact, and each whole number in it is possible.
"""

from collections.abc import Iterator

from indicators.protection.rules import Place

NO_LIMIT = 1 << 62  # above every count that a table may have


class Attacker:
    """Somebody who knows the range of the true value of each place in a grid. At first, the attacker knows every place
    exactly."""

    def __init__(self, grid: list[list[int]]) -> None:
        self.grid = grid
        self.height, self.width = len(grid), len(grid[0])
        nodes = self.height + self.width
        # How much the flow from one node to another may still grow, and the nodes to which it may grow at
        # all, as bits: between a row and a column there is one place.
        self.room = [[0] * nodes for _ in range(nodes)]
        self.open = [0] * nodes

    def ends(self, place: Place) -> tuple[int, int]:
        """Return the nodes that the place carries its count from and to."""
        row, column = place
        ends = row, self.height + column
        is_edge = (row == self.height - 1) != (column == self.width - 1)  # a total of a row or of a column
        return ends[::-1] if is_edge else ends

    def place_between(self, one: int, other: int) -> Place:
        return min(one, other), max(one, other) - self.height

    def learn(self, place: Place, least: int, greatest: int = NO_LIMIT) -> None:
        """Set what the attacker knows of the place, and no more. The true value lies in that range."""
        value = self.grid[place[0]][place[1]]
        start, end = self.ends(place)
        self._set_room(start, end, greatest - value)
        self._set_room(end, start, value - least)

    def learn_exactly(self, place: Place) -> None:
        value = self.grid[place[0]][place[1]]
        self.learn(place, value, value)

    def interval(self, place: Place, *, enough: int = NO_LIMIT) -> tuple[int, set[Place]]:
        """Return the width of a place's feasibility interval, greatest minus least, looking for no more than `enough`
        of it. Also return the unknown places that make it that wide."""
        start, end = self.ends(place)
        higher, lower = self.room[start][end], self.room[end][start]
        used: set[Place] = {place}
        # Close the place itself: otherwise all of the flow would go through it.
        self._set_room(start, end, 0)
        self._set_room(end, start, 0)
        width = self._flow(start, end, min(enough, lower), used)
        width += self._flow(end, start, min(enough - width, higher), used)
        self._set_room(start, end, higher)
        self._set_room(end, start, lower)
        return width, used

    def _flow(self, source: int, sink: int, wanted: int, used: set[Place]) -> int:
        """Return how much can flow, up to what is wanted, by shortest augmenting paths. The network is then
        restored."""
        flowed = 0
        steps: list[tuple[int, int, int]] = []
        while flowed < wanted and (path := self._path(source, sink)):
            amount = min(wanted - flowed, *(self.room[one][other] for one, other in path))
            for one, other in path:
                self._move(one, other, amount)
                steps.append((one, other, amount))
            flowed += amount
        for one, other, amount in steps:
            self._move(other, one, amount)
            used.add(self.place_between(one, other))
        return flowed

    def _path(self, source: int, sink: int) -> list[tuple[int, int]]:
        """Return the shortest way along which something can flow; empty where there is none."""
        parents = {source: source}
        seen = 1 << source
        queue = [source]
        # The list grows while we walk it: a breadth-first search.
        for node in queue:
            fresh = self.open[node] & ~seen
            seen |= fresh
            for other in bits(fresh):
                parents[other] = node
                queue.append(other)
            if sink in parents:
                break
        else:
            return []
        path = []
        while sink != source:
            path.append((parents[sink], sink))
            sink = parents[sink]
        return path

    def _move(self, one: int, other: int, amount: int) -> None:
        self._set_room(one, other, self.room[one][other] - amount)
        self._set_room(other, one, self.room[other][one] + amount)

    def _set_room(self, one: int, other: int, room: int) -> None:
        self.room[one][other] = room
        if room:
            self.open[one] |= 1 << other
        else:
            self.open[one] &= ~(1 << other)


def bits(mask: int) -> Iterator[int]:
    """Yield the places of the set bits, from the lowest."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
