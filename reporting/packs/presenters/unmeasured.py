"""What was not measured in the year? For partners only."""

from collections.abc import Iterator

from actions.models import Action
from actions.workflow import ActionState
from boards.selectors import list_strands
from indicators.signals import LEAST_FIGURES
from indicators.year_on_year import YEAR
from reporting.kpis.selectors import list_kpi_lines
from reporting.months.presenters.words import lower_first
from reporting.packs.presenters.shapes import Block, Bullets, Chapter, Heading, Paragraph, empty
from reporting.packs.presenters.sources import Sources, whose
from reporting.packs.selectors.duties import list_duties_without_indicator

TITLE = "What was not measured"


def unmeasured(sources: Sources) -> Chapter | None:
    if sources.is_public:
        return None
    found = [(title, key, items) for title, key, items in list_gaps(sources) if items]
    if not found:
        return empty("unmeasured", TITLE, "Every action has a measure, every strand a KPI, every duty an indicator.")
    blocks: list[Block] = []
    for title, key, items in found:
        blocks += [Heading(title, f"unmeasured-{key}"), Bullets(tuple(items))]
    blocks.append(Paragraph(HOW, look="quiet"))
    return Chapter("unmeasured", TITLE, tuple(blocks), follows=True)


HOW = (
    "A duty is text and names no indicator. It is listed if its board has no indicator at all. Each other board can "
    "say whether its indicators measure its duties."
)


def list_gaps(sources: Sources) -> Iterator[tuple[str, str, list[str]]]:
    yield "Actions without a measure", "actions", list(map(describe_action, list_without_measure(sources)))
    yield "Strands without a KPI", "strands", list_strands_without(sources)
    yield "Duties without an indicator", "duties", list_duties(sources)
    title = f"Indicators with fewer than {LEAST_FIGURES} figures in the last {2 * YEAR} months"
    yield title, "figures", list_young(sources)


def list_without_measure(sources: Sources) -> list[Action]:
    return [each for each in sources.actions if each.measure is None and each.state == ActionState.OPEN]


def describe_action(action: Action) -> str:
    return f"{action.reference} {action.title}: {lower_first(action.no_measure_why)}"


def list_strands_without(sources: Sources) -> list[str]:
    """List strands of the area, whatever the board."""
    held = {line.strand_code for line in list_kpi_lines(sources.snapshot)}
    return [strand.name for strand in list_strands(sources.area) if strand.code not in held]


def list_duties(sources: Sources) -> list[str]:
    """List the board's duties; for the strategic group, those of all boards."""
    board = whose(sources.order.board)
    found = list_duties_without_indicator(sources.area, sources.snapshot, board=board)
    return [f"{duty.board.short_name}: {duty.text}" for duty in found]


def list_young(sources: Sources) -> list[str]:
    found = []
    for series in sources.yearly:
        figures = sum(point.value is not None for point in series.points[-2 * YEAR :])
        if figures < LEAST_FIGURES:
            found.append(f"{series.line.title}: {figures}")
    return found
