"""The end of a pack: the board's responsibilities, revisions, missing figures, and how to read it."""

from collections.abc import Iterable, Iterator

from django.utils import timezone

from actions.models import Action
from actions.workflow import ActionState
from core.calendar import date_label
from indicators.judgement.judge import LEAST_FIGURES
from indicators.judgement.promises import promises
from indicators.trend import CellState
from indicators.year_on_year import YEAR
from reporting.models import PackKind
from reporting.months.presenters.changes import ChangedFigure
from reporting.months.presenters.shapes import KEY, LineView
from reporting.months.presenters.words import lower_first
from reporting.packs.presenters.revised import Revised
from reporting.packs.presenters.shapes import (
    Block,
    Bullets,
    Cell,
    Chapter,
    Column,
    Heading,
    Paragraph,
    Table,
    Terms,
    empty,
)
from reporting.packs.presenters.sources import Sources, YearOfPlan
from reporting.packs.presenters.year import READING as OF_YEARS

READING = (
    "An arrow shows how a number changed from the month before. It never shows whether that is good. If there is no "
    "arrow, the pack says why.",
    "The usual range is what we would expect in a month, based on up to four years at the same level. It allows "
    f"for chance, and for how much the figures really move. It needs {LEAST_FIGURES} earlier figures.",
    "We compare the month, and the last three months, six months, 12 months and two years, with the months before. "
    "If they differ a lot, we mark the month “Watch”. If they differ even more, it stands out. For a count on one day, "
    "we look only at the month. Where a figure counts everyone, such as staff in post, chance plays no part.",
    "We say “Better” or “Worse” only if a figure stands out, and if we wrote down beforehand which way is good.",
    "If one or two whole years stand out, and the last six months still do, that is the new level.",
    f"By chance alone, one figure is marked “Watch” about once in {promises().by_chance.years_to_watch} years, and "
    f"stands out about once in {promises().by_chance.years_to_stand_out}. So a mark is a reason to ask, not an answer.",
    "0 means that there were none. We do not estimate missing numbers or skip a month to compare with an older one.",
)
OF_THE_PUBLIC = (
    "We do not show small numbers. We also leave out other numbers, so that no one can work out the small ones. If a "
    "month is not shown, we give no usual range for that figure.",
)


def responsibilities(sources: Sources) -> Chapter:
    duties = sources.board.responsibilities
    if duties:
        return Chapter("responsibilities", "What this board is responsible for", (Bullets(duties),), follows=True)
    words = "No responsibilities are written down yet."
    words = words if sources.is_public else f"{words} The coordinator adds them in Set-up."
    return empty("responsibilities", "What this board is responsible for", words)


# --- Revisions ------------------------------------------------------------------------------------


def revisions(sources: Sources) -> Chapter:
    title, (before, since) = "Revisions since the last pack", describe_since(sources)
    if not sources.revisions:
        return empty("revisions", title, f"None of this board’s figures was revised. {before}")
    blocks: list[Block] = [Paragraph(f"{before} {since}:" if since else before, look="quiet")]
    for one in sources.revisions:
        blocks += revision(one, is_public=sources.is_public)
    return Chapter("revisions", title, tuple(blocks), follows=True)


def describe_since(sources: Sources) -> tuple[str, str]:
    """Return what came before, and since when revisions are listed; the latter is empty if nothing came before."""
    day = date_label(timezone.localdate(sources.since)) if sources.since else ""
    if sources.last:
        which = "last appendix" if sources.order.kind is PackKind.APPENDIX else "last pack"
        return f"The board’s {which}, {sources.last}, was issued on {day}.", "Since then"
    if day:
        published = "made public" if sources.is_public else "published"
        since = f"Since {sources.month.previous.label} was {published}, on {day}"
        return "This is the first pack issued to this board.", since
    return "This is the first pack issued to this board, and no earlier month was published.", ""


def revision(one: Revised, *, is_public: bool) -> Iterator[Block]:
    """Yield the blocks of a revision. Only partners see why and who asked."""
    yield Heading(f"{one.month.label}, {one.words}", f"revision-{one.month}-{one.number}")
    besides = (Column("Why", 6), Column("Who asked, and when", 4))
    yield Table(
        caption=f"Figures for {one.month.label} that differ from {one.before}",
        columns=(
            Column("Figure", 4),
            Column("From", 2, is_number=True),
            Column("To", 2, is_number=True),
            *(() if is_public else besides),
        ),
        rows=tuple(
            (
                Cell(f"{figure.label}: {figure.what}" if figure.what else figure.label, is_strong=True),
                Cell(figure.before),
                Cell(figure.after),
                *(() if is_public else (Cell(figure.why), Cell(who_and_when(figure)))),
            )
            for figure in one.figures
        ),
    )
    if one.consequences:
        yield Paragraph("What this changes:")
        yield Bullets(one.consequences)


def who_and_when(figure: ChangedFigure) -> str:
    return ", ".join(filter(None, (figure.who, figure.when)))


# --- What is missing ------------------------------------------------------------------------------


def missing(sources: Sources) -> Chapter:
    """List each missing figure of the month, and why; for an indicator that is split up, its parts too."""
    lines = [line for line in sources.board.month.lines if not line.is_figure]
    title = "Missing figures, and why"
    if not lines:
        return empty("missing", title, f"No figure for {sources.month.label} is missing.")
    table = Table(
        caption=f"Figures for {sources.month.label} that are {describe_missing(lines)}",
        columns=(Column("Figure", 4), Column("What is known", 3), Column("Why", 6), Column("Supplied by", 3)),
        rows=tuple(missing_row(line) for line in lines),
    )
    return Chapter("missing", title, (table,), follows=True)


def describe_missing(lines: Iterable[LineView]) -> str:
    """Say what they are: a withheld figure exists, but isn't shown."""
    are_withheld = {line.state is CellState.WITHHELD for line in lines}
    return " or ".join(word for word, is_it in (("missing", False), ("not shown", True)) if is_it in are_withheld)


def missing_row(line: LineView) -> tuple[Cell, ...]:
    why = line.note
    if line.state.is_owed:
        why = line.text
    return (
        Cell(line.label, is_strong=True),
        Cell(line.state.label),
        Cell(why[:1].upper() + why[1:] if why else "No reason was given"),
        Cell(line.owner),
    )


# --- How to read it -------------------------------------------------------------------------------


def method(sources: Sources) -> Chapter:
    reading = (READING[:3] + READING[-2:] if sources.is_short else READING) + (
        OF_THE_PUBLIC if sources.is_public else ()
    )
    reading += OF_YEARS if sources.order.kind is PackKind.YEAR else ()
    blocks: list[Block] = [Bullets(reading)]
    shorthand = sources.board.month.key if sources.is_short else KEY
    if shorthand:
        blocks += [Heading("Shorthand", "shorthand"), Terms(shorthand)]
    if sources.about:
        blocks += [
            Heading("What each indicator counts", "definitions"),
            Table(
                caption="Definitions",
                columns=(
                    Column("Indicator", 3),
                    Column("What it counts", 6),
                    Column("Which way is better, and why", 4),
                ),
                rows=tuple(
                    (
                        Cell(one.title, is_strong=True, more=(f"Supplied by {one.owner}",)),
                        Cell(
                            one.definition or "There is no definition yet.",
                            more=(f"Source: {one.source}",) if one.source else (),
                        ),
                        Cell(one.polarity, more=(one.polarity_reason,)),
                    )
                    for one in sources.about
                ),
            ),
        ]
    return Chapter("method", "Method and definitions", tuple(blocks), follows=True)


TITLE = "What was not measured"


def unmeasured(sources: Sources) -> Chapter | None:
    if sources.year is None:
        return None
    gaps = [(title, key, items) for title, key, items in list_gaps(sources, sources.year) if items]
    if not gaps:
        return empty("unmeasured", TITLE, NO_GAPS)
    blocks: list[Block] = []
    for title, key, items in gaps:
        blocks += [Heading(title, f"unmeasured-{key}"), Bullets(tuple(items))]
    blocks.append(Paragraph(HOW, look="quiet"))
    return Chapter("unmeasured", TITLE, tuple(blocks), follows=True)


NO_GAPS = "Every action is linked to an indicator, every strand has a KPI, and every responsibility has an indicator."
HOW = (
    "A responsibility is free text, so it is not linked to an indicator. It is listed if its board has no indicator at "
    "all. Each other board can say whether its indicators measure its responsibilities."
)


def list_gaps(sources: Sources, year: YearOfPlan) -> Iterator[tuple[str, str, list[str]]]:
    yield (
        "Actions that are not linked to an indicator",
        "actions",
        list(map(describe_action, list_without_measure(sources))),
    )
    # Of the area, whatever the board.
    yield "Strands without a KPI", "strands", [strand.name for strand in year.without_kpi]
    # For the strategic group, those of all boards.
    duties = [f"{duty.board.short_name}: {duty.text}" for duty in year.duties]
    yield "Responsibilities without an indicator", "duties", duties
    title = f"Indicators with fewer than {LEAST_FIGURES} figures in the last {2 * YEAR} months"
    yield title, "figures", list_young(sources)


def list_without_measure(sources: Sources) -> list[Action]:
    return [action for action in sources.actions if action.measure is None and action.state == ActionState.OPEN]


def describe_action(action: Action) -> str:
    return f"{action.reference} {action.title}: {lower_first(action.no_measure_why)}"


def list_young(sources: Sources) -> list[str]:
    young = []
    for series, *_ in sources.series:
        figures = sum(point.value is not None for point in series.points[-2 * YEAR :])
        if figures < LEAST_FIGURES:
            young.append(f"{series.line.title}: {figures}")
    return young
