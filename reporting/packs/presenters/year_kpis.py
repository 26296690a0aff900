"""How far has each KPI come from its baseline? For a year's pack, and only for partners."""

from core.months import Month
from indicators.kpis.scale import show_in
from reporting.kpis.presenters.standings import KpiRow
from reporting.packs.presenters.shapes import Cell, Chapter, Column, Paragraph, Table, empty
from reporting.packs.presenters.sources import Sources

TITLE = "KPIs from baseline to now"
HOW = (
    "“Now” is the last 12 months, or all since the KPI started. For a count taken on one day, it is the newest month. "
    "The baseline below a count is what the same number of months would give at the baseline."
)


def kpis(sources: Sources) -> Chapter | None:
    if sources.is_public:
        return None
    if not sources.kpis:
        return empty("kpis", TITLE, f"This board has no KPI in {sources.month.label}.")
    table = Table(
        caption=f"KPIs in {sources.month.label}",
        columns=(
            Column("KPI", 5),
            Column("Baseline", 4),
            Column("Now", 4),
            Column("Target", 4),
            Column("How it is doing", 6),
        ),
        rows=tuple(make_row(row) for row in sources.kpis),
    )
    return Chapter("kpis", TITLE, (table, Paragraph(HOW, look="quiet")), follows=True)


def make_row(row: KpiRow) -> tuple[Cell, ...]:
    line = row.line
    first, last = Month.of(line.baseline_from), Month.of(line.baseline_to)
    owner = f"Owner: {line.owner}" if line.owner else "It has no owner"
    return (
        Cell(f"{row.reference} {line.title}", is_strong=True, more=(f"{row.kind}. {owner}",)),
        Cell(show_in(line.baseline, line.aim_unit), more=(f"{first.short_label} to {last.short_label}",)),
        now_cell(row),
        Cell(show_in(line.target, line.aim_unit), more=(f"by {Month.of(line.target_month).label}",)),
        Cell(line.said),
    )


def now_cell(row: KpiRow) -> Cell:
    """ "130", "in 12 months", "baseline: 172"."""
    numbers, line = row.numbers, row.line
    if "value" not in numbers:
        return Cell("No figure yet")
    # For a share or rate, the baseline is the same for any months.
    beside = (f"baseline: {numbers['baseline']}",) if line.per is None else ()
    return Cell(numbers["value"], is_strong=True, more=(f"in {row.over}", *beside))
