"""What does a series look like as an NHS control chart (XmR), for readers who are used to it? Its signals aren't
judged.
"""

from collections.abc import Iterator, Sequence

from indicators.spc import Signal, analyse
from indicators.trend import Polarity
from reporting.charts.control_chart import Start, Usual
from reporting.months.presenters.past_months import PastMonth

WHY_IT_DIFFERS = (
    "The same figures as an NHS control chart (XmR). Its limits come from all the months shown under one definition. "
    "It doesn’t allow for seasons or new levels, so its signals may differ. Only this product’s own method says what "
    "is Better or Worse."
)


def nhs_months(values: Sequence[int | None], starts: Sequence[Start]) -> Iterator[PastMonth]:
    """Yield each month by the rules of indicators.spc, each part of the series by itself."""
    chart = analyse(values, polarity=Polarity.NEUTRAL, step_changes=[start.at for start in starts if start.breaks])
    for value, middle, lower, upper, signal in zip(
        values, chart.mean, chart.lower, chart.upper, chart.signal, strict=True
    ):
        usual = Usual(lower, middle, upper) if middle is not None else None
        is_signal = value is not None and signal is not Signal.NONE
        yield PastMonth(usual, look="unjudged" if is_signal else "", shows=signal.label[:1].upper() + signal.label[1:])
