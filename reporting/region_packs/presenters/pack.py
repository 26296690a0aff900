"""A region's month as a pack: its cover and its chapters, as plain data."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from django.utils import timezone

from core.months import Month, date_label
from reporting.models import IssuedRegionPack
from reporting.packs.presenters.names import safe
from reporting.packs.presenters.shapes import Chapter, Cover, Pack
from reporting.packs.presenters.spelt_out import spelt, spelt_out
from reporting.region_packs.presenters import pictures, tables, words
from reporting.region_packs.presenters.sources import Sources
from reporting.regions.presenters.states import summarise

CHAPTERS: tuple[Callable[[Sources], Chapter | None], ...] = (
    words.stands_out,
    pictures.beyond_chance,
    tables.figures,
    pictures.every_area,
    pictures.lines,
    words.areas,
    words.left_out,
    words.method,
)
OF_THE_ISSUE = ("Meeting", "Pack number", "Issued by")  # facts that are entered when a pack is issued


@dataclass(frozen=True, slots=True)
class Issue:
    """What a pack is issued with; a draft has nothing of it."""

    meeting: str = ""
    meeting_on: date | None = None
    reference: str = ""
    by: str = ""


def make_reference(slug: str, month: Month, number: int) -> str:
    """ "ESSEX-2026-10-REGION-1"."""
    return f"{slug}-{month}-region-{number}".upper()


def make_file_name(pack: IssuedRegionPack) -> str:
    """ "OFFICIAL-SENSITIVE ESSEX-2026-10-REGION-1.pdf"."""
    return safe([pack.marking, pack.reference])


def make_token(pack: Pack) -> str:
    """Return a token that changes with what the pack says, but not with its number or meeting."""
    facts = [fact for fact in pack.cover.facts if fact[0] not in OF_THE_ISSUE]
    said = (pack.title, pack.marking, replace(pack.cover, facts=()), facts, pack.chapters)
    return sha256(repr(said).encode()).hexdigest()


def make_pack(sources: Sources, issue: Issue = Issue()) -> Pack:
    """Make the pack of a month."""
    region, month = sources.region, sources.month
    day = date_label(timezone.localdate(sources.taken_at))
    return Pack(
        title=f"{region}: regional pack for {month.label}",
        area=region,
        marking=sources.marking,
        running_head=region,
        month=month.label,
        imprint=f"{issue.reference or 'Draft, not issued'} · Data as at {day}",
        taken_at=int(sources.taken_at.timestamp()),
        cover=spelt(make_cover(sources, issue, day), set()),
        chapters=tuple(spelt_out(each) for make in CHAPTERS if (each := make(sources)) is not None),
    )


def make_cover(sources: Sources, issue: Issue, day: str) -> Cover:
    meeting = ", ".join(filter(None, (issue.meeting, date_label(issue.meeting_on) if issue.meeting_on else "")))
    facts = [
        ("Meeting", meeting or "Not given yet"),
        ("Pack number", issue.reference or "Not issued"),
        ("Issued by", issue.by),
        ("Marking", sources.marking),
        ("For", "People of the region: each area agreed to what is here"),
        ("Figures", f"Data as at {day}"),
        ("Areas", summarise(sources.areas)),
    ]
    number = len(sources.parts)
    return Cover(
        area=f"Region of {len(sources.areas)} areas",
        board=sources.region,
        formerly="",
        basis=f"With figures of {number} area{'' if number == 1 else 's'}",
        title=f"Regional pack for {sources.month.label}",
        state="",
        asks=(),
        facts=tuple((label, text) for label, text in facts if text),
    )
