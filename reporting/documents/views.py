"""The documents of the year: all of them, one with its chapters, a chapter, and what was frozen."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.files import objects
from core.forms.pages import (
    NO_ACT,
    came_between,
    form_for,
    is_done,
    is_filled_in,
    is_saved,
    pressed,
    saved,
    seen_in,
    show_form,
    taken_once,
)
from indicators.disclosure import Audience
from reporting.documents import services
from reporting.documents.forms import (
    BeginForm,
    ChapterForm,
    CommentForm,
    FigureForm,
    NumbersForm,
    SettleForm,
    WriteForm,
)
from reporting.documents.permissions import can_settle, can_write, check_can_settle, check_can_write, list_sides
from reporting.documents.presenters.choices import list_choices
from reporting.documents.presenters.prose import make_shown
from reporting.documents.presenters.whole import make_file_name, make_whole
from reporting.documents.selectors import (
    find_chapter,
    find_comment,
    find_document,
    find_edition,
    find_figure,
    list_chapters,
    list_comments,
    list_documents,
    list_editions,
    list_months,
)
from reporting.models.documents import DocumentChapter
from reporting.packs.views.packs import as_file
from reporting.workflow import ChapterState, DocumentSide

WHO = "Only a coordinator can start a document and set up its chapters."


@open_to()
@require_safe
def document_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the documents by year, each with how far it is."""
    return render(request, "reporting/document_list.html", {"documents": list_documents(area)})


@open_to(Role.COORDINATOR, because=WHO)
@taken_once
def document_begin(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, BeginForm)
    if document := saved(request, form, lambda: services.begin(area, **form.typed(), by=request.user)):
        messages.success(request, f"{document} has been started. Say who writes each chapter.")
        return redirect(document)
    return show_form(request, "reporting/document_begin.html", form)


@open_to()
@require_safe
def document(request: AreaRequest, area: PartnershipArea, document: int) -> HttpResponse:
    """Show how far a document is, chapter by chapter, who agreed to it, and what was frozen."""
    shown = find_document(area, document)
    chapters = list_chapters(shown)
    context = {
        "document": shown,
        "chapters": chapters,
        "agreed": len([chapter for chapter in chapters if chapter.state == ChapterState.AGREED]),
        "agreements": list(shown.agreements.select_related("agreed_by")),
        "editions": list_editions(shown),
        "is_officer": request.access.is_any(Role.INFORMATION),
        "can_remove": request.access.can_coordinate and not services.why_not_removed(shown),
    }
    return render(request, "reporting/document_view.html", context)


@open_to(Role.COORDINATOR, because=WHO)
def document_remove(request: AreaRequest, area: PartnershipArea, document: int) -> HttpResponse:
    shown = find_document(area, document)
    if request.method == "POST" and is_done(request, lambda: services.remove_document(shown, by=request.user)):
        messages.success(request, f"{shown} has been removed.")
        return redirect("reporting:document-list", area.slug)
    context = {"document": shown, "chapters": list_chapters(shown), "refusal": services.why_not_removed(shown)}
    return render(request, "reporting/document_remove.html", context)


@open_to()
def document_read(request: AreaRequest, area: PartnershipArea, document: int) -> HttpResponse:
    """Show a document as it would be frozen. Who may agree to it or freeze it does so here, as they read it."""
    shown = find_document(area, document)
    if request.method == "POST":
        return agree_or_freeze(request, area, document)
    chapters, agreements = list_chapters(shown), list(shown.agreements.select_related("agreed_by"))
    frozen = services.find_frozen(shown, agreements)
    agreed = {agreement.side for agreement in agreements}
    context = {
        "document": shown,
        "pack": make_whole(shown, chapters, agreements, audience=Audience.PARTNERS).as_data(),
        "unready": services.why_not_agreed(chapters),
        "refusal": services.why_not_frozen(shown, chapters, agreements),
        "open": [chapter for chapter in chapters if getattr(chapter, "open", 0)],
        "sides": [side for side in list_sides(request.access) if side.value not in agreed],
        "has_agreed": request.user.pk in {agreement.agreed_by_id for agreement in agreements},
        "agreements": agreements,
        "frozen": frozen,
    }
    return render(request, "reporting/document_read.html", context)


def agree_or_freeze(request: AreaRequest, area: PartnershipArea, document: int) -> HttpResponse:
    shown, act, seen = find_document(area, document), pressed(request), seen_in(request)
    if act == "freeze":
        done = is_done(request, lambda: services.freeze(shown, revision=seen, by=request.user))
        words = "The document is frozen. You’ll find it below, among the editions."
    elif act in {side.value for side in DocumentSide}:
        side = DocumentSide(act)
        done = is_done(request, lambda: services.agree_document(shown, side=side, revision=seen, by=request.user))
        words = f"You have agreed to the document, as {side.label.lower()}."
    else:
        messages.error(request, NO_ACT)
        done = False
    if not done:
        return redirect("reporting:document-read", area.slug, document)
    messages.success(request, words)
    return redirect(shown)


# --- A chapter ----------------------------------------------------------------------------------------


@open_to()
@taken_once
def document_chapter(request: AreaRequest, area: PartnershipArea, document: int, chapter: int) -> HttpResponse:
    """Show a chapter with its figures and comments. Everybody in the area can comment on it."""
    shown = find_chapter(area, document, chapter)
    act = pressed(request)
    if act == "agree" and request.method == "POST":
        revision = seen_in(request)
        words = f"“{shown}” is agreed."
        is_done(request, lambda: services.agree_chapter(shown, revision=revision, by=request.user), done=words)
        return redirect(shown)
    if act == "open" and request.method == "POST":
        words = f"“{shown}” is open again."
        is_done(request, lambda: services.open_chapter(shown, by=request.user), done=words)
        return redirect(shown)
    form = form_for(request, CommentForm, act="comment")
    if is_saved(request, form, lambda: services.add_comment(shown, **form.typed(), by=request.user)):
        messages.success(request, "Your comment has been saved.")
        return redirect(shown)
    context = {
        "document": shown.document,
        "chapter": shown,
        "blocks": make_shown(shown.text, key="text"),
        "changes": make_shown(shown.changes, key="changes"),
        "figures": list(shown.figures.select_related("taken_by")),
        "comments": [(row, row.settled_at is None and can_settle(request.access, row)) for row in list_comments(shown)],
        "can_write": can_write(request.access, shown),
        "ends_agreements": shown.document.agreements.exists(),
    }
    return show_form(request, "reporting/document_chapter.html", form, context)


@open_to()
def chapter_write(request: AreaRequest, area: PartnershipArea, document: int, chapter: int) -> HttpResponse:
    """Write the text of a chapter, or look at it first."""
    shown = find_chapter(area, document, chapter)
    if not pressed(request, "text"):  # what somebody typed is shown to them, whoever writes it by now
        check_can_write(shown, by=request.user)
    form = form_for(request, partial(WriteForm, chapter=shown))
    is_look = pressed(request) == "look"
    preview = None
    if is_look and is_filled_in(request, form):
        preview = make_shown(form.written["text"], key="text")
    elif not is_look and is_saved(request, form, lambda: write(request, shown, form)):
        messages.success(request, f"“{shown}” has been saved.")
        return redirect(shown)
    context = {
        "document": shown.document,
        "chapter": shown,
        "preview": preview,
        "theirs": find_chapter(area, document, chapter) if came_between(form) else None,
        "can_write": can_write(request.access, shown),
        "ends_agreements": shown.document.agreements.exists(),
    }
    return show_form(request, "reporting/chapter_write.html", form, context)


def write(request: AreaRequest, chapter: DocumentChapter, form: WriteForm) -> object:
    return services.write_chapter(chapter, **form.written, revision=form.seen, by=request.user)


@open_to(Role.COORDINATOR, because=WHO)
@taken_once
def chapter_add(request: AreaRequest, area: PartnershipArea, document: int) -> HttpResponse:
    shown = find_document(area, document)
    form = form_for(request, partial(ChapterForm, area=area))
    if added := saved(request, form, lambda: services.add_chapter(shown, form.draft(), by=request.user)):
        messages.success(request, f"“{added}” has been added as the last chapter.")
        return redirect(shown)
    context = {"document": shown, "chapter": None, "ends_agreements": shown.agreements.exists()}
    return show_form(request, "reporting/chapter_form.html", form, context)


@open_to(Role.COORDINATOR, because=WHO)
def chapter_change(request: AreaRequest, area: PartnershipArea, document: int, chapter: int) -> HttpResponse:
    """Say what a chapter is about, and who writes it."""
    shown = find_chapter(area, document, chapter)
    form = form_for(request, partial(ChapterForm, area=area, chapter=shown))
    if is_saved(
        request,
        form,
        lambda: services.change_chapter(shown, form.draft(), revision=form.seen, by=request.user),
    ):
        messages.success(request, f"“{form.draft().title}” has been saved.")
        return redirect(shown.document)
    context = {"document": shown.document, "chapter": shown, "ends_agreements": shown.document.agreements.exists()}
    return show_form(request, "reporting/chapter_form.html", form, context)


@open_to(Role.COORDINATOR, because=WHO)
def chapter_remove(request: AreaRequest, area: PartnershipArea, document: int, chapter: int) -> HttpResponse:
    shown = find_chapter(area, document, chapter)
    if request.method == "POST" and is_done(request, lambda: services.remove_chapter(shown, by=request.user)):
        messages.success(request, f"“{shown}” has been removed.")
        return redirect(shown.document)
    context = {
        "document": shown.document,
        "chapter": shown,
        "figures": shown.figures.count(),
        "comments": shown.comments.count(),
        "ends_agreements": shown.document.agreements.exists(),
    }
    return render(request, "reporting/chapter_remove.html", context)


@open_to(Role.COORDINATOR, because=WHO)
@require_POST
def chapter_move(request: AreaRequest, area: PartnershipArea, document: int, chapter: int) -> HttpResponse:
    shown, is_up = find_chapter(area, document, chapter), pressed(request) == "up"
    is_done(request, lambda: services.move_chapter(shown, up=is_up, by=request.user))
    return redirect(shown.document)


@open_to()
def comment_settle(request: AreaRequest, area: PartnershipArea, document: int, comment: int) -> HttpResponse:
    shown = find_comment(area, document, comment)
    if not pressed(request, "answer"):
        check_can_settle(shown, by=request.user)
    form = form_for(request, SettleForm)
    if is_saved(request, form, lambda: services.settle_comment(shown, **form.typed(), by=request.user)):
        messages.success(request, "The comment is settled.")
        return redirect(shown.chapter)
    context = {"comment": shown, "chapter": shown.chapter, "document": shown.chapter.document}
    return show_form(request, "reporting/comment_settle.html", form, context)


# --- Its figures --------------------------------------------------------------------------------------


@open_to()
@taken_once
def figure_take(request: AreaRequest, area: PartnershipArea, document: int, chapter: int) -> HttpResponse:
    """Take a figure of a published month into a chapter."""
    shown, months = find_chapter(area, document, chapter), list_months(area)
    check_can_write(shown, by=request.user)
    if not months:
        messages.info(request, "No month is published yet, so there is no figure to take.")
        return redirect(shown)
    form = form_for(request, partial(FigureForm, choices=list_choices(shown, months[0]), months=months))
    if figure := saved(request, form, lambda: services.take_figure(shown, form.choice, by=request.user)):
        messages.success(request, f"“{figure}” is now in the chapter.")
        return redirect(shown)
    return show_form(request, "reporting/figure_take.html", form, describe_taking(shown))


@open_to()
@taken_once
def figure_type(request: AreaRequest, area: PartnershipArea, document: int, chapter: int) -> HttpResponse:
    """Put numbers of open data into a chapter."""
    shown = find_chapter(area, document, chapter)
    check_can_write(shown, by=request.user)
    form = form_for(request, partial(NumbersForm, initial={"day": timezone.localdate()}))
    if figure := saved(request, form, lambda: services.take_numbers(shown, form.open_data, by=request.user)):
        messages.success(request, f"“{figure}” is now in the chapter.")
        return redirect(shown)
    return show_form(request, "reporting/figure_type.html", form, describe_taking(shown))


def describe_taking(chapter: DocumentChapter) -> dict[str, object]:
    return {
        "document": chapter.document,
        "chapter": chapter,
        "is_open": chapter.state != ChapterState.AGREED,
        "ends_agreements": chapter.document.agreements.exists(),
    }


@open_to()
def figure_remove(request: AreaRequest, area: PartnershipArea, document: int, taken: int) -> HttpResponse:
    shown = find_figure(area, document, taken)
    chapter = shown.chapter
    check_can_write(chapter, by=request.user)
    if request.method == "POST" and is_done(request, lambda: services.remove_figure(shown, by=request.user)):
        messages.success(request, f"“{shown}” is no longer in the chapter.")
        return redirect(chapter)
    return render(request, "reporting/figure_remove.html", {"figure": shown, **describe_taking(chapter)})


# --- What was frozen ----------------------------------------------------------------------------------


@open_to()
@require_safe
def document_edition(request: AreaRequest, area: PartnershipArea, edition: str) -> HttpResponse:
    """Show a frozen document as a page: its accessible record."""
    frozen = find_edition(area, edition)
    context = {
        "edition": frozen,
        "document": frozen.document,
        "pack": frozen.content,
        "size": frozen.pdf.size if frozen.pdf else 0,
        "is_officer": request.access.is_any(Role.INFORMATION),
    }
    return render(request, "reporting/document_edition.html", context)


@open_to()
@require_safe
def document_pdf(request: AreaRequest, area: PartnershipArea, edition: str) -> HttpResponse:
    """Return the exact file that was frozen."""
    frozen = find_edition(area, edition)
    return as_file(objects.read(frozen.pdf), make_file_name(frozen.content["marking"], frozen.reference))
