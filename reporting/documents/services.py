"""Begin a document, write, comment on and agree its chapters, agree to it by two people, and freeze it.

Every change locks the document first, so its chapters change one after the other.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, transaction
from django.db.models import Max
from django.utils import timezone

from actions.selectors.plan import is_member
from boards.models import Agency, PartnershipArea
from boards.permissions import access_to, check_can_coordinate
from boards.services.area import changes_between, lock_area
from core import audit
from core.database import lock_row
from core.files import objects
from core.forms.pages import check_revision
from core.labels import TransitionRefused
from core.models import User
from core.pages import NotHeld
from core.texts import LONGEST_TEXT, count_of_noun, one_line, tidy_text
from indicators.disclosure import Audience
from indicators.figures import shorten
from reporting.documents.catalogue import list_chapters as list_catalogue
from reporting.documents.figures import Choice, FigureKind, OpenData, find_too_long
from reporting.documents.permissions import check_can_comment, check_can_settle, check_can_write, list_sides
from reporting.documents.presenters.figures import Taken, take, take_open_data
from reporting.documents.presenters.prose import MOST_COLUMNS, count_columns, make_prose
from reporting.documents.presenters.whole import make_reference, make_whole
from reporting.documents.selectors import find_before, find_newest_edition, list_chapters
from reporting.models import (
    ChapterComment,
    ChapterFigure,
    Document,
    DocumentAgreement,
    DocumentChapter,
    DocumentEdition,
)
from reporting.models.documents import EARLIEST_YEAR, LATEST_YEAR
from reporting.packs.pdf.typesetting import PackNotMade, build_pack
from reporting.workflow import CHAPTER, ChapterState, DocumentKind, DocumentSide

LONGEST_CHANGES = LONGEST_COMMENT = LONGEST_ASKS = 2000
LONGEST_TITLE: int = DocumentChapter._meta.get_field("title").max_length or 0
LONGEST_OWNER: int = DocumentChapter._meta.get_field("owner_title").max_length or 0
MOST_CHAPTERS, MOST_FIGURES = 40, 12
LONGEST_FIGURE_TITLE: int = ChapterFigure._meta.get_field("title").max_length or 0
NOT_SAVED = "The document could not be saved, so it was not frozen. What went wrong: {words}. Tell the operator."


# --- A document ---------------------------------------------------------------------------------------


@transaction.atomic
def begin(area: PartnershipArea, *, kind: DocumentKind, year: int, by: User) -> Document:
    """Begin a document with last year's chapters, or with those of the catalogue. Last year's texts come along, to be
    revised."""
    check_can_coordinate(area, by=by)
    lock_area(area)
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValidationError({"year": f"Choose a year from {EARLIEST_YEAR} to {LATEST_YEAR}."})
    before = find_before(area, kind, year)
    title = before.title if before else kind.label
    document = Document(area=area, kind=kind.value, year=year, title=title, previous=before)
    if Document.objects.filter(area=area, kind=kind.value, year=year).exists():
        raise ValidationError({"year": f"The {kind.label.lower()} {document.years} has already been started."})
    document.begun_at, document.begun_by = timezone.now(), by
    document.save()
    chapters = chapters_of_before(before) if before else chapters_of_catalogue(area, kind)
    for position, chapter in enumerate(chapters):
        chapter.document, chapter.position = document, position
    DocumentChapter.objects.bulk_create(chapters)
    audit.record("document.begun", document, by=by, area=area.slug, chapters=len(chapters))
    return document


def chapters_of_before(before: Document) -> list[DocumentChapter]:
    kept = ("key", "title", "asks", "owner_id", "owner_title", "text")
    rows = before.chapters.order_by("position", "pk").values(*kept)
    return [DocumentChapter(**row) for row in rows]


def chapters_of_catalogue(area: PartnershipArea, kind: DocumentKind) -> list[DocumentChapter]:
    agencies = list(Agency.objects.in_use().filter(area=area))
    kinds = Counter(agency.kind for agency in agencies)
    # Of several of a kind, such as a council's departments, none is chosen.
    labels = dict(Agency.Kind.choices) | {agency.kind: agency.name for agency in agencies if kinds[agency.kind] == 1}
    return [
        DocumentChapter(
            key=entry.key,
            title=entry.title,
            asks=f"{entry.asks} Source: {entry.source}." if entry.source else entry.asks,
            owner_title=labels.get(entry.owner, ""),
        )
        for entry in list_catalogue(kind)
    ]


@transaction.atomic
def remove_document(document: Document, *, by: User) -> None:
    """Remove a document that was never frozen, with its texts. The record says that it was there."""
    check_can_coordinate(document.area, by=by)
    document = lock_row(Document.objects.select_related("area"), document.pk)
    if refusal := why_not_removed(document):
        raise TransitionRefused(refusal)
    audit.record("document.removed", document, by=by, area=document.area.slug, chapters=document.chapters.count())
    document.chapters.all().delete()
    document.delete()


def why_not_removed(document: Document) -> str:
    if document.editions.exists():
        return f"{document} was frozen, so you can’t remove it."
    if later := document.followers.first():
        return f"{later} started from its chapters, so you can’t remove it."
    return ""


def note_change(document: Document, *, by: User) -> None:
    """Count a change of what a document says: nobody has agreed to it as it is now. The caller has locked it."""
    if ended := document.agreements.all().delete()[0]:
        audit.record("document.agreements_ended", document, by=by, area=document.area.slug, count=ended)
    document.revision += 1
    document.public_asked_at = document.public_asked_by = None
    document.save(update_fields=["revision", "public_asked_at", "public_asked_by"])


# --- Its chapters -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterDraft:
    """What a chapter is about, and who writes it."""

    title: str
    asks: str = ""
    owner: User | None = None
    owner_title: str = ""


@transaction.atomic
def add_chapter(document: Document, draft: ChapterDraft, *, by: User) -> DocumentChapter:
    """Add a chapter of the area's own at the end."""
    document = _locked(document, by=by)
    if document.chapters.count() >= MOST_CHAPTERS:
        raise ValidationError(f"A document can have at most {MOST_CHAPTERS} chapters.")
    last = document.chapters.aggregate(last=Max("position"))["last"]
    chapter = DocumentChapter(document=document, position=0 if last is None else last + 1)
    _fill(chapter, draft)
    chapter.save()
    note_change(document, by=by)
    audit.record("document_chapter.added", chapter, by=by, area=document.area.slug)
    return chapter


@transaction.atomic
def change_chapter(chapter: DocumentChapter, draft: ChapterDraft, *, revision: int, by: User) -> DocumentChapter:
    document, chapter = _chapter_locked(chapter)
    check_can_coordinate(document.area, by=by)
    before = DocumentChapter.objects.get(pk=chapter.pk)
    _fill(chapter, draft)
    changes = changes_between(before, chapter)
    if not changes:
        return chapter  # nothing to do, or a form that was sent twice
    check_revision(before, revision, told=f"“{before}” was changed after you opened this form.")
    chapter.revision += 1
    chapter.save(update_fields=["title", "asks", "owner", "owner_title", "revision"])
    note_change(document, by=by)
    audit.record("document_chapter.changed", chapter, by=by, area=document.area.slug, fields=sorted(changes))
    return chapter


@transaction.atomic
def remove_chapter(chapter: DocumentChapter, *, by: User) -> None:
    """Remove a chapter with its text, figures and comments."""
    document, chapter = _chapter_locked(chapter)
    check_can_coordinate(document.area, by=by)
    audit.record("document_chapter.removed", chapter, by=by, area=document.area.slug)
    chapter.delete()
    note_change(document, by=by)


@transaction.atomic
def move_chapter(chapter: DocumentChapter, *, up: bool, by: User) -> None:
    """Move a chapter before the one above it, or after the one below. The first and the last one stay."""
    document, chapter = _chapter_locked(chapter)
    check_can_coordinate(document.area, by=by)
    chapters = list(document.chapters.order_by("position", "pk"))
    place = chapters.index(chapter)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(chapters):
        return
    chapters[place], chapters[other] = chapters[other], chapters[place]
    for position, row in enumerate(chapters):
        row.position = position
    DocumentChapter.objects.bulk_update(chapters, ["position"])
    note_change(document, by=by)
    audit.record("document_chapter.moved", chapter, by=by, area=document.area.slug, position=other + 1)


@transaction.atomic
def write_chapter(
    chapter: DocumentChapter, *, text: str, changes: str = "", revision: int, by: User
) -> DocumentChapter:
    """Save the text of a chapter that isn't agreed. From the second year on it says what changed."""
    document, chapter = _chapter_locked(chapter)
    check_can_write(chapter, by=by)
    text, changes = tidy_text(text), tidy_text(changes)
    is_sent_twice = (chapter.text, chapter.changes, chapter.changed_by_id) == (text, changes, by.pk)
    if is_sent_twice and chapter.state == ChapterState.DRAFTED:
        return chapter
    if chapter.state == ChapterState.AGREED:
        raise TransitionRefused(f"“{chapter}” is agreed. The coordinator can open it again.")
    if errors := _find_faults(text, changes, is_first=document.previous_id is None):
        raise ValidationError(errors)
    told = (
        f"{chapter.changed_by or 'The coordinator'} changed “{chapter}” after you opened it. The changed text is below."
    )
    check_revision(chapter, revision, told=told)
    chapter.text, chapter.changes, chapter.state = text, changes, ChapterState.DRAFTED.value
    chapter.changed_at, chapter.changed_by = timezone.now(), by
    chapter.revision += 1
    chapter.save(update_fields=["text", "changes", "state", "changed_at", "changed_by", "revision"])
    note_change(document, by=by)
    audit.record("document_chapter.written", chapter, by=by, area=document.area.slug, letters=len(text))
    return chapter


@transaction.atomic
def agree_chapter(chapter: DocumentChapter, *, revision: int, by: User) -> DocumentChapter:
    """Agree a chapter as somebody saw it. Whoever writes it can't change it from then on."""
    document, chapter = _chapter_locked(chapter)
    check_can_coordinate(document.area, by=by)
    if chapter.state == ChapterState.AGREED:
        return chapter  # a button that was pressed twice
    CHAPTER.check(before=ChapterState(chapter.state), after=ChapterState.AGREED, thing=f"“{chapter}”")
    check_revision(chapter, revision, told=f"“{chapter}” was changed after you opened it. Read it again.")
    chapter.state, chapter.agreed_at, chapter.agreed_by = ChapterState.AGREED.value, timezone.now(), by
    chapter.save(update_fields=["state", "agreed_at", "agreed_by"])
    audit.record("document_chapter.agreed", chapter, by=by, area=document.area.slug)
    return chapter


@transaction.atomic
def open_chapter(chapter: DocumentChapter, *, by: User) -> DocumentChapter:
    """Open an agreed chapter again."""
    document, chapter = _chapter_locked(chapter)
    check_can_coordinate(document.area, by=by)
    if chapter.state != ChapterState.AGREED:
        return chapter  # a button that was pressed twice
    chapter.state, chapter.agreed_at, chapter.agreed_by = ChapterState.DRAFTED.value, None, None
    chapter.save(update_fields=["state", "agreed_at", "agreed_by"])
    note_change(document, by=by)
    audit.record("document_chapter.opened", chapter, by=by, area=document.area.slug)
    return chapter


@transaction.atomic
def add_comment(chapter: DocumentChapter, *, text: str, by: User) -> ChapterComment:
    check_can_comment(chapter, by=by)
    text = _checked(text, "text", missing="Enter your comment.", longest=LONGEST_COMMENT)
    comment = ChapterComment.objects.create(chapter=chapter, text=text, said_at=timezone.now(), said_by=by)
    audit.record("document_chapter.commented", chapter, by=by, area=chapter.document.area.slug)
    return comment


@transaction.atomic
def settle_comment(comment: ChapterComment, *, answer: str, by: User) -> ChapterComment:
    """Settle a comment, with an answer and a name."""
    check_can_settle(comment, by=by)
    comment = lock_row(ChapterComment.objects.select_related("chapter__document__area", "settled_by"), comment.pk)
    answer = _checked(answer, "answer", missing="Say how it was settled.", longest=LONGEST_COMMENT)
    if comment.settled_at is not None:
        if (comment.answer, comment.settled_by_id) == (answer, by.pk):
            return comment  # a form that was sent twice
        raise TransitionRefused(f"{comment.settled_by} has already settled this comment: {comment.answer}")
    comment.answer, comment.settled_at, comment.settled_by = answer, timezone.now(), by
    comment.save(update_fields=["answer", "settled_at", "settled_by"])
    chapter = comment.chapter
    audit.record("document_chapter.settled", chapter, by=by, area=chapter.document.area.slug)
    return comment


# --- Its figures --------------------------------------------------------------------------------------


def take_figure(chapter: DocumentChapter, choice: Choice, *, by: User) -> ChapterFigure:
    """Take a figure into a chapter, frozen as it is published now. Raises PermissionDenied, TransitionRefused for an
    agreed chapter, or ValidationError if the month doesn't have it."""
    try:
        taken = take(chapter.document.area, choice, today=timezone.localdate())
    except NotHeld as missing:
        raise ValidationError({"what": str(missing)}) from missing
    return _keep(chapter, choice.kind, choice.as_data(), taken, by=by)


def take_numbers(chapter: DocumentChapter, data: OpenData, *, by: User) -> ChapterFigure:
    """Put numbers of open data into a chapter, as somebody typed them. Raises the same."""
    if errors := find_too_long(data):
        raise ValidationError(errors)
    return _keep(chapter, FigureKind.OPEN, {}, take_open_data(data), by=by)


@transaction.atomic
def remove_figure(figure: ChapterFigure, *, by: User) -> None:
    check_can_write(figure.chapter, by=by)
    document, chapter = _chapter_locked(figure.chapter)
    _check_is_open(chapter)
    figure.delete()
    note_change(document, by=by)
    audit.record("document_figure.removed", chapter, by=by, area=document.area.slug, figure=figure.title)


# --- Agreed by two, and frozen ------------------------------------------------------------------------


@transaction.atomic
def agree_document(document: Document, *, side: DocumentSide, revision: int, by: User) -> DocumentAgreement:
    """Agree to a document as somebody read it, for one side. The other side is another person."""
    if side not in list_sides(access_to(document.area, by=by)):
        raise PermissionDenied(f"Only {side.label.lower()} can agree to this document on that side’s behalf.")
    document = lock_row(Document.objects.select_related("area"), document.pk)
    agreements = {row.side: row for row in document.agreements.select_related("agreed_by")}
    if side in agreements:
        if agreements[side].agreed_by_id == by.pk:
            return agreements[side]  # a button that was pressed twice
        raise TransitionRefused(
            f"{agreements[side].agreed_by} has already agreed to this document, as {side.label.lower()}."
        )
    if by.pk in {row.agreed_by_id for row in agreements.values()}:
        raise PermissionDenied(
            "You have agreed to this document for the other side, so someone else has to agree for this side."
        )
    if unready := why_not_agreed(list_chapters(document)):
        raise TransitionRefused(unready)
    check_revision(document, revision, told="The document was changed after you opened it. Read it again.")
    agreement = DocumentAgreement.objects.create(
        document=document, side=side.value, agreed_by=by, agreed_at=timezone.now()
    )
    audit.record("document.agreed", document, by=by, area=document.area.slug, side=side.value)
    return agreement


def why_not_agreed(chapters: list[DocumentChapter]) -> str:
    """Return why nobody can agree to a document of these chapters, as a sentence; empty if they can."""
    if not chapters:
        return "The document has no chapters yet."
    empty = [f"“{chapter}”" for chapter in chapters if not chapter.text]
    if empty:
        return f"No text yet: {', '.join(empty)}."
    waiting = [f"“{chapter}”" for chapter in chapters if chapter.state != ChapterState.AGREED]
    return f"Not agreed yet: {', '.join(waiting)}." if waiting else ""


def why_not_frozen(document: Document, chapters: list[DocumentChapter], agreements: list[DocumentAgreement]) -> str:
    """Return why a document can't be frozen as it is, as a sentence; empty if it can."""
    if unready := why_not_agreed(chapters):
        return unready
    sides = {agreement.side for agreement in agreements}
    missing = [side.label for side in DocumentSide if side.value not in sides]
    return f"{missing[0]} has not agreed to the document yet." if missing else ""


def find_frozen(document: Document, agreements: list[DocumentAgreement]) -> DocumentEdition | None:
    """Return the edition that has the document as it is now; None if it changed since, or was never frozen."""
    newest = find_newest_edition(document)
    if newest is None or not agreements or newest.issued_at < max(row.agreed_at for row in agreements):
        return None
    return newest


def freeze(document: Document, *, revision: int, by: User) -> DocumentEdition:
    """Freeze a document as somebody read it: its number, file and entry in the register, or nothing. A second press
    returns the same edition. Raises PermissionDenied, ChangedMeanwhile, or TransitionRefused if it can't be frozen,
    made or saved.
    """
    check_can_coordinate(document.area, by=by)
    try:
        with transaction.atomic():
            return make_edition(document, revision=revision, by=by)
    except (OperationalError, objects.Unreadable) as fault:  # such as a full disk
        raise TransitionRefused(NOT_SAVED.format(words=str(fault).strip().rstrip("."))) from fault
    except PackNotMade as fault:
        raise TransitionRefused(str(fault)) from fault


def make_edition(document: Document, *, revision: int, by: User) -> DocumentEdition:
    document = lock_row(Document.objects.select_related("area", "previous"), document.pk)
    chapters, agreements = list_chapters(document), list(document.agreements.select_related("agreed_by"))
    if edition := find_frozen(document, agreements):
        return edition
    if refusal := why_not_frozen(document, chapters, agreements):
        raise TransitionRefused(refusal)
    check_revision(document, revision, told="The document was changed after you opened it. Read it again.")
    number = (document.editions.aggregate(last=Max("number"))["last"] or 0) + 1
    reference = make_reference(document, number)
    pack = make_whole(document, chapters, agreements, audience=Audience.PARTNERS, reference=reference)
    file = objects.put(build_pack(pack), objects.PDF)
    edition = DocumentEdition.objects.create(
        document=document,
        number=number,
        audience=Audience.PARTNERS.value,
        reference=reference,
        content=pack.as_data(),
        pdf=file,
        sha256=file.pk,
        issued_at=timezone.now(),
        issued_by=by,
    )
    audit.record("document.frozen", edition, by=by, area=document.area.slug, sha256=edition.sha256)
    return edition


# --- What they have in common -------------------------------------------------------------------------


def _locked(document: Document, *, by: User) -> Document:
    check_can_coordinate(document.area, by=by)
    return lock_row(Document.objects.select_related("area"), document.pk)


def _chapter_locked(chapter: DocumentChapter) -> tuple[Document, DocumentChapter]:
    document = lock_row(Document.objects.select_related("area"), chapter.document_id)
    rows = DocumentChapter.objects.select_related("document__area", "owner", "changed_by").filter(pk=chapter.pk)
    locked = rows.first()
    if locked is None:
        raise TransitionRefused(f"“{chapter}” has been removed.")
    return document, locked


def _fill(chapter: DocumentChapter, draft: ChapterDraft) -> None:
    title, owner_title, asks = one_line(draft.title), one_line(draft.owner_title), tidy_text(draft.asks)
    errors = {}
    if not title:
        errors["title"] = "Enter the title."
    for name, words, longest in (
        ("title", title, LONGEST_TITLE),
        ("owner_title", owner_title, LONGEST_OWNER),
        ("asks", asks, LONGEST_ASKS),
    ):
        if len(words) > longest:
            errors[name] = f"Shorten it to {longest:,} characters; it has {len(words):,}."
    owner, area = draft.owner, chapter.document.area
    if owner is not None and owner.pk != chapter.owner_id and not is_member(owner, area):
        errors["owner"] = f"{owner} has no role in {area.name}: choose someone who does."
    if errors:
        raise ValidationError(errors)
    chapter.title, chapter.asks = title, asks
    chapter.owner, chapter.owner_title = owner, owner_title


def _find_faults(text: str, changes: str, *, is_first: bool) -> dict[str, str]:
    errors = {}
    if len(text) > LONGEST_TEXT:
        errors["text"] = f"Shorten the text to {LONGEST_TEXT:,} characters; it has {len(text):,}."
    elif not make_prose(text, key="text"):
        errors["text"] = "Enter the text of the chapter."
    elif (columns := count_columns(text)) > MOST_COLUMNS:
        errors["text"] = f"A table has {count_of_noun(columns, 'column')}: it can have at most {MOST_COLUMNS}."
    if len(changes) > LONGEST_CHANGES:
        errors["changes"] = f"Shorten it to {LONGEST_CHANGES:,} characters; it has {len(changes):,}."
    elif not changes and not is_first:
        errors["changes"] = "Say what changed since last year, or that nothing did."
    return errors


def _checked(text: str, name: str, *, missing: str, longest: int) -> str:
    text = tidy_text(text)
    if not text:
        raise ValidationError({name: missing})
    if len(text) > longest:
        raise ValidationError({name: f"Shorten it to {longest:,} characters; it has {len(text):,}."})
    return text


@transaction.atomic
def _keep(
    chapter: DocumentChapter, kind: FigureKind, choice: dict[str, Any], taken: Taken, *, by: User
) -> ChapterFigure:
    check_can_write(chapter, by=by)
    document, chapter = _chapter_locked(chapter)
    _check_is_open(chapter)
    places = list(chapter.figures.values_list("position", flat=True))
    if len(places) >= MOST_FIGURES:
        raise TransitionRefused(f"A chapter can have at most {MOST_FIGURES} figures. Remove one first.")
    figure = ChapterFigure.objects.create(
        chapter=chapter,
        position=max(places, default=-1) + 1,
        kind=kind.value,
        choice=choice,
        title=shorten(taken.title, LONGEST_FIGURE_TITLE),
        source=taken.source,
        blocks=[asdict(block) for block in taken.blocks],
        public_blocks=None if taken.public is None else [asdict(block) for block in taken.public],
        snapshot=taken.snapshot,
        edition_id=taken.edition,
        taken_at=timezone.now(),
        taken_by=by,
    )
    note_change(document, by=by)
    audit.record("document_figure.taken", chapter, by=by, area=document.area.slug, figure=figure.title)
    return figure


def _check_is_open(chapter: DocumentChapter) -> None:
    if chapter.state == ChapterState.AGREED:
        raise TransitionRefused(f"“{chapter}” is agreed. The coordinator can open it again.")
