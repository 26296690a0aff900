"""The packs of an area's boards: the register, choosing and issuing one, reading what was issued, and a zip of all."""

from dataclasses import dataclass, replace
from functools import cached_property, partial
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.permissions import Access, AreaRequest, noted_as, open_to
from boards.presenters.nav import seen
from boards.rules import AREA_ROLES, DRAFT_READERS, PACK_READERS, Role
from boards.selectors import list_boards
from core.calendar import Month
from core.files import objects
from core.forms.pages import form_for, is_chosen, is_done, pressed, saved, show_form, taken_once
from core.letter_kinds import LetterKind
from core.models import OutboxEntry
from core.pages import NotHeld
from core.tasks import hint_letters
from indicators.disclosure import Audience, AudienceRefused
from indicators.selectors.disclosure import get_marking
from reporting.models.packs import IssuedPack, PackBundle, PackKind
from reporting.months.readings import ShownMonth, asked_version, find_board, find_period
from reporting.months.tasks import hint_roll_up
from reporting.packs.forms import IssueForm, OrderForm, PackFilter, PackForm
from reporting.packs.pdf.typesetting import PackNotMade, build_pack
from reporting.packs.presenters.cover import issued_file_name
from reporting.packs.presenters.later import later_than
from reporting.packs.presenters.order import MadePack, make_pack
from reporting.packs.presenters.shapes import photos_told
from reporting.packs.presenters.sources import Order
from reporting.packs.selectors import (
    KEPT_FOR,
    find_pack,
    find_photo,
    get_letters,
    list_bundles,
    list_packs,
    packs_for,
    people_to_tell,
)
from reporting.packs.services.issue import ask_bundle, can_ask, issue_pack
from reporting.packs.services.letters import send_again
from reporting.packs.tasks import make_pack_bundle

WHO_ASKS = "Only someone with a role in the area can ask for its packs."
WHO_BUNDLES = "Only people who can read every board’s packs can get them together."


def bundle_form(access: Access) -> dict[str, object]:
    """Return what _pack_bundle_form.html needs: the months to choose from, and the bundles. Empty for people who may
    not read one. An operator may read them, but has no month to choose.
    """
    if not access.can_see_drafts:
        return {}
    periods = ReportingPeriod.objects.filter(area=access.area).order_by("-starts_on") if can_ask(access) else ()
    published = next((period for period in periods if period.is_published), None)
    return {
        "bundle_months": [period.month for period in periods],
        "bundle_month": published.month if published else None,
        "bundles": list_bundles(access.area),
        "bundle_days": KEPT_FOR.days,
    }


@open_to(*AREA_ROLES, because=WHO_ASKS)
@require_POST
def bundle_ask(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Ask for all boards' packs of a month."""
    try:
        month = Month.parse(str(request.POST.get("month", "")))
    except ValueError:
        messages.error(request, "Choose a month for the packs.")
        return redirect("reporting:pack-list", area.slug)
    period = find_period(area, month).period
    bundle = ask_bundle(period, by=request.user)
    if period.stale_since is not None:
        hint_roll_up(area)
    # If Redis can't be reached, the person goes on, and the sweep makes the bundle.
    transaction.on_commit(partial(make_pack_bundle.delay, bundle.pk), robust=True)
    return redirect("reporting:bundle-view", area.slug, bundle.pk)


@open_to(*DRAFT_READERS, because=WHO_BUNDLES)
@require_safe
def bundle_view(request: AreaRequest, area: PartnershipArea, bundle: int) -> HttpResponse:
    """Show a bundle's progress, and the link to its file."""
    bundle_row = get_object_or_404(list_bundles(area), pk=bundle)
    missing = bundle_row.total - bundle_row.made
    context = {"bundle": bundle_row, "month": bundle_row.period.month, "missing": missing, "days": KEPT_FOR.days}
    return render(request, "reporting/bundle_view.html", context)


@open_to(*DRAFT_READERS, because=WHO_BUNDLES)
@noted_as("pack.read")
@require_safe
def bundle_zip(request: AreaRequest, area: PartnershipArea, bundle: int) -> HttpResponse:
    """Return the file of a finished bundle."""
    bundle_row = list_bundles(area).select_related("file").filter(pk=bundle, file__isnull=False).first()
    if bundle_row is None or bundle_row.file is None:
        raise Http404("There is no such zip, it isn’t finished, or it was deleted. Ask for it again.")
    return HttpResponse(
        objects.read(bundle_row.file),
        content_type=bundle_row.file.media_type,
        headers={"Content-Disposition": content_disposition_header(True, file_name(bundle_row))},
    )


def file_name(bundle: PackBundle) -> str:
    """ "OFFICIAL-SENSITIVE anytown 2026-10 packs.zip"."""
    words = (bundle.marking, bundle.period.area.slug, str(bundle.period.month), "packs.zip")
    return " ".join(filter(None, words))


WHO = "Only board members and people who prepare a month can see packs."
PACKS_A_PAGE = 20


@dataclass(frozen=True)
class Shelf:
    """The choices: the boards and months that somebody may read, the newest month first."""

    access: Access

    @cached_property
    def boards(self) -> list[Board]:
        return seen(self.access, list_boards(self.access.area))

    @cached_property
    def periods(self) -> list[ReportingPeriod]:
        periods = ReportingPeriod.objects.filter(area=self.access.area).order_by("-starts_on")
        return [period for period in periods if self.access.can_see_month(period)]

    def form(self, data: QueryDict | None = None, **options: object) -> PackForm:
        # The register still has packs of retired boards, but nobody makes new ones.
        current = [board for board in self.boards if not board.retired]
        return PackForm(data, boards=current, periods=self.periods, **options)


# --- The register ---------------------------------------------------------------------------------


@open_to(*PACK_READERS, because=WHO)
@require_safe
def pack_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List every issued pack that this person may read, with later changes; and the form for a new one."""
    shelf = Shelf(request.access)
    chosen = PackFilter(request.GET, queryset=packs_for(request.access), boards=shelf.boards)
    page = Paginator(chosen.qs.annotate(size=F("pdf__size")), PACKS_A_PAGE).get_page(request.GET.get("page"))
    later = later_than(page)
    url = reverse("reporting:pack-list", args=[area.slug])
    context = {
        "order_form": shelf.form(),
        "boards": shelf.boards,
        "periods": shelf.periods,
        "filter": chosen,
        "page": page,
        "rows": [(pack, later[pack.pk]) for pack in page],
        "others": chosen.address(without="page"),
        "url": url,
        **bundle_form(request.access),
    }
    return render(request, "reporting/pack_list.html", context)


# --- Choosing one, and issuing it -----------------------------------------------------------------


@open_to(*PACK_READERS, because=WHO)
@noted_as("pack.read")
@taken_once
def pack_make(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show what would be issued. A coordinator can issue it."""
    if request.method == "POST" and not request.access.can_coordinate:
        raise PermissionDenied(f"Only a coordinator of {area.name} can issue a pack.")
    shelf = Shelf(request.access)
    form = shelf.form(request.GET) if request.GET else shelf.form()
    if not is_chosen(form):
        return choosing(request, shelf, form)
    initial = {"meeting": form.cleaned_data["meeting"], "meeting_on": form.data.get("meeting_on", "")}
    issuing = form_for(request, lambda typed: IssueForm(typed, initial=initial, auto_id="issue_%s"))

    def issue() -> IssuedPack:
        # `order` is set below, before this runs.
        meant = replace(order, **issuing.cleaned_data)
        return issue_pack(meant, seen=pressed(request, "seen"), by=request.user)

    try:
        order = read_order(form, ShownMonth(request.access, form.month_chosen), form.board_chosen)
        if issued := saved(request, issuing, issue):
            return show_issued(request, issued)
        draft = make_pack(order, include_drafts=request.access.can_see_drafts)
    except (NotHeld, AudienceRefused) as refused:
        form.add_error(None, str(refused))
        return choosing(request, shelf, form)
    pack = draft.pack.as_data()
    context = {
        "order": order,
        "made": draft,
        "pack": pack,
        "photos": {
            sha256: reverse("actions:highlight-picture", args=[area.slug, highlight])
            for sha256, highlight in photos_told(pack).items()
        },
        "obstacle": draft.obstacle,
        "draft_url": draft_url(order),
        "changing": form,
        "marking": draft.pack.marking or marking_for_partners(draft),
    }
    return show_form(request, "reporting/pack_make.html", issuing if request.access.can_coordinate else None, context)


def choosing(request: AreaRequest, shelf: Shelf, form: PackForm) -> HttpResponse:
    """Show the form alone, with what is wrong in it."""
    context = {"form": form, "boards": shelf.boards, "periods": shelf.periods}
    return render(request, "reporting/pack_choose.html", context)


def read_order(
    form: OrderForm, shown: ShownMonth, board: Board, *, audience: Audience | None = None, version: str = ""
) -> Order:
    """Return what to make of a month that this person may see."""
    return Order(
        period=shown.calendar.period,
        board=board,
        kind=form.cleaned_data["kind"],
        audience=audience or form.audience_for(board),
        scope=form.cleaned_data["scope"],
        version=shown.snapshot.version if version else None,
        meeting=form.cleaned_data["meeting"],
        meeting_on=form.cleaned_data["meeting_on"],
        charts=form.cleaned_data["charts"],
    )


def show_issued(request: AreaRequest, pack: IssuedPack) -> HttpResponse:
    # Before any letter is claimed: after that there is nobody left to count.
    sentence = describe_letters(pack)
    # After the commit, so that the worker finds the pack. If Redis can't be reached, the sweep sends the letters.
    transaction.on_commit(partial(hint_letters, pack.period.area_id), robust=True)
    messages.success(request, f"Pack {pack.reference} is issued. {sentence}")
    return redirect(pack)


def describe_letters(pack: IssuedPack) -> str:
    """Say how many people will get an e-mail, before any is sent."""
    count = len(people_to_tell(pack))
    if not count:
        return "No emails will be sent, because no member of the board has them switched on."
    return f"{count} member{'' if count == 1 else 's'} will get an email."


def marking_for_partners(pack: MadePack) -> str:
    """A page of the area is for its people, even if the pack that it shows is for the public."""
    return str(get_marking(pack.order.period))


def draft_url(order: Order) -> str:
    """Return the address of the draft's PDF."""
    chosen = {
        "kind": order.kind,
        "audience": order.audience,
        "scope": order.scope,
        "charts": order.charts,
        "meeting": order.meeting,
        "meeting_on": order.meeting_on or "",
    }
    path = reverse("reporting:board-pack", args=[order.period.area.slug, order.period.month, order.board.code])
    return f"{path}?{urlencode({name: value for name, value in chosen.items() if value})}"


@open_to()
@noted_as("pack.read")
@require_safe
def board_pack(request: AreaRequest, area: PartnershipArea, month: Month, board: str) -> HttpResponse:
    """Return the draft of a board's pack as a PDF, for partners unless the address names the public."""
    form = OrderForm(request.GET)
    if not is_chosen(form):
        sentence = next(iter(form.errors.values()))[0]
        return render(request, "reporting/pack_refused.html", {"sentence": f"{sentence}."}, status=400)
    try:
        version = asked_version(request)
        shown = ShownMonth(request.access, month, version)
        its_board = find_board(request.access, list_boards(area), board)
        audience = None if form.cleaned_data["audience"] else Audience.PARTNERS
        order = read_order(form, shown, its_board, audience=audience, version=version)
        draft = make_pack(order, include_drafts=request.access.can_see_drafts)
    except AudienceRefused as refused:
        return render(request, "reporting/pack_refused.html", {"sentence": str(refused)}, status=409)
    try:
        return as_file(build_pack(draft.pack), draft.file_name)
    except PackNotMade as fault:
        return render(request, "reporting/pack_refused.html", {"sentence": str(fault)}, status=503)


# --- Reading an issued pack -----------------------------------------------------------------------


@open_to(*PACK_READERS, because=WHO)
@noted_as("pack.read")
@require_safe
def pack_view(request: AreaRequest, area: PartnershipArea, reference: str) -> HttpResponse:
    """Show an issued pack as a page: its accessible record."""
    pack = find_pack(request.access, reference)
    context = {
        "issued": pack,
        "pack": pack.content,
        "photos": {
            sha256: reverse("reporting:pack-photo", args=[area.slug, pack.reference, sha256])
            for sha256 in photos_told(pack.content)
        },
        "size": pack.pdf.size if pack.pdf else 0,
        "later": later_than([pack])[pack.pk],
        "beside": beside(request.access, pack),
        "marking": pack.marking or get_marking(pack.period),
    }
    if request.access.can_coordinate:
        context["letters"] = get_letters(pack)
    return render(request, "reporting/pack_view.html", context)


def beside(access: Access, pack: IssuedPack) -> list[IssuedPack]:
    """Return related packs of the same month and board: for an appendix, the public packs; for a public pack, the
    appendices.
    """
    same = packs_for(access).filter(period=pack.period_id, board=pack.board_id)
    if pack.kind == PackKind.APPENDIX:
        return list(same.filter(audience=Audience.PUBLIC.value))
    if pack.audience == Audience.PUBLIC:
        return list(same.filter(kind=PackKind.APPENDIX.value))
    return []


@open_to(*PACK_READERS, because=WHO)
@noted_as("pack.read")
@require_safe
def pack_pdf(request: AreaRequest, area: PartnershipArea, reference: str) -> HttpResponse:
    """Return the exact file that was issued."""
    pack = find_pack(request.access, reference, with_file=True)
    return as_file(objects.read(pack.pdf), issued_file_name(pack))


@open_to(*PACK_READERS, because=WHO)
@require_safe
def pack_photo(request: AreaRequest, area: PartnershipArea, reference: str, photo: str) -> HttpResponse:
    """Return a picture in an issued pack, as it was issued."""
    stored = find_photo(request.access, reference, photo)
    return HttpResponse(objects.read(stored), content_type=stored.media_type)


def as_file(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@open_to(Role.COORDINATOR)
@require_POST
def letter_resend(request: AreaRequest, area: PartnershipArea, letter: int) -> HttpResponse:
    letters = OutboxEntry.objects.filter(kind=LetterKind.PACKS.value, area=area.slug)
    failed = get_object_or_404(letters.select_related("person"), pk=letter)

    def send() -> None:
        sent = send_again(failed, by=request.user)
        if sent.fault:
            messages.error(request, f"The email to {sent.person} could not be sent again: {sent.fault}")
        else:
            messages.success(request, f"The email to {sent.person} has been sent.")

    is_done(request, send)
    return redirect(list_packs().get(pk=int(failed.occasion)))
