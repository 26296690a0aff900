"""Which columns of a file of records say what? Pure."""

from dataclasses import dataclass

LONGEST_COLUMN = 120  # characters of a heading


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a file says what, by its heading; empty where none does. Rows are counted, unless a column is
    `summed`. Only those rows count that have one of `only_values` in the column `only`."""

    month: str
    kind: str = ""
    summed: str = ""
    only: str = ""
    only_values: tuple[str, ...] = ()

    @property
    def named(self) -> list[str]:
        return [name for name in (self.month, self.kind, self.summed, self.only) if name]


def same(text: str) -> str:
    """What is compared: neither blanks nor capitals tell two texts apart."""
    return " ".join(text.split()).casefold()
