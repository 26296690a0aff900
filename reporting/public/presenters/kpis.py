"""Which KPIs may anybody read? Those saved with an edition, as sentences and bars."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.months import Month
from indicators.kpis.aims import YEAR
from indicators.kpis.scale import find_sign, show_in
from indicators.kpis.state import KpiState, name_span, round_range
from indicators.trend import Polarity
from reporting.charts.bullet import Bullet, bullet

A_MONTH = " a month"
BETTER = {Polarity.LOWER: "Lower is better", Polarity.HIGHER: "Higher is better"}


@dataclass(frozen=True, slots=True)
class PublicKpi:
    """A KPI of an edition. `numbers` are those that the bar shows, as printed beside it. `over` names the months."""

    title: str
    state: str
    said: str
    aim: str
    numbers: dict[str, str]
    over: str
    bullet: Bullet | None


def make_kpis(kept: Iterable[dict[str, Any]]) -> tuple[PublicKpi, ...]:
    return tuple(map(make_kpi, kept))


def make_kpi(kept: dict[str, Any]) -> PublicKpi:
    due, better = Month.parse(kept["target_month"]).label, BETTER[Polarity(kept["better"])]
    has_bar = None not in (kept["value"], kept["lower"], kept["upper"])
    return PublicKpi(
        title=kept["title"],
        state=KpiState(kept["state"]).label,
        said=kept["said"],
        aim=f"The aim: {describe_aim(kept)} by {due}. {better}.",
        numbers=describe_numbers(kept) if has_bar else {},
        over=name_span(kept["months"]),
        bullet=bullet(
            kept["value"],
            lower=kept["lower"],
            upper=kept["upper"],
            baseline=kept["due_baseline"],
            trajectory=kept["due_trajectory"],
            target=kept["due_target"],
            unit=find_sign(kept["unit"]),
        )
        if has_bar
        else None,
    )


def describe_aim(kept: dict[str, Any]) -> str:
    """ "from 61% to 80%". A count's numbers are for a year where its result is, so that they can be compared."""
    unit, names = kept["aim_unit"], ("baseline", "target")
    if unit == A_MONTH and kept["months"] == YEAR and kept["due_baseline"] is not None:
        unit, names = " a year", ("due_baseline", "due_target")
    baseline, target = (show_in(kept[name], unit) for name in names)
    return f"from {baseline} to {target}"


def describe_numbers(kept: dict[str, Any]) -> dict[str, str]:
    lower, upper = round_range(kept["value"], kept["lower"], kept["upper"], is_count=kept["per"] is None)
    found = {"lower": lower, "upper": upper}
    found |= {name: kept[f"due_{name}"] for name in ("baseline", "trajectory", "target")}
    sign = find_sign(kept["unit"])
    return {name: show_in(value, sign) for name, value in found.items()} | {
        "value": show_in(kept["value"], kept["unit"])
    }
