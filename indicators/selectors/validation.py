"""Finds the figures that break a rule across figures, and says so in a sentence."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.db.models import F

from boards.models import PartnershipArea, ReportingPeriod
from boards.rules import MonthStatus
from core.calendar import Month
from indicators.models import Category, Indicator, Observation, Submission, ValidationRule
from indicators.validation import (
    NONE,
    UNKNOWN,
    Amount,
    Broken,
    Relation,
    Rule,
    Strength,
    Term,
    find_broken,
    make_breakdown_rules,
    make_part_rules,
)

ANSWER = "Correct it or, if it is right, say why in the note."  # after what is unusual
type Codes = tuple[str, str]  # an indicator's code and a category's, empty for the whole

# What a sentence says between the two sides of a broken rule, for a strict one and for a doubtful one.
BREAKS = {
    Relation.AT_MOST: ("can’t be more than", "is more than"),
    Relation.AT_LEAST: ("can’t be less than", "is less than"),
    Relation.EQUAL: ("must be the same as", "isn’t the same as"),
    Relation.WITH: ("can’t be above 0 without", "is unusual without"),
}
# The same, where it begins with the right side.
BREAKS_FROM_RIGHT = {
    Relation.AT_MOST: BREAKS[Relation.AT_LEAST],
    Relation.AT_LEAST: BREAKS[Relation.AT_MOST],
    Relation.EQUAL: BREAKS[Relation.EQUAL],
    Relation.WITH: ("can’t be right beside", "is unusual beside"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of an area that apply: those that it has set up, that parts are at most their whole, and that
    breakdowns add up to theirs. With the names that a sentence needs."""

    rules: tuple[Rule, ...]
    titles: Mapping[str, str]  # by the indicator's code
    owners: Mapping[str, int]  # the agency's key, by the indicator's code
    categories: Mapping[str, Mapping[str, str]]  # names by code, by the indicator's code

    def of_agency(self, agency: int) -> "Rules":
        """Return the rules that are about this agency's figures alone, by its key. Whether a figure breaks another rule
        would give away what another agency counted: only who accepts figures may learn that."""
        return replace(self, rules=tuple(rule for rule in self.rules if self.list_owners(rule) == {agency}))

    def about(self, indicator: str) -> "Rules":
        return replace(self, rules=tuple(rule for rule in self.rules if indicator in rule.indicators))

    def list_owners(self, rule: Rule) -> set[int]:
        return {self.owners[code] for code in rule.indicators}

    def list_categories(self, indicator: str) -> Iterable[str]:
        return self.categories.get(indicator, {})

    def find_broken(self, figures: "MonthFigures") -> list[Broken]:
        return list(find_broken(self.rules, figures.amount, self.list_categories))

    def describe(self, broken: Broken) -> str:
        """Say which figures break which rule, and why it is one."""
        return self.word(broken.rule, broken.left.words, broken.right.words)

    def word(self, rule: Rule, left: str, right: str, beside: Term | None = None) -> str:
        """Say that a rule is broken, with what its sides come to. `beside`: the count that the sentence stands next to,
        so that it needs no name."""
        doubtful = 0 if rule.is_strict else 1
        if (beside,) == rule.right:
            breaks = BREAKS_FROM_RIGHT[rule.relation][doubtful]
            return f"{right} {breaks} {self._name(rule.left, beside)}, {left}. {rule.why}"
        other = f"{BREAKS[rule.relation][doubtful]} {self._name(rule.right, beside)}, {right}. {rule.why}"
        if (beside,) == rule.left:
            return f"{left} {other}"
        return f"{self._name(rule.left)} is {left}, {'and' if rule.is_strict else 'which'} {other}"

    def _name(self, side: Iterable[Term], beside: Term | None = None) -> str:
        return " with ".join(self.name_term(term, beside) for term in side)

    def name_term(self, term: Term, beside: Term | None = None) -> str:
        if term == (beside and replace(beside, is_before=True)):
            return "the month before"
        category = self.categories.get(term.indicator, {}).get(term.category, term.category)
        name = f"{self.titles[term.indicator]}, {category}" if category else self.titles[term.indicator]
        return f"“{name}, the month before”" if term.is_before else f"“{name}”"


def find_place(rule: Rule, names: Mapping[Codes, str]) -> tuple[str, Term | None]:
    """Return the name of the box that a broken rule is shown at, empty for none; and the count of that box, if it is a
    side of the rule by itself. `names` has the boxes by what they count."""
    sides = (rule.right, rule.left)
    for side in sides:
        if len(side) == 1 and not side[0].is_before and (name := names.get((side[0].indicator, side[0].category))):
            return name, side[0]
    of_rule = [name for side in sides for term in side for name in list_names(term, names)]
    return (of_rule[0] if of_rule else ""), None


def list_names(term: Term, names: Mapping[Codes, str]) -> list[str]:
    """Return the boxes that a count of this month is added up from."""
    if term.is_before:
        return []
    return [
        name
        for (indicator, category), name in names.items()
        if indicator == term.indicator and term.category in ("", category)
    ]


def list_strict_rules(area: PartnershipArea) -> list[Rule]:
    """Return what an area has declared that can't be, which a reader may know: see indicators.protection.ties."""
    return [row.rule for row in ValidationRule.objects.in_use().filter(area=area, strength=Strength.STRICT.value)]


def get_rules(area: PartnershipArea) -> Rules:
    return get_rules_by_area([area.pk])[area.pk]


def get_rules_by_area(areas: Collection[int]) -> dict[int, Rules]:
    """Return the rules by the area's key. Three queries for any number of areas."""
    indicators: dict[int, list[Indicator]] = defaultdict(list)
    rows = (
        Indicator.objects.filter(area__in=areas).select_related("part_of", "breaks_down").order_by("position", "code")
    )
    for indicator in rows:
        indicators[indicator.area_id].append(indicator)
    names: dict[int, dict[str, str]] = defaultdict(dict)
    for category in Category.objects.filter(dimension__area__in=areas):
        names[category.dimension_id][category.code] = category.name
    declared: dict[int, list[Rule]] = defaultdict(list)
    for row in ValidationRule.objects.in_use().filter(area__in=areas):
        declared[row.area_id].append(row.rule)
    return {area: make_rules(indicators[area], names, declared[area]) for area in areas}


def make_rules(
    indicators: Collection[Indicator], categories: Mapping[int, Mapping[str, str]], declared: Iterable[Rule] = ()
) -> Rules:
    codes = {indicator.code for indicator in indicators}

    def pair(name: str) -> list[tuple[str, str]]:
        """Return each indicator that names another so, with that other."""
        named = [(indicator.code, getattr(indicator, name)) for indicator in indicators]
        return [(code, other.code) for code, other in named if other is not None and other.code in codes]

    return Rules(
        rules=(
            *make_part_rules(pair("part_of")),
            *make_breakdown_rules(pair("breaks_down")),
            *(rule for rule in declared if codes.issuperset(rule.indicators)),
        ),
        titles={indicator.code: indicator.title for indicator in indicators},
        owners={indicator.code: indicator.owner_id for indicator in indicators},
        categories={
            indicator.code: categories[indicator.dimension_id]
            for indicator in indicators
            if indicator.dimension_id is not None
        },
    )


type Counts = dict[str, dict[str, int | None]]  # by the indicator's code and the category's, "" for the whole


@dataclass(slots=True)
class MonthFigures:
    """The figures of a month and of the one before. What isn't there is unknown; of an indicator that is there, a
    category without a figure is none."""

    counts: Counts
    before: Counts = field(default_factory=dict)

    def amount(self, term: Term) -> Amount:
        counts = (self.before if term.is_before else self.counts).get(term.indicator)
        if counts is None:
            return UNKNOWN
        if term.category:
            return Amount.of(counts[term.category]) if term.category in counts else NONE
        return sum((Amount.of(value) for value in counts.values()), NONE)

    def with_count(self, indicator: str, category: str, value: int | None) -> "MonthFigures":
        """Return the figures with another one in its place."""
        counts = self.counts.get(indicator, {}) | {category: value}
        return MonthFigures(self.counts | {indicator: counts}, self.before)

    def with_changes(self, month: Month, changes: Iterable["Change"]) -> "MonthFigures":
        """Return the figures of this month and of the one before, once these have changed."""
        figures = self
        for change in changes:
            if change.month == month:
                figures = figures.with_count(change.indicator, change.category, change.value)
            elif change.month == month.previous:
                before = MonthFigures(figures.before).with_count(change.indicator, change.category, change.value)
                figures = MonthFigures(figures.counts, before.counts)
        return figures


class Change(NamedTuple):
    """What a correction makes of a figure."""

    month: Month
    indicator: str
    category: str
    value: int | None


def read_figures(area: PartnershipArea, months: Collection[Month], rules: Rules) -> dict[Month, MonthFigures]:
    """Read the signed-off figures that the rules are about, in these months and those before them. One query."""
    wanted = {month for each in months for month in (each, each.previous)}
    indicators = {code for rule in rules.rules for code in rule.indicators}
    rows = Observation.objects.signed_off().filter(
        indicator__area=area,
        indicator__code__in=indicators,
        period__starts_on__in=[month.first_day for month in wanted],
    )
    by_month: dict[Month, Counts] = defaultdict(lambda: defaultdict(dict))
    named = rows.values_list("period__starts_on", "indicator__code", F("category__code"), "value")
    for day, indicator, category, value in named.order_by():
        by_month[Month.of(day)][indicator][category or ""] = value
    return {month: MonthFigures(by_month[month], by_month[month.previous]) for month in months}


def find_broken_by(submission: Submission) -> list[tuple[Broken, str]]:
    """Return each rule with this agency's figures that a return would break beside the signed-off figures of others,
    with a sentence: for who decides on it. Five queries."""
    area, month = submission.agency.area, submission.period.month
    rules = get_rules(area)
    rules = replace(rules, rules=tuple(rule for rule in rules.rules if submission.agency_id in rules.list_owners(rule)))
    figures = read_figures(area, [month], rules)[month]
    for observation in submission.observations.select_related("indicator", "category"):
        category = observation.category.code if observation.category else ""
        figures = figures.with_count(observation.indicator.code, category, observation.value)
    return [(broken, rules.describe(broken)) for broken in rules.find_broken(figures)]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the published months of an area break: how many there are, and each broken rule with its month and a
    sentence, the oldest first."""

    months: int
    broken: tuple[tuple[Month, Broken, str], ...]

    @property
    def strict(self) -> int:
        return sum(broken.rule.is_strict for _, broken, _ in self.broken)

    @property
    def words(self) -> str:
        months = f"{self.months} published {'month' if self.months == 1 else 'months'}"
        return f"{months}: {self.strict} strict and {len(self.broken) - self.strict} doubtful rules broken."


def check_published(area: PartnershipArea) -> Checked:
    """Compare every published month with the area's rules. Five queries."""
    published = ReportingPeriod.objects.filter(area=area, status=MonthStatus.PUBLISHED.value)
    months = sorted(period.month for period in published)
    rules = get_rules(area)
    figures = read_figures(area, months, rules)
    broken = ((month, one) for month in months for one in rules.find_broken(figures[month]))
    return Checked(len(months), tuple((month, one, rules.describe(one)) for month, one in broken))
