"""What is a small number, by the rule of the figures' owner? Pure."""

from collections.abc import Iterable
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
        """Return the greatest count that is withheld. See `indicators.protection.rounding`: what is shown stands for
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
    shows. Of a share it also looks at the rest, the cases that don't count. See `reporting.public.ratio_cells`."""
    rest = ", or the rest," if RATIO_KINDS[ratio].is_part else ""
    match rule:
        case Show():
            return "shown wherever the counts behind it are shown"
        case Suppress(below):
            return f"withheld where a count behind it{rest} is from 1 to {below - 1} or withheld"
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
