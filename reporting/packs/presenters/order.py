"""Makes the pack that somebody orders: its chapters, and whether it may be issued.

A pack spells out each abbreviation where a page first uses it. Only the paper shows where a page ends. So each is
spelt out again at everything that may start a page: a chapter, a heading, a table, a row of large tiles, and a row
of a table that may cross a page's end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from hashlib import sha256
from typing import Any

from core.chain import Head
from indicators.disclosure import Audience, Marking
from reporting.models import PackKind, PublicEdition, Snapshot, SnapshotState
from reporting.packs.presenters import back, cover, month, pathways, plan, year
from reporting.packs.presenters.cover import draft_file_name, make_reference, make_title
from reporting.packs.presenters.shapes import Abreast, Block, Chapter, Heading, Pack, Table, Tiles
from reporting.packs.presenters.sources import Order, Sources, read_sources
from reporting.public.abbreviations import spell_out

# Parts that nobody reads as text of the page, or that are read aloud alone.
NO_WORDS = {"key", "kind", "look", "arrow", "mark", "svg", "sha256", "content", "alt"}
LONGEST_TABLE, MOST_WORDS = 8, 1500  # rows and letters of a table that stays on one page, as a rule
IN_A_ROW, IN_A_ROW_OF_SMALL = 2, 3  # tiles


def spelt_out(chapter: Chapter) -> Chapter:
    seen: set[str] = set()
    title = spell_out(chapter.title, seen)
    blocks = tuple(spelt_blocks(chapter.blocks, seen))
    return replace(chapter, title=title, blocks=blocks, line=spell_out(chapter.line, seen))


def spelt_blocks(blocks: tuple[Block, ...], seen: set[str]) -> Iterator[Block]:
    for block in blocks:
        match block:
            case Heading():
                seen.clear()
                yield spelt(block, seen)
            case Table():
                yield spelt_table(block)
            case Tiles():
                yield replace(block, tiles=tuple(spelt_tiles(block)))
            case Abreast():
                left, right = (tuple(spelt_blocks(side, seen)) for side in (block.left, block.right))
                yield replace(block, left=left, right=right)
            case _:
                yield spelt(block, seen)


def spelt_table(table: Table) -> Table:
    seen: set[str] = set()
    caption, columns = spelt(table.caption, seen), spelt(table.columns, seen)
    letters = sum(len(cell.text) + sum(map(len, cell.more)) for row in table.rows for cell in row)
    may_break = len(table.rows) > LONGEST_TABLE or letters > MOST_WORDS
    rows = tuple(spelt(row, set() if may_break else seen) for row in table.rows)
    return replace(table, caption=caption, columns=columns, rows=rows, marks=spelt(table.marks, set()))


def spelt_tiles(block: Tiles) -> Iterator[Any]:
    seen: set[str] = set()
    in_a_row = IN_A_ROW if block.are_large else IN_A_ROW_OF_SMALL
    for place, tile in enumerate(block.tiles):
        if place % in_a_row == 0:  # a page may begin with it
            seen.clear()
        yield spelt(tile, seen)


def spelt[Part](part: Part, seen: set[str]) -> Part:
    """Spell out all text of a part of a pack, in reading order."""
    block: Part = _spelt(part, seen)
    return block


def _spelt(part: Any, seen: set[str]) -> Any:
    if isinstance(part, str):
        return spell_out(part, seen)
    if isinstance(part, tuple):
        return tuple(_spelt(child, seen) for child in part)
    if is_dataclass(part) and not isinstance(part, type):
        changed: Mapping[str, Any] = {
            field.name: _spelt(getattr(part, field.name), seen) for field in fields(part) if field.name not in NO_WORDS
        }
        return replace(part, **changed)
    return part


# The chapters of each kind of pack, in order. A chapter without content is a line, or left out.
type MakeChapter = Callable[[Sources], Chapter | None]
NO_RECORD = Head()
CHAPTERS: dict[PackKind, tuple[MakeChapter, ...]] = {
    PackKind.MONTH: (
        month.commentary,
        month.stands_out,
        month.month_on_a_page,
        month.year_at_a_glance,
        plan.plan,
        plan.challenges,
        pathways.impact,
        month.indicators,
        month.others,
        month.breakdowns,
        plan.highlights,
        plan.kpis,
        back.responsibilities,
        back.revisions,
        back.missing,
        back.method,
    ),
    PackKind.YEAR: (
        year.year_changed,
        year.years,
        year.twelve_months,
        year.kpis,
        pathways.year_impact,
        year.done,
        year.engagement,
        back.unmeasured,
        month.indicators,
        month.others,
        year.completeness,
        plan.challenges,
        plan.highlights,
        back.responsibilities,
        back.revisions,
        back.method,
    ),
    PackKind.APPENDIX: (
        month.commentary,
        month.stands_out,
        month.year_at_a_glance,
        plan.plan,
        plan.challenges,
        plan.impact,
        month.indicators,
        month.others,
        month.breakdowns,
        plan.kpis,
        back.revisions,
        back.missing,
        back.method,
    ),
}
# One or two indicators: one or two pages, on which nothing is said a second time.
SAID_IN_FULL = frozenset({month.month_on_a_page, month.year_at_a_glance, month.indicators})
FOR_PARTNERS = frozenset(
    {"commentary", "plan", "challenges", "impact", "kpis", "pathways", "done", "engagement", "unmeasured"}
)  # chapters that public packs don't have


@dataclass(frozen=True, slots=True)
class MadePack:
    """A pack with its sources. `edition` is the public edition of a public pack, None for a preview. `obstacle` is a
    sentence on why it can't be issued as it is; empty if it can.
    """

    order: Order
    pack: Pack
    snapshot: Snapshot
    edition: PublicEdition | None
    obstacle: str

    @property
    def token(self) -> str:
        """Return a token that changes with what the pack says, but not with its number or meeting."""
        pack, front = self.pack, self.pack.cover
        facts = [fact for fact in front.facts if fact[0] not in cover.OF_THE_ISSUE]
        said = (pack.title, pack.area, pack.marking, replace(front, facts=()), facts, pack.chapters)
        # Of a photo, the `repr` has the hash instead of the content.
        return sha256(repr(said).encode()).hexdigest()

    @property
    def file_name(self) -> str:
        """Return the file name of a draft. An issued pack is named by its number."""
        return draft_file_name(
            self.order,
            version=self.snapshot.version,
            marking=self.pack.marking,
            is_draft=self.snapshot.state != SnapshotState.PUBLISHED,
        )


def make_pack(order: Order, *, include_drafts: bool, reference: str = "", record: Head = NO_RECORD) -> MadePack:
    """Make a pack. Raises NotHeld if there is nothing to show, or AudienceRefused. `reference` is the number of an
    issued pack, and `record` the head of the area's record; a draft has neither.
    """
    sources = read_sources(order, include_drafts=include_drafts)
    board, view = sources.board, sources.board.month
    title = make_title(order)
    number = reference or f"{make_reference(order)}, not issued"
    makers = [make for make in CHAPTERS[order.kind] if not (sources.is_short and make in SAID_IN_FULL)]
    chapters = tuple(spelt_out(chapter) for make in makers if (chapter := make(sources)) is not None)
    pack = Pack(
        title=f"{board.name}: {title[:1].lower()}{title[1:]}, {view.area}",
        area=view.area,
        marking=view.marking,
        running_head=f"{view.area}, {board.short_name}",
        month=view.month.label,
        imprint=f"{number} · {version_line(sources)} · Figures as at {view.taken_on}",
        taken_at=int(view.taken_at.timestamp()),
        cover=spelt(cover.cover(sources, reference, record), set()),
        chapters=chapters,
        is_short=sources.is_short,
    )
    return MadePack(order, pack, sources.snapshot, sources.edition, obstacle(sources, chapters))


def version_line(sources: Sources) -> str:
    """ "Version 1, published"."""
    words = cover.describe_version(sources)
    return words if sources.edition is not None else f"Version {words}"


def obstacle(sources: Sources, chapters: Iterable[Chapter]) -> str:
    """Say why a pack of these chapters can't be issued as it is; empty if it can."""
    order, view = sources.order, sources.board.month
    label = view.month.label
    if order.board.retired:
        return f"The {order.board.name} is retired, so it no longer gets packs."
    if sources.snapshot.state != SnapshotState.PUBLISHED:
        return f"{label} is a draft. Publish it first: you can download a draft, but not issue it."
    if view.superseded:
        return f"Version {view.version} of {label} is {view.superseded}. Issue the newest version."
    if order.audience is Audience.PUBLIC and view.marking == Marking.SENSITIVE:
        return f"{label} is marked {view.marking} for the public, so it can’t have a public pack."
    if sources.is_withdrawn:
        return f"The newest public edition of {label} was withdrawn. Publish another one first."
    if order.audience is Audience.PUBLIC and sources.edition is None:
        return f"{label} is not public. Make its edition public first."
    is_needed = sources.lines or any(chapter.key in FOR_PARTNERS and chapter.blocks for chapter in chapters)
    if order.kind is PackKind.APPENDIX and not is_needed:
        return f"Nothing for this board in {label} is withheld from the public, so no appendix is needed."
    return ""
