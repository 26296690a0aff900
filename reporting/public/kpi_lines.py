"""Which KPIs may the public see? Only those that follow from an edition's exact figures.

The edition must show each month of the baseline and each of the last twelve, neither withheld nor rounded. The
baseline's figures must be those it was set with. The public isn't told that any other KPI exists.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from actions.models import KpiTarget
from core.months import Month, months_between
from indicators.disclosure import refuse_unprotected
from indicators.kpis.aims import YEAR
from indicators.protection.rules import Round, parse_token
from reporting.models import IndicatorLine, KpiLine, PublicLine
from reporting.models.line_fields import Line

# Never the owner: a public KPI names nobody.
TOLD = (
    *("number", "title", "kind", "indicator_code", "indicator_title", "better", "per", "unit", "aim_unit"),
    *("baseline", "target"),
    *("months", "value", "lower", "upper", "due_baseline", "due_trajectory", "due_target", "state", "said"),
)


def cut_kpis(
    month: Month,
    kpis: Iterable[tuple[KpiLine, KpiTarget]],
    public: Iterable[PublicLine],
    true: Iterable[IndicatorLine],
) -> Iterator[dict[str, Any]]:
    """Yield them as an edition saves them, without their owners."""
    shown = {line.indicator_code: line for line in public if not line.category_code}
    behind = {line.indicator_code: line for line in true if not line.category_code}
    for line, target in kpis:
        figures = shown.get(line.indicator_code)
        if figures is None:
            continue
        # The gate, once more: these lines aren't saved yet.
        refuse_unprotected(figures)
        exact = list_exact(figures, behind[line.indicator_code], month)
        if is_public(target, exact, month):
            yield {name: getattr(line, name) for name in TOLD} | {"target_month": str(Month.of(line.target_month))}


type Counts = tuple[int | None, int | None]  # a month's cases, and what they are out of; None for a count


def list_exact(line: PublicLine, true: IndicatorLine, month: Month) -> dict[Month, Counts]:
    """Return the counts of the months that the public sees exactly."""
    if isinstance(parse_token(line.protected_by), Round):
        return {}
    behind = list_counts(true, month)
    return {past: counts for past, counts in list_counts(line, month).items() if counts == behind.get(past)}


def list_counts(line: Line, month: Month) -> dict[Month, Counts]:
    """Return the counts of each month that has a figure."""
    cases = line.numerators if line.ratio else line.history
    of = line.denominators if line.ratio else [None] * len(line.history)
    first = month + -(len(line.history) - 1)
    return {first + place: (cases[place], of[place]) for place, value in enumerate(line.history) if value is not None}


def is_public(target: KpiTarget, exact: dict[Month, Counts], month: Month) -> bool:
    baseline = {Month.parse(one["month"]): (one["value"], one["of"]) for one in target.baseline_figures}
    year = months_between(month + -(YEAR - 1), month)
    return all(exact.get(past) == counts for past, counts in baseline.items()) and all(past in exact for past in year)
