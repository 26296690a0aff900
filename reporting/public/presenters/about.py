"""The page about the figures: what isn't shown and why, and what each indicator counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from indicators.protection.rules import Round, Show, Suppress, Withhold, parse_token
from indicators.trend import CellState
from reporting.models.editions import PublicLine
from reporting.models.line_fields import Line
from reporting.months.presenters.shapes import LineView, MonthView
from reporting.public.abbreviations import spell_out
from reporting.public.cells import true_cells


@dataclass(frozen=True, slots=True)
class Protected:
    """What a rule does, and the indicators that follow it."""

    rule: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What an indicator counts, and how to read it."""

    code: str
    title: str
    definition: str
    why_it_matters: str
    source: str
    owner: str
    polarity: str
    polarity_reason: str


# --- What is not shown ----------------------------------------------------------------------------


def withheld_sentence(view: MonthView) -> str:
    """Count what isn't shown: of the month's indicators, and of everything in the files. Empty if all is shown. Never
    says which of them is itself small."""
    of_wholes = sum(line.state is CellState.WITHHELD for line in view.wholes)
    cells = [state for line in view.every for state, _ in true_cells(line, view.month).values()]
    of_all = sum(state is CellState.WITHHELD for state in cells)
    if not of_all:
        return ""
    return (
        f"For {view.month.label}, we do not show {of_wholes} of the {len(view.wholes)} figures. The files also have "
        f"earlier months, and figures split into parts. Of all {len(cells):,} figures in the files, {of_all:,} "
        "are not shown."
    )


def protected(lines: Iterable[LineView], known_abbreviations: set[str]) -> Iterator[Protected]:
    """Yield each rule once, with the indicators that it protects."""
    titles: dict[str, list[str]] = {}
    for line in lines:
        if not line.category_code:
            titles.setdefault(describe_rule(line), []).append(line.title)
    for rule, names in titles.items():
        yield Protected(rule, tuple(spell_out(name, known_abbreviations) for name in names))


def describe_rule(line: Line) -> str:
    """Introduce the list of indicators that are protected as this one is."""
    rule = parse_token(line.protected_by)
    if line.ratio and not isinstance(rule, Withhold):
        return "We work these out from other numbers. We show them only if all of those can be shown:"
    match rule:
        case Show():
            return "We show these figures, unless one would give away another:"
        case Suppress(below):
            return f"We show these figures, but not those from 1 to {below - 1}, or any that would give one away:"
        case Round():
            return f"We round these figures to the nearest {rule.base}, and do not show those from 1 to {rule.small}:"
        case Withhold():
            return "We do not show these figures. Only the agencies that work together see them:"


# --- Each indicator -------------------------------------------------------------------------------


def only_in_files(view: MonthView) -> list[LineView]:
    """Return the indicators that the files have, and the month's page doesn't."""
    on_page = {line.code for line in view.wholes}
    return [line for line in view.indicators if line.code not in on_page]


def about(wholes: Iterable[LineView], lines: Iterable[PublicLine]) -> Iterator[About]:
    kept = {line.indicator_code: line for line in lines if not line.category_code}
    for line in wholes:
        public_line = kept[line.code]
        yield describe_indicator(
            line,
            definition=public_line.definition,
            why_it_matters=public_line.why_it_matters,
            source=public_line.source,
        )


def describe_indicator(line: LineView, *, definition: str, why_it_matters: str, source: str) -> About:
    return About(
        code=line.code,
        title=line.title,
        definition=definition,
        why_it_matters=why_it_matters,
        source=source,
        owner=line.owner,
        polarity=line.polarity.label,
        polarity_reason=line.polarity_reason,
    )


def spelt_out(one: About, known_abbreviations: set[str]) -> About:
    """Return the same with each abbreviation spelt out that the page hasn't spelt out yet."""
    fields = ("title", "definition", "why_it_matters", "source", "owner", "polarity_reason")
    return replace(one, **{name: spell_out(getattr(one, name), known_abbreviations) for name in fields})
