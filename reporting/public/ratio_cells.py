"""What may the public see of a ratio? Only what follows from the two counts in the same edition.

So a ratio gives nothing away. If one of the two is withheld or rounded in a month, the ratio is withheld. Everything
else about it is worked out from the months that are left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.months import Month
from indicators.protection.counts import Key
from indicators.protection.rules import Round, Rule, is_small, strictest
from indicators.ratios import RATIO_KINDS, Ratio, RatioKind
from indicators.trend import CellState
from reporting.models import IndicatorLine
from reporting.months.lines import Stands
from reporting.months.steps import Of
from reporting.public.cells import Cells

HIDDEN: Stands = (CellState.WITHHELD, None)


type MonthRules = Mapping[Month, Rule]  # of the months that a line shows


@dataclass(frozen=True, slots=True)
class RatioCells:
    """The state and value of each month of a ratio, the counts of the months shown, and the rule that protects it."""

    cells: Cells
    of: Mapping[Month, Of]
    rule: Rule


def find_ratio_cells(
    line: IndicatorLine, month: Month, counts: Mapping[Key, Cells], rules: Mapping[Key, MonthRules], own: MonthRules
) -> RatioCells:
    """Return what to show of a ratio. `counts` is what the edition shows of each count, `rules` protect the counts, and
    `own` protects the ratio, month by month.
    """
    keys = [(code, "") for code in (line.numerator_code, line.denominator_code) if code]

    def find_rule(past: Month) -> Rule:
        # A count may show fewer months. Then the ratio is withheld there anyway.
        return strictest([own[past], *(rules[key][past] for key in keys if past in rules.get(key, ()))])

    first = month + -(len(line.history) - 1)
    cells: Cells = {}
    of: dict[Month, Of] = {}
    for place, value in enumerate(line.history):
        past = first + place
        made_of = Of(line.numerators[place], line.denominators[place], line.of_when if past == month else None)
        # A count that this edition doesn't show is as good as withheld.
        states = [counts.get(key, {}).get(past, HIDDEN)[0] for key in keys]
        cells[past] = find_cell(line, states, value, made_of, find_rule(past))
        if cells[past][1] is not None:
            of[past] = made_of
    return RatioCells(cells, of, find_rule(month))


def find_cell(line: IndicatorLine, states: Sequence[CellState], value: int | None, of: Of, rule: Rule) -> Stands:
    if CellState.WITHHELD in states or isinstance(rule, Round) or is_small_in(line, of, rule):
        return HIDDEN
    without = next((state for state in states if state is not CellState.FIGURE), None)
    if without is not None:
        return without, None
    return (CellState.NOT_AVAILABLE, None) if value is None else (CellState.FIGURE, value)


def is_small_in(line: IndicatorLine, of: Of, rule: Rule) -> bool:
    """Return whether one of its counts is small. For a share, those not among the cases count too."""
    counts = [of.numerator, of.denominator]
    if RATIO_KINDS[line.ratio].is_part and of.numerator is not None and of.denominator is not None:
        counts.append(of.denominator - of.numerator)
    return any(count is not None and is_small(rule, count) for count in counts)


def read_ratio(line: IndicatorLine) -> Ratio | None:
    return Ratio(RatioKind(line.ratio), line.per) if line.ratio else None
