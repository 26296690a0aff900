"""What stands on a pack's cover, and on the page that says what changed?"""

from collections.abc import Iterable, Iterator

from django.utils import timezone

from core.months import date_label
from indicators.disclosure import Audience
from indicators.trend import CellState, Movement
from reporting.models import PackCharts, PackKind, PackScope, SnapshotState
from reporting.months.presenters.shapes import LineView
from reporting.months.presenters.words import beside_chance, lower_first
from reporting.packs.presenters.names import make_reference, make_title
from reporting.packs.presenters.shapes import (
    Arrow,
    Block,
    Bullets,
    Cell,
    Chapter,
    Column,
    Cover,
    Heading,
    Paragraph,
    Table,
)
from reporting.packs.presenters.sources import Order, Sources

FOR = {
    Audience.PARTNERS: "Partners under the information-sharing agreement",
    Audience.PUBLIC: "The public: small numbers are withheld",
}
STATE_WORDS = {
    SnapshotState.DRAFT: "Draft: not published, and the figures may still change",
    SnapshotState.PUBLISHED: "Published",
}
ARROWS: dict[Movement, Arrow] = {
    Movement.UP: "up",
    Movement.DOWN: "down",
    Movement.LEVEL: "level",
    Movement.NONE: "",
}
OF_THE_ISSUE = ("Meeting", "Pack number")  # facts that are given when a pack is issued
MOST_ROWS, MOST_NAMES = 14, 16  # on the page that says what changed


def cover(sources: Sources, reference: str) -> Cover:
    order, own, month = sources.order, sources.own, sources.own.month
    facts = [
        ("Meeting", describe_meeting(order)),
        ("Pack number", reference or f"{make_reference(order)}, not issued"),
        ("Marking", month.marking),
        ("For", FOR[order.audience]),
        ("Figures", month.position),
        ("Completeness", month.completeness.sentence),
        ("Timeliness", month.timeliness),
        ("Version", describe_version(sources)),
        ("Approved", describe_approval(sources)),
        ("Charts", order.charts.label if order.charts is PackCharts.NHS else ""),
        ("Pages of", "Only those indicators that stand out" if order.scope is PackScope.SIGNALS else ""),
    ]
    return Cover(
        area=month.area,
        board=own.name,
        formerly=f"Formerly the {own.formerly}" if own.formerly else "",
        basis=own.basis,
        title=make_title(order),
        state=describe_state(sources),
        facts=tuple((label, text) for label, text in facts if text),
    )


def describe_state(sources: Sources) -> str:
    month = sources.own.month
    if month.superseded:
        return f"{month.superseded[:1].upper()}{month.superseded[1:]}"
    if sources.is_public and not month.is_public:
        return "Draft: not published for the public, and the figures may still change"
    return STATE_WORDS[SnapshotState(month.state)]


def describe_version(sources: Sources) -> str:
    month = sources.own.month
    if sources.edition is not None:
        return f"Edition {sources.edition.number} for the public, of version {month.version}"
    return f"{month.version}, {month.superseded or SnapshotState(month.state).label.lower()}"


def describe_meeting(order: Order) -> str:
    """ "Strategic meeting, 27 November 2026"."""
    day = date_label(order.meeting_on) if order.meeting_on else ""
    return ", ".join(filter(None, (order.meeting.strip(), day))) or "Not given yet"


def describe_approval(sources: Sources) -> str:
    """Who stood for it that these figures are shown, and when. The public is told when alone."""
    edition, snapshot = sources.edition, sources.snapshot
    if edition is not None and edition.published_at is not None:
        return f"For the public, on {date_label(timezone.localdate(edition.published_at))}"
    if sources.is_public or snapshot.published_at is None:
        return "Not yet"
    return f"By {snapshot.published_by}, on {date_label(timezone.localdate(snapshot.published_at))}"


# --- What changed ---------------------------------------------------------------------------------


def changed(sources: Sources) -> Chapter:
    """On one page: what stands out, what else moved, what was revised, and what is missing."""
    month = sources.own.month
    blocks: list[Block] = [Paragraph(f"{month.completeness.sentence}. {month.position}.", look="lead")]
    if not sources.lines:
        blocks.append(Paragraph(no_indicators(sources)))
        return Chapter("changed", "What changed", tuple(blocks))
    blocks += standing_out(month.changed, total=len(sources.lines))
    if month.watched:
        watched = tuple(f"{line.label}: {line.verdict.removeprefix('Watch: ')}." for line in month.watched)
        blocks += [Heading("Worth a watch", "watched"), Bullets(watched)]
    if chance := beside_chance(month):
        blocks.append(Paragraph(chance, look="quiet"))
    moved = tuple(moves([line for line in sources.lines if not line.has_signal], sources.month.previous.name))
    if moved:
        blocks += [Heading("What else moved", "moved"), Bullets(moved)]
    blocks += [Heading("Revised and missing", "counts"), Bullets(tuple(counts(sources)))]
    return Chapter("changed", "What changed", tuple(blocks))


def no_indicators(sources: Sources) -> str:
    if sources.order.kind is PackKind.APPENDIX:
        return (
            f"Nothing of this board’s in {sources.month.label} is kept from the public: the public pack shows it all."
        )
    words = f"No indicators are set up for this board in {sources.month.label}."
    return words if sources.is_public else f"{words} The coordinator adds them in Set-up."


def standing_out(lines: Iterable[LineView], *, total: int) -> Iterator[Block]:
    """What is further from usual than chance would often put it."""
    found = list(lines)
    if not found:
        yield Paragraph(f"Nothing stands out: none of the {total} figures is as far from what is usual as that takes.")
        return
    yield Table(
        caption="Standing out from what is usual",
        columns=(
            Column("Figure", 3),
            Column("Now", 1, is_number=True),
            Column("Movement", 3),
            Column("What it tells", 5),
        ),
        rows=tuple(
            (
                Cell(line.label, is_strong=True),
                Cell(line.short_text, is_strong=True),
                moved_cell(line),
                Cell(f"{line.verdict}."),
            )
            for line in found[:MOST_ROWS]
        ),
    )
    if len(found) > MOST_ROWS:
        yield Paragraph(f"{len(found) - MOST_ROWS} more stand out: see the pages of the indicators.")


def says_withheld(line: LineView) -> bool:
    """To the public, why there is no arrow goes without saying where the figure itself is withheld."""
    return line.is_public and line.state is CellState.WITHHELD


def moved_cell(line: LineView) -> Cell:
    return Cell(line.note if says_withheld(line) else line.words, arrow=find_arrow(line.movement))


def find_arrow(movement: Movement | None) -> Arrow:
    """Which arrow is drawn for a movement; none where there is none, or where it isn’t known."""
    return ARROWS[movement] if movement is not None else ""


def moves(lines: Iterable[LineView], before: str) -> Iterator[str]:
    """ "Up since September, and not told from chance: drug arrests 12 (from 9), …"."""
    every = list(lines)
    for movement, words in (
        (Movement.UP, f"Up since {before}"),
        (Movement.DOWN, f"Down since {before}"),
        (Movement.LEVEL, f"Level with {before}"),
    ):
        moved = [line for line in every if line.movement is movement]
        if moved:
            yield f"{words}: {names([named(line) for line in moved])}."
    without = [f"{lower_first(line.title)} {line.text}" for line in every if line.is_figure and not line.has_arrow]
    if without:
        yield f"Without an arrow: {names(without)}."


def named(line: LineView) -> str:
    if line.movement is Movement.LEVEL:
        return f"{lower_first(line.title)} {line.text}"
    return f"{lower_first(line.title)} {line.text} (from {line.previous_text})"


def names(every: list[str]) -> str:
    """All of them in one sentence, or as many as a page takes."""
    shown = every[:MOST_NAMES]
    if len(every) > MOST_NAMES:
        return f"{'; '.join(shown)}; and {len(every) - MOST_NAMES} others"
    return "; ".join(shown)


def counts(sources: Sources) -> Iterator[str]:
    figures = sum(len(one.figures) for one in sources.revisions)
    if figures:
        yield f"{figures} {'figure was' if figures == 1 else 'figures were'} revised: see “Revisions”."
    else:
        yield "No figure was revised."
    missing = [line for line in sources.lines if not line.is_figure]
    withheld = [line for line in missing if line.state is CellState.WITHHELD]
    if not missing:
        yield f"No figure of {sources.month.label} is missing."
    else:
        which = f"{len(missing)} of {len(sources.lines)} figures of {sources.month.label}"
        told = f", {len(withheld)} of them because they are withheld from the public" if withheld else ""
        yield f"{which} {'is' if len(missing) == 1 else 'are'} missing{told}: see “Missing figures, and why”."
