"""What has each box of a return been like until now: its last months and its usual range?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Min

from boards.models import Agency, ReportingPeriod
from core.months import Month, months_between
from indicators.charts.sparkline import SPARKLINE_MONTHS
from indicators.models import Observation
from indicators.selectors.returns import Box
from indicators.signals import Reading, read_step, usual_bounds
from indicators.trend import Polarity


@dataclass(frozen=True, slots=True)
class Past:
    """A box's months before the one that is entered.

    `values` are the last SPARKLINE_MONTHS of them, oldest first, None for a month without a figure;
    `under_definition` counts those of them, from the newest, that are under the definition in
    force. `least` and `most` are the usual range in whole numbers, None where there is none;
    `months_above_0` how many months in a row, up to the last one, had a figure above 0.
    """

    values: tuple[int | None, ...] = ()
    under_definition: int = 0
    least: int | None = None
    most: int | None = None
    months_above_0: int = 0

    @property
    def last(self) -> int | None:
        return self.values[-1] if self.values else None


NO_PAST = Past()


def get_pasts(agency: Agency, month: Month, boxes: Sequence[Box]) -> dict[str, Past]:
    """The past of each box of an agency's return, by its name. Two queries, whatever their number."""
    first = ReportingPeriod.objects.filter(area=agency.area_id).aggregate(first=Min("starts_on"))["first"]
    if first is None or not boxes:
        return {}
    rows = (
        Observation.objects.signed_off()
        .filter(
            indicator__in={box.indicator.pk for box in boxes},
            period__area=agency.area_id,
            period__starts_on__lt=month.first_day,
        )
        .values_list("indicator_id", "category_id", "period__starts_on", "value")
    )
    figures: dict[tuple[int, int | None], dict[date, int | None]] = defaultdict(dict)
    for indicator_id, category_id, day, value in rows:
        figures[indicator_id, category_id][day] = value
    return {
        box.name: read_past(
            box, figures.get((box.indicator.pk, box.category.pk if box.category else None), {}), first, month
        )
        for box in boxes
    }


def read_past(box: Box, figures: dict[date, int | None], first: date, month: Month) -> Past:
    """Read one box's figures: a step's limits, as the roll-up reads them, but without this month."""
    start = max(Month.of(first), Month.of(box.defined_from[0]))
    values = [figures.get(each.first_day) for each in months_between(start, month.previous)]
    since = max(Month.of(box.defined_from[-1]), start)
    under = max(0, month - since)
    reading = read_step(values[len(values) - under :], polarity=Polarity(box.indicator.polarity)) if under else None
    least, most = round_limits(reading)
    return Past(
        values=tuple(values[-SPARKLINE_MONTHS:]),
        under_definition=min(under, SPARKLINE_MONTHS),
        least=least,
        most=most,
        months_above_0=months_above_0(values[len(values) - under :]),
    )


def round_limits(reading: Reading | None) -> tuple[int | None, int | None]:
    if reading is None or reading.lower is None or reading.upper is None:
        return None, None
    return usual_bounds(reading.lower, reading.upper)


def months_above_0(values: Sequence[int | None]) -> int:
    count = 0
    for value in reversed(values):
        if not value:
            break
        count += 1
    return count
