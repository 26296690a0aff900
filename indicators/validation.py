"""Rules across figures: which counts can't be true together, or would be unusual. Pure.

DHIS2 calls them validation rules. A rule compares two sums of counts of the same kind of thing, in the same population
and time: groups that run lines are at most as many as the lines. A part and its whole are a rule too, which nobody
declares, and so are a breakdown and its whole.

A count may be unknown: it isn't signed off yet, or not available. It is then any number of at least 0, so a rule is
broken only where no such number could keep it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Self

from core.labels import Labelled

TERM = re.compile(r"(?P<indicator>[a-z0-9-]+)(?:\.(?P<category>[a-z0-9-]+))?(?P<before>@month-before)?", re.ASCII)
MONTH_BEFORE = "@month-before"


class Relation(Labelled):
    """How the two sides of a rule compare."""

    AT_MOST = "at-most", "at most"
    AT_LEAST = "at-least", "at least"
    EQUAL = "equal", "equal to"
    WITH = "with", "above 0 only with"


class Strength(Labelled):
    """What a broken rule means."""

    STRICT = "strict", "It can’t be: a return that breaks it isn’t accepted"
    DOUBTFUL = "doubtful", "It is unusual: the sender has to say why"


@dataclass(frozen=True, slots=True)
class Amount:
    """What a count may be: from `least` to `most`; `most` is None where nobody knows."""

    least: int
    most: int | None

    @classmethod
    def of(cls, value: int | None) -> Self:
        return cls(value or 0, value)

    def __add__(self, other: "Amount") -> "Amount":
        most = None if self.most is None or other.most is None else self.most + other.most
        return Amount(self.least + other.least, most)

    @property
    def words(self) -> str:
        return f"{self.least:,}" if self.most == self.least else f"{self.least:,} or more"


NONE, UNKNOWN = Amount(0, 0), Amount(0, None)


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A count in a rule: an indicator's, or that of one of its categories; of the rule's month, or of the one before,
    for what there was then."""

    indicator: str
    category: str = ""
    is_before: bool = False

    def __str__(self) -> str:
        category = f".{self.category}" if self.category else ""
        return f"{self.indicator}{category}{MONTH_BEFORE if self.is_before else ''}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "lines", "lines.london" or "lines@month-before". Raises ValueError, with a sentence."""
        match = TERM.fullmatch(text)
        if match is None:
            raise ValueError(
                f"Write “{text}” as an indicator’s code, such as lines, lines.london or lines{MONTH_BEFORE}."
            )
        return cls(match["indicator"], match["category"] or "", match["before"] is not None)


@dataclass(frozen=True, slots=True)
class Flow:
    """What comes to a stock in a month, or goes: a count beside the stock's own, by the stock's code."""

    of: str
    is_coming: bool


type Figures = Callable[[Term], Amount]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule across figures. `each_category`: both sides are split alike, and each category keeps the rule by
    itself. `why` is a sentence that says why it must be so."""

    code: str
    name: str
    left: tuple[Term, ...]
    relation: Relation
    right: tuple[Term, ...]
    why: str
    strength: Strength = Strength.STRICT
    each_category: bool = False

    @property
    def is_strict(self) -> bool:
        return self.strength is Strength.STRICT

    @property
    def terms(self) -> tuple[Term, ...]:
        return self.left + self.right

    @property
    def indicators(self) -> frozenset[str]:
        return frozenset(term.indicator for term in self.terms)

    @property
    def looks_back(self) -> bool:
        return any(term.is_before for term in self.terms)

    def find_flows(self) -> "dict[str, Flow]":
        """Return what comes to a stock and what goes, by the indicator's code, if the rule is how a month follows from
        the one before: it counts one indicator on one side, and as it was the month before on the other. What stands
        beside that came; what stands beside the month's own count went."""
        before = [term for term in self.terms if term.is_before]
        if (
            not self.is_strict
            or self.relation is not Relation.EQUAL
            or len(before) != 1
            or any(term.category for term in self.terms)
        ):
            return {}
        (stock,) = before
        came, went = (self.left, self.right) if stock in self.left else (self.right, self.left)
        if Term(stock.indicator) not in went:
            return {}
        return {
            term.indicator: Flow(stock.indicator, is_coming)
            for side, is_coming in ((came, True), (went, False))
            for term in side
            if term.indicator != stock.indicator
        }

    def of_category(self, category: str) -> "Rule":
        """Return what the rule says of one category."""

        def narrow(side: tuple[Term, ...]) -> tuple[Term, ...]:
            return tuple(replace(term, category=category) for term in side)

        return replace(self, left=narrow(self.left), right=narrow(self.right), each_category=False)

    def is_broken(self, figures: Figures) -> bool:
        """Return whether no value of what is unknown could keep the rule. For a rule of each category, ask about
        each."""
        return is_impossible(add(self.left, figures), self.relation, add(self.right, figures))


def add(side: Iterable[Term], figures: Figures) -> Amount:
    return sum((figures(term) for term in side), NONE)


def is_impossible(left: Amount, relation: Relation, right: Amount) -> bool:
    match relation:
        case Relation.AT_MOST:
            return is_above(left, right)
        case Relation.AT_LEAST:
            return is_above(right, left)
        case Relation.EQUAL:
            return is_above(left, right) or is_above(right, left)
        case Relation.WITH:
            return left.least > 0 and right.most == 0


def is_above(one: Amount, other: Amount) -> bool:
    """Return whether one amount is certainly above the other."""
    return other.most is not None and one.least > other.most


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that figures break, for a category where it is one of each, with what the two sides come to."""

    rule: Rule
    left: Amount
    right: Amount


def find_broken(
    rules: Iterable[Rule], figures: Figures, categories: Callable[[str], Iterable[str]]
) -> Iterator[Broken]:
    """Yield the rules that these figures break. `categories` lists those of an indicator."""
    for rule in rules:
        for single in narrow_to_each(rule, categories):
            if single.is_broken(figures):
                yield Broken(single, add(single.left, figures), add(single.right, figures))


def narrow_to_each(rule: Rule, categories: Callable[[str], Iterable[str]]) -> Iterator[Rule]:
    """Yield the rule, or what it says of each category that any of its indicators has."""
    if not rule.each_category:
        yield rule
        return
    for category in dict.fromkeys(code for indicator in sorted(rule.indicators) for code in categories(indicator)):
        yield rule.of_category(category)


PART_WHY = "A part can’t be more than its whole."


def make_part_rules(wholes: Iterable[tuple[str, str]]) -> list[Rule]:
    """Return the rules of parts and wholes. `wholes` has pairs of a part and its whole."""
    parts_of: dict[str, list[str]] = {}
    for part, whole in wholes:
        parts_of.setdefault(whole, []).append(part)
    return [
        Rule(
            code=f"parts-of-{whole}",
            name="Parts and their whole",
            left=tuple(map(Term, parts)),
            relation=Relation.AT_MOST,
            right=(Term(whole),),
            why=PART_WHY,
        )
        for whole, parts in parts_of.items()
    ]


BREAKDOWN_WHY = "A breakdown, with its “not known”, must add up to its whole."


def make_breakdown_rules(wholes: Iterable[tuple[str, str]]) -> list[Rule]:
    """Return the rules of breakdowns. `wholes` has pairs of a breakdown and its whole."""
    return [
        Rule(
            code=f"breakdown-{breakdown}",
            name="A breakdown and its whole",
            left=(Term(breakdown),),
            relation=Relation.EQUAL,
            right=(Term(whole),),
            why=BREAKDOWN_WHY,
        )
        for breakdown, whole in wholes
    ]
