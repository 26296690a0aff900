"""A whole document as it is now, made of what packs are made of: its cover, its chapters, and how it was made."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.utils import timezone

from core.calendar import date_label
from core.texts import count_of_noun
from indicators.disclosure import USUAL_MARKING, Audience
from reporting.documents.presenters.prose import make_prose
from reporting.models import ChapterFigure, Document, DocumentAgreement, DocumentChapter
from reporting.packs.presenters.cover import FOR, safe
from reporting.packs.presenters.shapes import Block, Cell, Chapter, Column, Cover, Heading, Pack, Paragraph, Table
from reporting.public.abbreviations import spell_out
from reporting.workflow import DocumentSide

NO_TEXT = "This chapter has no text yet."
MADE = "How this document was made"


def make_whole(
    document: Document,
    chapters: Sequence[DocumentChapter],
    agreements: Sequence[DocumentAgreement],
    *,
    audience: Audience,
    reference: str = "",
    shown: Collection[int] | None = None,
) -> Pack:
    """Make a document for an audience. `reference` is the number of a frozen one; a draft has none. `shown` has the
    keys of the figures that the public may see."""
    number = reference or f"{make_reference(document)}, not frozen"
    marking = USUAL_MARKING[audience].value
    facts = [
        ("Document number", number),
        ("Marking", marking),
        ("For", FOR[audience]),
        # The public reads no names.
        ("Agreed", describe_agreements(agreements) if audience is Audience.PARTNERS else ""),
        ("Started from", f"The chapters of {document.previous}" if document.previous else ""),
    ]
    area = document.area.name
    return Pack(
        title=f"{document}, {area}",
        area=area,
        marking=marking,
        running_head=f"{area}, {document.title}",
        month=document.years,
        imprint=number,
        taken_at=int(max(list_moments(document, chapters, agreements)).timestamp()),
        cover=Cover(
            area=area,
            board=document.title,
            formerly="",
            basis="",
            title=document.years,
            state="" if reference else "Draft: its text may still change",
            asks=(),
            facts=tuple((label, text) for label, text in facts if text),
        ),
        chapters=(
            *(make_chapter(chapter, place, shown) for place, chapter in enumerate(chapters, start=1)),
            describe_making(chapters, audience),
        ),
    )


def make_reference(document: Document, number: int | None = None) -> str:
    """ "ANYTOWN-NEEDS-2026-1"; of a draft without its last number."""
    reference = f"{document.area.slug}-{document.kind}-{document.year}".upper()
    return reference if number is None else f"{reference}-{number}"


def make_file_name(marking: str, reference: str) -> str:
    return safe([marking, reference])


def list_moments(
    document: Document, chapters: Iterable[DocumentChapter], agreements: Iterable[DocumentAgreement]
) -> list[Any]:
    """Return when it was changed and agreed to, so that the same document gives the same file."""
    moments = [moment for chapter in chapters for moment in (chapter.changed_at, chapter.agreed_at) if moment]
    return [document.begun_at, *moments, *(agreement.agreed_at for agreement in agreements)]


def make_chapter(chapter: DocumentChapter, place: int, shown: Collection[int] | None) -> Chapter:
    """Make a chapter: its text, its figures, and what changed since last year. `shown` as above; None for partners."""
    key = f"chapter-{place}"
    blocks = make_prose(chapter.text, key=key) or [Paragraph(NO_TEXT, look="quiet")]
    left_out = 0
    for figure in chapter.figures.all():
        figure_key = f"{key}-figure-{figure.pk}"
        if shown is None:
            blocks += (*make_figure(figure, figure.blocks, key=figure_key), Paragraph(figure.source, look="quiet"))
        elif figure.pk in shown:
            # Its source is among its blocks: it isn't the partners’.
            blocks += make_figure(figure, figure.public_blocks or [], key=figure_key)
        else:
            left_out += 1
    if left_out:
        figures = count_of_noun(left_out, "figure")
        blocks.append(Paragraph(f"{figures} for partners only {'is' if left_out == 1 else 'are'} left out.", "quiet"))
    if chapter.changes:
        blocks += (
            Heading("What changed since last year", f"{key}-changes"),
            *make_prose(chapter.changes, key=f"{key}-changed"),
        )
    return Chapter(key, chapter.title, tuple(blocks), follows=place > 1)


def make_figure(figure: ChapterFigure, shown: list[Any], *, key: str) -> list[Block]:
    """Return a figure below its title."""
    return [Heading(spell_out(figure.title, set()), key), *with_own_keys(shown, key)]


def with_own_keys(blocks: list[Any], key: str) -> list[Any]:
    """Return stored blocks whose headings are no other figure's: a page has each key once."""
    return [
        block | {"key": f"{key}-{block['key']}"}
        if block["kind"] == "heading"
        else block | {side: with_own_keys(block[side], key) for side in ("left", "right")}
        if block["kind"] == "abreast"
        else block
        for block in blocks
    ]


def describe_agreements(agreements: Iterable[DocumentAgreement]) -> str:
    """ "By Ann Lee, the coordinator, on 1 December 2026; by …"."""
    words = "; ".join(
        f"by {agreement.agreed_by}, {DocumentSide(agreement.side).label.lower()}, on {date_of(agreement.agreed_at)}"
        for agreement in agreements
    )
    return f"{words[:1].upper()}{words[1:]}"


def describe_making(chapters: Sequence[DocumentChapter], audience: Audience) -> Chapter:
    """Say who wrote and agreed each chapter, and what became of comments. The public reads no names, and nothing of
    comments, which it can't read."""
    is_public = audience is Audience.PUBLIC
    columns = [Column("Chapter", 3), Column("Written by", 2), *([] if is_public else [Column("Agreed", 2)])]
    rows = [
        tuple(Cell(words) for words in (chapter.title, describe_writer(chapter, is_public), describe_agreed(chapter)))
        for chapter in chapters
    ]
    table = Table("Chapters of this document", tuple(columns), tuple(row[: len(columns)] for row in rows))
    blocks: tuple[Block, ...] = (table,) if is_public else (table, Paragraph(describe_comments(chapters), look="quiet"))
    return Chapter("made", MADE, blocks, follows=True)


def describe_comments(chapters: Sequence[DocumentChapter]) -> str:
    said, still_open = (sum(getattr(chapter, name) for chapter in chapters) for name in ("said", "open"))
    return (
        (f"{count_of_noun(said, 'comment')} on the chapters, {still_open:,} not settled yet.")
        if said
        else "No comments."
    )


def describe_writer(chapter: DocumentChapter, is_public: bool) -> str:
    if chapter.owner is None:
        return chapter.owner_title or "The coordinator"
    if is_public:
        return chapter.owner_title or "A member of the partnership"
    return ", ".join(filter(None, (chapter.owner_title, str(chapter.owner))))


def describe_agreed(chapter: DocumentChapter) -> str:
    if chapter.agreed_at is None:
        return chapter.state_label
    return f"{date_of(chapter.agreed_at)}, {chapter.agreed_by}"


def date_of(moment: Any) -> str:
    return date_label(timezone.localdate(moment))
