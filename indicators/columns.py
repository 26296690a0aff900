"""What does each column of a file of records mean? Pure."""

from dataclasses import dataclass

LONGEST_COLUMN = 120  # characters of a heading


@dataclass(frozen=True, slots=True)
class Columns:
    """The meaning of a file's columns, by heading; empty where no column has that meaning. Rows are counted, unless a
    column is `summed`. If there is an `only` column, a row counts only if it has one of `only_values` there."""

    month: str
    kind: str = ""
    summed: str = ""
    only: str = ""
    only_values: tuple[str, ...] = ()

    @property
    def named(self) -> list[str]:
        return [name for name in (self.month, self.kind, self.summed, self.only) if name]


def same(text: str) -> str:
    """Return the text to compare: blanks and capitals make no difference."""
    # Ignored kinds are stored as hashes of this text. If it changes, agencies are asked about all of them again.
    return " ".join(text.split()).casefold()
