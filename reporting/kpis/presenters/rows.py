"""What does a row of data say about a KPI? As its page does: the figures of the newest published month."""

from collections.abc import Iterable

from core.files import Row
from core.months import Month
from reporting.kpis.presenters.standings import KpiRow

# The names are an interface: somebody's system reads them.
KPI_COLUMNS = {
    "number": "The KPI’s number, as on its page.",
    "title": "Its title.",
    "indicator": "The code of the indicator that it is about.",
    "board": "The code of the board that owns it.",
    "strand": "The code of the strand of the plan that it belongs to.",
    "owner": "Who is responsible for it.",
    "state": "How it is doing.",
    "said": "The same as a sentence.",
    "value": "The figures of the last months together, up to twelve. Empty without a figure.",
    "lower": "The bottom of their 95% range.",
    "upper": "The top of that range.",
    "unit": "What they are counted in.",
    "months": "How many months count.",
    "due_baseline": "What the baseline would give over the same months.",
    "due_trajectory": "What the path from the baseline to the target would give.",
    "due_target": "What the target would give.",
    "baseline": "The baseline of a month, as it was set.",
    "target": "The target of a month, as it was set.",
    "target_month": "When the target should be reached.",
}


def kpi_rows(rows: Iterable[KpiRow]) -> list[Row]:
    return [
        {
            "number": row.reference,
            "title": row.line.title,
            "indicator": row.line.indicator_code,
            "board": row.line.board_code,
            "strand": row.line.strand_code,
            "owner": row.line.owner or None,
            "state": row.line.state,
            "said": row.line.said,
            "value": row.line.value,
            "lower": row.line.lower,
            "upper": row.line.upper,
            "unit": row.line.unit,
            "months": row.line.months,
            "due_baseline": row.line.due_baseline,
            "due_trajectory": row.line.due_trajectory,
            "due_target": row.line.due_target,
            "baseline": row.line.baseline,
            "target": row.line.target,
            "target_month": str(Month.of(row.line.target_month)),
        }
        for row in rows
    ]
