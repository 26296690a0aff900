"""What does the public know already, from all editions so far?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.months import Month
from indicators.protection.counts import Earlier, Key
from indicators.protection.rules import parse_token
from indicators.trend import CellState
from reporting.models import IndicatorLine, PublicLine
from reporting.models.line_fields import line_key
from reporting.public.cells import find_gone, true_cells


@dataclass(frozen=True, slots=True)
class Issued:
    """An edition that is public, or was, with the lines of the snapshot that it was made from. It doesn't show the
    months in `left_out`, whatever their figures. `is_withdrawn`: its own month was withdrawn.
    """

    month: Month
    lines: Sequence[PublicLine]
    true: Sequence[IndicatorLine]
    left_out: frozenset[Month] = frozenset()
    is_withdrawn: bool = False


@dataclass(slots=True)
class KnownMonth:
    """What the public knows of a month from the editions so far: what each edition says about each count; which lines
    were ever withheld, with a figure or without; which indicator each one was said to be a part of; and which was said
    to be a part of two.
    """

    counts: dict[Key, tuple[Earlier, ...]] = field(default_factory=dict)
    withheld: set[Key] = field(default_factory=set)
    wholes: dict[str, str] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)

    def learn(self, line: PublicLine, state: CellState, value: int | None) -> None:
        """`value` is the count behind the line, which the public need not know."""
        key, is_withheld = line_key(line), state is CellState.WITHHELD
        if is_withheld:
            self.withheld.add(key)
        whole = line.part_of_code
        if whole and self.wholes.setdefault(line.indicator_code, whole) != whole:
            self.moved.add(line.indicator_code)
        if value is not None:
            one = Earlier(value, parse_token(line.protected_by), is_withheld)
            said = self.counts.get(key, ())
            if one not in said:
                self.counts[key] = (*said, one)


def read_known(issued: Iterable[Issued]) -> dict[Month, KnownMonth]:
    found: dict[Month, KnownMonth] = defaultdict(KnownMonth)
    for edition in issued:
        true = {line_key(line): true_cells(line, edition.month) for line in edition.true}
        gone = {
            line_key(line): find_gone(line, edition.month, true[line_key(line)], edition.left_out)
            for line in edition.true
        }
        for line in edition.lines:
            if line.ratio:
                continue  # its two counts already say all that it does
            behind = true.get(line_key(line), {})
            for past, (state, _) in true_cells(line, edition.month).items():
                # A figure that went with its month isn't protected by its rule, and may come back with the month.
                if past not in gone.get(line_key(line), ()):
                    found[past].learn(line, state, behind.get(past, (state, None))[1])
    return found
