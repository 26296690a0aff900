"""Which chapters has a pack, and may it be issued?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from core.chain import Head
from indicators.disclosure import Audience, Marking
from reporting.models import PackKind, PublicEdition, Snapshot, SnapshotState
from reporting.packs.presenters import (
    back,
    commentary,
    cover,
    glance,
    highlights,
    impact,
    indicators,
    kpis,
    month,
    standing,
    unmeasured,
    year,
    year_done,
    year_impact,
    year_kpis,
    years,
)
from reporting.packs.presenters import plan as plan_chapters
from reporting.packs.presenters.names import draft_file_name, make_reference, make_title
from reporting.packs.presenters.shapes import Chapter, Pack
from reporting.packs.presenters.sources import Order, Sources, gather_sources
from reporting.packs.presenters.spelt_out import spelt, spelt_out

# The chapters of each kind of pack, in order. A chapter without content is a line, or left out.
type MakeChapter = Callable[[Sources], Chapter | None]
NO_RECORD = Head()
CHAPTERS: dict[PackKind, tuple[MakeChapter, ...]] = {
    PackKind.MONTH: (
        commentary.commentary,
        standing.stands_out,
        month.month_on_a_page,
        plan_chapters.plan,
        plan_chapters.challenges,
        impact.impact,
        glance.year_at_a_glance,
        indicators.indicators,
        indicators.others,
        month.breakdowns,
        highlights.highlights,
        kpis.kpis,
        back.responsibilities,
        back.revisions,
        back.missing,
        back.method,
    ),
    PackKind.YEAR: (
        year.year_changed,
        years.years,
        year.twelve_months,
        year_kpis.kpis,
        year_impact.impact,
        year_done.done,
        year_done.engagement,
        unmeasured.unmeasured,
        indicators.indicators,
        indicators.others,
        year.completeness,
        plan_chapters.challenges,
        highlights.highlights,
        back.responsibilities,
        back.revisions,
        back.method,
    ),
    PackKind.APPENDIX: (
        commentary.commentary,
        standing.stands_out,
        plan_chapters.plan,
        plan_chapters.challenges,
        impact.impact,
        glance.year_at_a_glance,
        indicators.indicators,
        indicators.others,
        month.breakdowns,
        kpis.kpis,
        back.revisions,
        back.missing,
        back.method,
    ),
}
FOR_PARTNERS = frozenset(
    {"commentary", "plan", "challenges", "impact", "kpis", "done", "engagement", "unmeasured"}
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
    sources = gather_sources(order, include_drafts=include_drafts)
    own, view = sources.own, sources.own.month
    title = make_title(order)
    number = reference or f"{make_reference(order)}, not issued"
    day = view.position.removeprefix("Position at ")
    chapters = tuple(spelt_out(each) for make in CHAPTERS[order.kind] if (each := make(sources)) is not None)
    pack = Pack(
        title=f"{own.name}: {title[:1].lower()}{title[1:]}, {view.area}",
        area=view.area,
        marking=view.marking,
        running_head=f"{view.area}, {own.short_name}",
        month=view.month.label,
        imprint=f"{number} · {version_line(sources)} · Data as at {day}",
        taken_at=int(view.taken_at.timestamp()),
        cover=spelt(cover.cover(sources, reference, record), set()),
        chapters=chapters,
    )
    return MadePack(order, pack, sources.snapshot, sources.edition, obstacle(sources, chapters))


def version_line(sources: Sources) -> str:
    """ "Version 1, published"."""
    words = cover.describe_version(sources)
    return words if sources.edition is not None else f"Version {words}"


def obstacle(sources: Sources, chapters: Iterable[Chapter]) -> str:
    """Say why a pack of these chapters can't be issued as it is; empty if it can."""
    order, view = sources.order, sources.own.month
    label = view.month.label
    if order.board.retired:
        return f"The {order.board.name} is retired, so it no longer gets packs."
    if sources.snapshot.state != SnapshotState.PUBLISHED:
        return f"{label} is a draft. Publish it first: you can download a draft, but not issue it."
    if view.superseded:
        return f"Version {view.version} of {label} is {view.superseded}. Issue the newest version."
    if order.audience is Audience.PUBLIC and view.marking == Marking.SENSITIVE:
        return f"{label} is marked {view.marking} for the public, so they can’t have a pack of it."
    if sources.is_withdrawn:
        return f"The newest public edition of {label} was withdrawn. Publish another one first."
    if order.audience is Audience.PUBLIC and sources.edition is None:
        return f"{label} is not public. Make its edition public first."
    is_needed = sources.lines or any(chapter.key in FOR_PARTNERS and chapter.blocks for chapter in chapters)
    if order.kind is PackKind.APPENDIX and not is_needed:
        return f"Nothing of this board’s in {label} is withheld from the public, so it needs no appendix."
    return ""
