"""How tests set KPIs: through the services, on arrests of some years, which are published."""

from typing import Any

from django.utils import timezone

from actions.models import Kpi, KpiKind, KpiTarget
from boards.rules import Role
from core.calendar import Month
from indicators.imports.figures import read_figure_file
from indicators.models import Indicator
from indicators.services.past_figures import import_figures
from indicators.trend import Polarity
from reporting.kpis.services import KpiDraft, move_target, set_kpi
from reporting.kpis.targets import TargetDraft
from tests.factories.workbooks import HEADER
from tests.planning import make_strand
from tests.scenarios import Town, publish

WHY = "It is what we can promise"  # to set it anyway, where so few months can't show it
LAST = Month(2026, 9)  # the newest published month, unless a test says otherwise
HEAD = ",".join(HEADER)
SEEN = (36, 35, 37, 36, 36, 35)  # a baseline that a fall by half would stand out from


def take_in(town: Town, code: str, *values: int | None, last: Month = LAST) -> None:
    """Figures of so many months, the last of them `last`, out of a file."""
    months = [last + -ago for ago in range(len(values) - 1, -1, -1)]
    rows = [
        f"police,{code},,{month},{value},," for month, value in zip(months, values, strict=True) if value is not None
    ]
    name = f"{code}-{last}.csv"
    file = read_figure_file("\n".join([HEAD, *rows]).encode(), name_of_file=name)
    assert file.faults == []
    import_figures(town.area, file.rows, name_of_file=name, by=None)


def history(town: Town, *values: int | None, last: Month = LAST) -> None:
    """Arrests of so many published months."""
    take_in(town, "arrests", *values, last=last)
    publish(town, last)


def kpi_draft(town: Town, **options: Any) -> KpiDraft:
    wanted: dict[str, Any] = {
        "title": "Fewer arrests",
        "kind": KpiKind.POPULATION,
        "board": town.csp,
        "strand": options.get("strand") or make_strand(town),
        "why": "Fewer people are exploited",
        "smallest": 10,
        "review_every": 3,
        "owner": town.people[Role.BOARD_MEMBER],
    }
    return KpiDraft(**wanted | options)


def target_draft(**options: Any) -> TargetDraft:
    """From the 24 months until the newest published one to half of them, in two years."""
    wanted: dict[str, Any] = {
        "baseline_from": LAST + -23,
        "baseline_to": LAST,
        "better": Polarity.LOWER,
        "target": 18.0,
        "due": LAST + 24,
    }
    return TargetDraft(**wanted | options)


def set_one(
    town: Town, target: TargetDraft | None = None, *, code: str = "arrests", went_on_why: str = WHY, **options: Any
) -> Kpi:
    """The coordinator sets it."""
    indicator = Indicator.objects.select_related("area").get(area=town.area, code=code)
    wanted = kpi_draft(town, **options)
    return set_kpi(indicator, wanted, target or target_draft(), went_on_why=went_on_why, by=town.coordinator)


def move_one(town: Town, kpi: Kpi, **options: Any) -> KpiTarget:
    wanted = target_draft(**{"target": 24.0} | options)
    return move_target(kpi, wanted, reason="The first was too far", went_on_why=WHY, seen=1, by=town.coordinator)


def set_from(town: Town, first: Month, last: Month, **options: Any) -> Kpi:
    """From few months to none, whenever it is set."""
    due = Month.of(timezone.localdate()) + 24
    wanted = target_draft(baseline_from=first, baseline_to=last, target=0.0, due=due)
    return set_one(town, wanted, **options)
