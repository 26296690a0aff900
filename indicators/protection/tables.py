"""A table of counts with its totals, and its protected version."""

from dataclasses import dataclass

# Row and column in the grid: the table with totals in a last row and a last column.
type Place = tuple[int, int]
type Shown = int | None  # None: withheld


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by row and column. The three flags say which totals are to be shown; all are sums."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    row_totals: bool = True
    column_totals: bool = True
    grand_total: bool = True

    def __post_init__(self) -> None:
        """Check the shape. Raises ValueError, with a sentence: these are programming errors."""
        if not self.rows or not self.columns:
            raise ValueError("A table has at least one row and one column.")
        if len(self.values) != len(self.rows) or any(len(row) != len(self.columns) for row in self.values):
            raise ValueError("A table has a value for each row and column.")
        if any(value < 0 for row in self.values for value in row):
            raise ValueError("A count isn't below 0.")

    def grid(self) -> list[list[int]]:
        """Return the true values with all totals, asked for or not."""
        rows = [[*row, sum(row)] for row in self.values]
        return [*rows, [sum(column) for column in zip(*rows, strict=True)]]

    def is_total(self, place: Place) -> bool:
        return place[0] == len(self.rows) or place[1] == len(self.columns)

    def is_asked(self, place: Place) -> bool:
        """Return whether the place is asked for: every cell is, and a total if its flag is set."""
        row, column = place
        if row == len(self.rows):
            return self.grand_total if column == len(self.columns) else self.column_totals
        return self.row_totals if column == len(self.columns) else True

    def places(self) -> list[Place]:
        """Return all places that are asked for, row by row."""
        every = ((row, column) for row in range(len(self.rows) + 1) for column in range(len(self.columns) + 1))
        return [place for place in every if self.is_asked(place)]


@dataclass(frozen=True, slots=True)
class Protected:
    """What may be shown. Totals that weren't asked for are None. A withheld grand total is also None."""

    values: tuple[tuple[Shown, ...], ...]
    row_totals: tuple[Shown, ...] | None
    column_totals: tuple[Shown, ...] | None
    grand_total: Shown


def arrange(table: Table, grid: list[list[Shown]]) -> Protected:
    """Return what is shown of each place, in the table's own shape."""
    *rows, last = grid
    return Protected(
        values=tuple(tuple(row[:-1]) for row in rows),
        row_totals=tuple(row[-1] for row in rows) if table.row_totals else None,
        column_totals=tuple(last[:-1]) if table.column_totals else None,
        grand_total=last[-1] if table.grand_total else None,
    )
