"""The rules for small numbers, the groups of parts that go together, and the tables they protect. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

from core.labels import Labelled
from indicators.ratios import RATIO_KINDS


class RuleKind(Labelled):
    """From the mildest to the strictest."""

    SHOW = "show", "Show every figure"
    SUPPRESS = "suppress", "Withhold small numbers"
    ROUND = "round", "Withhold small numbers and round the others"
    WITHHOLD = "withhold", "Show no figure"


@dataclass(frozen=True, slots=True)
class Show:
    """None of its figures is small. A figure is still withheld where it would reveal another."""

    kind: ClassVar[RuleKind] = RuleKind.SHOW

    @property
    def words(self) -> str:
        return "every figure is shown"


@dataclass(frozen=True, slots=True)
class Suppress:
    """Counts from 1 to `below` − 1 are small, of cells and totals alike. They are withheld, with as many others as
    needed to stop anybody working them out. Everything shown is true."""

    kind: ClassVar[RuleKind] = RuleKind.SUPPRESS
    below: int = 5

    @property
    def words(self) -> str:
        return f"figures from 1 to {self.below - 1} are withheld, and other figures that would reveal them"


@dataclass(frozen=True, slots=True)
class Round:
    """Counts from 1 to `suppress_to` are withheld, and the others are rounded to the nearest multiple of
    `base`; totals from their true sums. A habit of NHS statistics."""

    kind: ClassVar[RuleKind] = RuleKind.ROUND
    suppress_to: int = 7
    base: int = 5

    @property
    def words(self) -> str:
        return f"figures from 1 to {self.small} are withheld, and the others are rounded to the nearest {self.base}"

    @property
    def small(self) -> int:
        """Return the greatest count that is withheld. See `indicators.protection.suppression`: what is shown stands for
        three counts or more, so this may be above `suppress_to`."""
        small = self.suppress_to
        # This ends: with a base of 3 or more (LIMITS), a multiple soon stands for three counts.
        # The sums are those of Scale, whose module imports this one.
        while True:
            nearest = (small + 1 + self.base // 2) // self.base * self.base
            most = nearest - self.base // 2 + self.base - 1
            if nearest and most - small >= 3:
                return small
            small = most

    def shows(self, value: int) -> bool:
        """Return whether a figure is one that this rule shows. A small multiple isn't: all that it could mean is
        withheld."""
        least = (self.small + 1 + self.base // 2) // self.base * self.base
        return value == 0 or (value >= least and value % self.base == 0)


@dataclass(frozen=True, slots=True)
class Withhold:
    """No figure is shown, nor whether there is one."""

    kind: ClassVar[RuleKind] = RuleKind.WITHHOLD

    @property
    def words(self) -> str:
        return "no figure is shown"


type Rule = Show | Suppress | Round | Withhold

# For areas that have set no rule.
DEFAULT = Suppress()
KINDS: dict[str, type[Show] | type[Suppress] | type[Round] | type[Withhold]] = {
    rule.kind.value: rule for rule in (Show, Suppress, Round, Withhold)
}
# The numbers that a rule may have: the least and the greatest. With a threshold of 2 there is hardly
# anything small; one above 20 hides what a town counts.
LIMITS: dict[str, tuple[int, int]] = {"below": (2, 20), "suppress_to": (3, 20), "base": (3, 20)}


def is_small(rule: Rule, value: int) -> bool:
    """Return whether the rule withholds this count."""
    match rule:
        case Show():
            return False
        case Suppress(below):
            return 1 <= value < below
        case Round():
            return 1 <= value <= rule.small
        case Withhold():
            return True


def describe_small(rule: Rule) -> str:
    """ "1 to 4", the figures that a rule calls small; empty where it calls none or all of them so."""
    match rule:
        case Suppress(below):
            return f"1 to {below - 1}" if below > 2 else "1"
        case Round():
            return f"1 to {rule.small}"
        case _:
            return ""


def describe_for_ratio(rule: Rule, ratio: str) -> str:
    """Describe what a rule means for a kind of ratio. It looks at the counts behind one, not at the number that a page
    shows. Of a share it also looks at the rest, the cases that don't count. See `reporting.public.lines`."""
    rest = ", or the rest," if RATIO_KINDS[ratio].is_part else ""
    match rule:
        case Show():
            return "shown wherever the counts behind it are shown"
        case Suppress(below):
            return f"withheld if one of its two counts{rest} is withheld or 1 to {below - 1}"
        case Round():
            return "always withheld, because the counts behind it are rounded"
        case Withhold():
            return rule.words


def number_names(kind: str) -> tuple[str, ...]:
    """Return the names of the numbers of a kind of rule."""
    return tuple(field.name for field in fields(KINDS[kind]))


def make_token(rule: Rule) -> str:
    """Return a rule as a public edition's line stores it: "suppress-5", "round-7-5"."""
    # Published lines hold these tokens permanently, so never write them differently.
    return "-".join([rule.kind.value, *(str(getattr(rule, name)) for name in number_names(rule.kind.value))])


def parse_token(token: str) -> Rule:
    """Return the rule of a token. Raises KeyError or ValueError for an invalid token."""
    kind, *numbers = token.split("-")
    return KINDS[kind](*map(int, numbers))


def strictest(rules: Iterable[Rule]) -> Rule:
    """Return a rule that protects everything that any of these protects. Without rules, everything is shown."""
    given = list(rules)
    if any(isinstance(rule, Withhold) for rule in given):
        return Withhold()
    rounds = [rule for rule in given if isinstance(rule, Round)]
    below = max((rule.below for rule in given if isinstance(rule, Suppress)), default=0)
    if rounds:
        suppress_to, base = max(below - 1, *(rule.suppress_to for rule in rounds)), max(rule.base for rule in rounds)
        # A finer base may withhold more than a coarser one.
        small = max(rule.small for rule in rounds)
        return Round(suppress_to if Round(suppress_to, base).small >= small else small, base)
    return Suppress(below) if below else Show()


def protects_less(after: Rule, before: Rule) -> bool:
    """Return whether a rule leaves something unprotected that the rule before it protects."""
    return strictest([before, after]) != after


# Parts of a total are withheld in groups, so that the pattern doesn't tell which of them is small.
#
# The code is open and the rule is printed. So a reader can ask which counts would have given exactly the gaps that they
# see. A search for the cheapest gaps answers too well: it withholds a 5 beside a 4 only where nothing smaller would do.
#
# So the choice rests on nothing but what is published. The parts above 0 (a zero is shown) are put into groups in a
# fixed order: the first by itself, the others in pairs, the last three together where their number is odd. A group with
# a small part is withheld whole. Where the total still tells too much, more goes. Each step of that depends on the sum
# of what is withheld, which the total gives away in any case.
#
# For a total with at least two parts above 0, and T the least count that isn't small, the reader still thinks possible:
#
# - where only whole groups are withheld: any withheld part may be the sum less 1 for each of the others, or 1 itself.
#   The sum is large enough for that to be more than T.
# - where a single part was withheld beside the groups, or the total too: each part of a group may be anything from 1
#   to T.
#
# So the interval is at least T − 1 wide. If one part is above 0, it and its total are known to be small: 1 to T − 1.
# tests/unit/test_protection_pattern.py asks the question for each table that it makes up, by trying all counts.


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
    return {
        part
        for members in group(parts)
        if any(part_of_group in withheld for part_of_group in members)
        for part in members
    }


def choose[Part](
    parts: Mapping[Part, int], forced: Collection[Part], threshold: int, left: int
) -> tuple[set[Part], bool]:
    """Return the parts to withhold, and whether the total goes too.

    `parts` are those above 0, in the order of their groups. `left` is what remains of the total beside all that is
    shown if only the forced parts are withheld. `threshold` is T.
    """
    withheld = with_groups(list(parts), forced)
    left += sum(parts[part] for part in withheld if part not in forced)
    waiting = [members for members in group(list(parts)) if withheld.isdisjoint(members)]
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
            raise ValueError("A table must have at least one row and one column.")
        if len(self.values) != len(self.rows) or any(len(row) != len(self.columns) for row in self.values):
            raise ValueError("A table must have a value for each row in each column.")
        if any(value < 0 for row in self.values for value in row):
            raise ValueError("A count can't be below 0.")

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
