"""Which KPIs may the public see? Only those that say nothing but what an edition's exact figures say already.

Each month of the baseline and each of the last twelve has to be shown as it is, neither withheld nor rounded, and as
the baseline was frozen with. Of every other KPI the public isn't told that there is one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from actions.models import KpiTarget
from core.months import Month, months_between
from indicators.disclosure import refuse_unprotected
from indicators.kpis.aims import YEAR
from indicators.protection.rules import Round, parse_token
from reporting.models import IndicatorLine, KpiLine, PublicLine

TOLD = (
    *("number", "title", "kind", "indicator_code", "indicator_title", "better", "unit", "baseline", "target"),
    *("months", "value", "lower", "upper", "due_baseline", "due_trajectory", "due_target", "state", "said"),
)


def cut_kpis(
    month: Month,
    kpis: Iterable[tuple[KpiLine, KpiTarget]],
    public: Iterable[PublicLine],
    true: Iterable[IndicatorLine],
) -> Iterator[dict[str, Any]]:
    """As an edition keeps them: nothing of whom they belong to."""
    shown = {line.indicator_code: line for line in public if not line.category_code}
    behind = {line.indicator_code: line for line in true if not line.category_code}
    for line, target in kpis:
        figures = shown.get(line.indicator_code)
        # What a ratio is of isn't in an edition, so that no KPI on one is public.
        if figures is None or line.per is not None:
            continue
        refuse_unprotected(figures)
        exact = list_exact(figures, behind[line.indicator_code].history, month)
        if is_public(target, exact, month):
            yield {name: getattr(line, name) for name in TOLD} | {"target_month": str(Month.of(line.target_month))}


def list_exact(line: PublicLine, true: Sequence[int | None], month: Month) -> dict[Month, int]:
    """The months that the public sees as they are."""
    if isinstance(parse_token(line.protected_by), Round):
        return {}
    behind = dict(zip(reversed(list_months(month, true)), reversed(true), strict=True))
    seen = zip(list_months(month, line.history), line.history, strict=True)
    return {past: value for past, value in seen if value is not None and value == behind.get(past)}


def list_months(last: Month, values: Sequence[object]) -> list[Month]:
    return [last + -ago for ago in range(len(values) - 1, -1, -1)]


def is_public(target: KpiTarget, exact: dict[Month, int], month: Month) -> bool:
    baseline = {Month.parse(one["month"]): one["value"] for one in target.baseline_figures}
    year = months_between(month + -(YEAR - 1), month)
    return all(exact.get(past) == value for past, value in baseline.items()) and all(past in exact for past in year)
