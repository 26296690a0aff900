"""Whom an indicator hits: each breakdown's groups beside the population, as text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.calendar import Month
from indicators.breakdowns import LEAST_EXPECTED, Compared, Comparison, Group, Outcome, compare
from indicators.disclosure import Audience, disclose
from indicators.judgement.judge import Counted
from indicators.models import Category, Indicator
from indicators.ratios import Asked, Range
from reporting.models.line_fields import Line

MONTHS = 12
PERCENT = 100


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of a breakdown, or those of whom it isn't known. `stands_out`: chance alone would hardly do it."""

    name: str
    count: str
    share: str
    population: str = ""
    words: str = ""
    stands_out: bool = False


@dataclass(frozen=True, slots=True)
class BreakdownView:
    """A breakdown over its months: `period` says which, and `about` what follows for all its groups."""

    code: str
    title: str
    period: str
    source: str
    about: str
    total: str = ""
    rows: tuple[GroupRow, ...] = field(default_factory=tuple)


def make_breakdowns(
    breakdowns: Iterable[Indicator], lines: Iterable[Line], month: Month, *, audience: Audience
) -> list[BreakdownView]:
    """Return each breakdown that has lines in a month. `breakdowns` come with their dimension and its categories, and
    `lines` has those of what they break down too. Raises AudienceRefused for the public."""
    of_code: dict[str, list[Line]] = {}
    for disclosed in disclose(lines, audience=audience):
        of_code.setdefault(disclosed.line.indicator_code, []).append(disclosed.line)
    return [
        make_breakdown(breakdown, of_code[breakdown.code], of_code.get(name_broken_down(breakdown), [])[:1], month)
        for breakdown in breakdowns
        if breakdown.code in of_code
    ]


def name_broken_down(breakdown: Indicator) -> str:
    return breakdown.breaks_down.code if breakdown.breaks_down else ""


def make_breakdown(
    breakdown: Indicator, lines: Sequence[Line], broken_down: Sequence[Line], month: Month
) -> BreakdownView:
    """Describe one breakdown: its whole line comes first. `broken_down` is the line of what it breaks down, if the
    month has that."""
    whole, *parts = lines
    dimension = breakdown.dimension
    assert dimension is not None and breakdown.breaks_down is not None  # noqa: PT018, S101  # the database sees to it
    categories = {category.code: category for category in dimension.categories.all()}
    alike = min(map(count_alike, [whole, *broken_down]))
    back = list_months_back(whole, parts, alike=alike)
    source = f"{dimension.population_source}, {dimension.population_year}" if dimension.population_year else ""
    period = describe_period(whole, month, back)
    if not back:
        return BreakdownView(breakdown.code, dimension.name, period, source, "")
    counts = {line.category_code: sum(line.history[-1 - ago] or 0 for ago in back) for line in parts}
    groups, unknown = split_unknown(counts, {line.category_code: line.category_name for line in parts}, categories)
    comparison = compare(groups, unknown, counts_residents=breakdown.breaks_down.counts_residents)
    rows = [make_row(compared, comparison) for compared in comparison.groups]
    rows += [
        GroupRow(line.category_name, f"{unknown:,}", describe_share(unknown, comparison.total))
        for line in parts
        if line.category_code in categories and categories[line.category_code].is_unknown
    ]
    return BreakdownView(
        breakdown.code,
        dimension.name,
        period,
        source,
        comparison.gap,
        describe_total(comparison.total, whole, months=len(back)),
        tuple(rows),
    )


def count_alike(line: Line) -> int:
    """Return how many months are counted as the newest is: since the definition or the recording last changed."""
    return len(line.history) - (line.steps[-1]["at"] if line.steps else 0)


def list_months_back(whole: Line, parts: Sequence[Line], *, alike: int) -> list[int]:
    """Return how many months ago each month to add up is: of the last 12 that are counted `alike`, those in which every
    category has a figure. Of what is there on a day, or isn't asked for each month, only the newest."""
    is_once = Counted(whole.counts_as).is_on_a_day or whole.asked != Asked.MONTHLY
    months = 1 if is_once else min(MONTHS, alike)

    def is_complete(ago: int) -> bool:
        figures = [line.history[-1 - ago] if ago < len(line.history) else None for line in parts]
        known = [figure for figure in figures if figure is not None]
        # A category that is no longer asked for has no line here.
        return len(known) == len(figures) and sum(known) == whole.history[-1 - ago]

    return [ago for ago in range(months) if is_complete(ago)]


def describe_period(whole: Line, month: Month, back: Sequence[int]) -> str:
    if not back:
        return f"No month up to {month.label} has a figure for every group"
    if Counted(whole.counts_as).is_on_a_day:
        return f"On a day in {month.label}"
    if len(back) == 1:
        return (month + -back[0]).label
    span = f"{(month + -back[-1]).label} to {month.label}"
    if len(back) == back[-1] + 1 and back[0] == 0:
        return f"{span}: {len(back)} published months"
    return f"{span}: the {len(back)} published months with a figure for every group"


def describe_total(total: int, whole: Line, *, months: int) -> str:
    """ "137 children, adding up 12 months: someone who is in two of these months counts twice"."""
    words = f"{total:,} {whole.unit_one if total == 1 else whole.unit_many}"
    return (
        words
        if months == 1
        else (f"{words}, adding up {months} months: someone who is in two of these months counts twice")
    )


def split_unknown(
    counts: Mapping[str, int], names: Mapping[str, str], categories: Mapping[str, Category]
) -> tuple[list[Group], int]:
    """Return the groups, and how many are of none that is known."""
    unknown = {code for code in counts if code in categories and categories[code].is_unknown}
    groups = [
        Group(names[code], count, categories[code].population if code in categories else None)
        for code, count in counts.items()
        if code not in unknown
    ]
    return groups, sum(counts[code] for code in unknown)


def make_row(compared: Compared, comparison: Comparison) -> GroupRow:
    group = compared.group
    return GroupRow(
        group.name,
        f"{group.count:,}",
        describe_share(group.count, comparison.total),
        describe_population(group, comparison.population),
        describe_outcome(compared),
        compared.outcome in (Outcome.MORE, Outcome.LESS),
    )


def describe_share(count: int, whole: int) -> str:
    return f"{count / whole * PERCENT:.0f}%" if whole else ""


def describe_population(group: Group, population: int) -> str:
    if group.population is None:
        return "Not entered"
    return f"{group.population:,} ({group.population / population * PERCENT:.1f}%)" if population else "0"


def describe_outcome(compared: Compared) -> str:
    """ "Recorded more often: 2.1 times as often as the others (1.4 to 3.2)"."""
    match compared.outcome:
        case Outcome.NONE:
            return ""
        case Outcome.TOO_FEW:
            expected = f"from its share of the population, we would expect about {compared.expected:.1f}"
            return f"{compared.outcome.label}: {expected}, and we need at least {LEAST_EXPECTED}"
        case Outcome.FEW_OTHERS:
            expected = f"among them, we would expect about {compared.expected:.1f}"
            return f"{compared.outcome.label}: {expected}, and we need at least {LEAST_EXPECTED}"
        case Outcome.ALL:
            return compared.outcome.label
    rate = compared.rate
    assert rate is not None  # noqa: S101  # every other outcome has one
    return f"{compared.outcome.label}: {describe_rate(rate)}"


def describe_rate(rate: Range) -> str:
    """ "2.1 times as often as the others (1.4 to 3.2)": with as many digits as it takes to see on which side of 1 the
    range lies."""
    for digits in (1, 2, 3):
        value, *limits = (f"{number:.{digits}f}" for number in (rate.value, rate.lower or 0, rate.upper or 0))
        if f"{1:.{digits}f}" not in limits:
            break
    return f"{value} times as often as the others ({' to '.join(limits)})"
