"""An area's set-up: its home page, making an area, taking a catalogue, markings, people and residents."""

import logging
from typing import Any, cast

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from boards.forms.parts import PartForm
from boards.invitations import MOST_PEOPLE
from boards.models import Agency, Board, Membership, PartnershipArea, PublicAdvice, PublicStatements, ReportingPeriod
from boards.permissions import AreaRequest, check_can_make_areas, open_to
from boards.rules import Role
from boards.services.area import change_area
from boards.services.people import OFFERED, invite_people, send_access
from boards.views.area import AGENCIES, BOARDS, STRANDS, Part
from core.calendar import Month
from core.forms.pages import (
    form_for,
    is_filled_in,
    is_saved,
    pressed,
    saved,
    show_form,
    taken_once,
    typed_into,
)
from core.models import User
from indicators.catalogues.entries import Act, Catalogue
from indicators.catalogues.files import CatalogueRefused, read_catalogue, read_starter, write_catalogue
from indicators.disclosure import Audience
from indicators.forms.catalogues import CatalogueForm, TakeForm
from indicators.forms.pathways import PathwayForm, PathwayStepForm
from indicators.forms.setup import (
    AreaForm,
    BoardOrderForm,
    CategoryForm,
    DimensionForm,
    MarkingForm,
    PeopleForm,
    PlaceForm,
    SectionForm,
)
from indicators.forms.validation import ValidationRuleForm
from indicators.lines import ALL_AGES
from indicators.models import (
    Category,
    Dimension,
    DisclosureRule,
    Indicator,
    Pathway,
    PathwayStep,
    Section,
    ValidationRule,
)
from indicators.presenters.records import make_populations
from indicators.public_pages import public_pages
from indicators.selectors.catalogues import get_catalogue, list_gaps
from indicators.selectors.disclosure import FOR, get_marking, list_changes, list_markings
from indicators.selectors.open_data import find_population, list_populations
from indicators.selectors.validation import check_published
from indicators.services.catalogues import find_differences, make_area, take_catalogue
from indicators.services.disclosure import mark_month
from indicators.services.setup import order_board, save_category


def save_category_form(form: PartForm, *, area: PartnershipArea, by: Any) -> None:
    save_category(form.instance, area=area, by=by)


SECTIONS = Part(
    model=Section,
    form=SectionForm,
    folder="sections",
    noun="a section",
    plural="sections",
    purpose="The parts of the month’s page, in order. Each part has the indicators that belong together.",
    columns=(("Code", "code"), ("Order", "position")),
    when_retired="A retired section can’t be chosen for an indicator. Move its indicators to another section first.",
)
DIMENSIONS = Part(
    model=Dimension,
    form=DimensionForm,
    folder="dimensions",
    noun="a dimension",
    plural="dimensions",
    purpose="Ways to split a count, such as by origin, each with its categories. An indicator can have at most one.",
    columns=(("Code", "code"),),
    related=(("Categories", "indicators:category-list"),),
)
CATEGORIES = Part(
    model=Category,
    form=CategoryForm,
    folder="categories",
    noun="a category",
    plural="categories",
    purpose="The parts that a count is split into. A category with a longitude and a latitude is an origin on the map.",
    columns=(("Code", "code"), ("Longitude", "longitude"), ("Latitude", "latitude"), ("Order", "position")),
    when_retired="A retired category is no longer asked for. Its figures stay.",
    within=DIMENSIONS,
    save=save_category_form,
)


def list_broken(area: PartnershipArea) -> dict[str, Any]:
    """Return what published months break, as the list of rules shows it."""
    checked = check_published(area)
    return {
        "broken": [(month, found.rule, words) for month, found, words in checked.broken],
        "broken_in": checked.words,
    }


RULES = Part(
    model=ValidationRule,
    form=ValidationRuleForm,
    folder="rules",
    noun="a rule across figures",
    plural="rules across figures",
    purpose="Counts that must not contradict each other. A rule compares counts of the same kind of thing, for the "
    "same population and the same period. We always check that a part isn’t more than its whole: that needs no rule.",
    columns=(("Code", "code"), ("If not", "get_strength_display"), ("Why", "why"), ("Order", "position")),
    when_retired="A retired rule is no longer checked.",
    beside=list_broken,
    beside_list="indicators/_rules_broken.html",
)
PATHWAYS = Part(
    model=Pathway,
    form=PathwayForm,
    folder="pathways",
    noun="a pathway",
    plural="pathways",
    purpose="What became of the people the area found, step by step, with the agency responsible for each step. The "
    "starter set has some pathways: take them over from the catalogue, with the counts that they need.",
    columns=(("Code", "code"), ("Question", "question"), ("Order", "position")),
    when_retired="A retired pathway is no longer shown. Its counts are still asked for.",
    related=(("Steps", "indicators:pathwaystep-list"),),
)
PATHWAY_STEPS = Part(
    model=PathwayStep,
    form=PathwayStepForm,
    folder="steps",
    noun="a step",
    plural="steps",
    purpose="Each step is counted by an indicator, or says what no one counts. We compare all other steps with the "
    "first.",
    columns=(
        ("Code", "code"),
        ("Responsible", "agency"),
        ("Counted by", "indicator"),
        ("Category", "category"),
        ("Months followed", "followed"),
        ("Order", "position"),
    ),
    when_retired="A retired step is no longer shown. The questions asked about it are kept.",
    within=PATHWAYS,
)


@open_to(Role.COORDINATOR)
@require_safe
def setup(request: HttpRequest, area: PartnershipArea) -> HttpResponse:
    """Show the parts of the set-up, and what is missing."""
    population = find_population(area, timezone.localdate().year, ALL_AGES)
    rules = DisclosureRule.objects.filter(area=area).count()
    context = {
        "area": area,
        "indicators": count_in_use(Indicator.objects.filter(area=area), retired=Q(retired_from__isnull=False)),
        "parts": [
            (part, reverse(part.route("list"), args=[area.slug]), count_part(part, area))
            for part in (SECTIONS, DIMENSIONS, RULES, PATHWAYS, AGENCIES, BOARDS, STRANDS)
        ],
        # Somebody with several roles counts once.
        "people": Membership.objects.filter(area=area).values("user").distinct().count(),
        "roles_with_factor": len(area.roles_with_factor) - 1,  # without the operator, who has no role in an area
        "population": f"{population.residents:,} in {population.year}" if population else "None held",
        "months": ReportingPeriod.objects.filter(area=area).count(),
        "publisher": "Not complete" if area.publisher_gap else "Complete",
        "signs": _describe_signs(PublicAdvice.objects.filter(area=area).first()),
        "statements": "Written" if PublicStatements.objects.filter(area=area).exists() else "Not written",
        "rules": f"{rules or 'No'} {'rule' if rules == 1 else 'rules'} set",
        "gaps": [(gap.sentence, gap.act, reverse(gap.route, args=[area.slug, *gap.keys])) for gap in list_gaps(area)],
    }
    return render(request, "indicators/setup_home.html", context)


def _describe_signs(advice: PublicAdvice | None) -> str:
    if advice is None:
        return "Not written"
    return "Public" if advice.is_public else "Not public"


def count_part(part: Part, area: PartnershipArea) -> tuple[int, int]:
    rows = part.model._default_manager.filter(area=area)
    return count_in_use(rows, retired=Q(retired=True)) if part.when_retired else (rows.count(), 0)


def count_in_use(rows: QuerySet[Any], *, retired: Q) -> tuple[int, int]:
    """Return how many rows are in use, and how many are retired."""
    gone = rows.filter(retired).count()
    return rows.count() - gone, gone


@open_to(Role.COORDINATOR)
def board_order(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Set the order of indicators on a board's page."""
    board = get_object_or_404(Board, area=area, code=code)
    places = list(board.indicator_places.select_related("indicator").order_by("position", "indicator__code"))
    form = form_for(request, lambda typed: BoardOrderForm(typed, places=places))
    if is_saved(request, form, lambda: order_board(board, form.positions, by=request.user)):
        messages.success(request, f"The order of indicators for {board} has been saved.")
        return redirect(BOARDS.route("list"), area.slug)
    back = (BOARDS.plural.capitalize(), reverse(BOARDS.route("list"), args=[area.slug]))
    return show_form(request, "indicators/setup_board_order.html", form, {"board": board, "back": back})


logger = logging.getLogger(__name__)


@taken_once
def area_add(request: HttpRequest) -> HttpResponse:
    """Make an area from the starter set, or from the set-up of the area in `?from=`."""
    by = cast("User", request.user)
    # There is no area yet, so `open_to` can't guard this view.
    check_can_make_areas(by=by)
    catalogue, like = find_source(request.GET.get("from", ""))
    form = form_for(request, lambda typed: AreaForm(typed, catalogue=catalogue))
    area = saved(
        request,
        form,
        lambda: make_area(form.draft, form.chosen, first_month=form.first, coordinator=form.coordinator, by=by),
    )
    if area is not None:
        tell_coordinator(request, area, by=by)
        return redirect(area)
    others = PartnershipArea.objects.exclude(pk=like.pk) if like else PartnershipArea.objects.all()
    return show_form(request, "indicators/area_add.html", form, {"like": like, "others": others})


def find_source(slug: str) -> tuple[Catalogue, PartnershipArea | None]:
    if not slug:
        return read_starter(), None
    # PostgreSQL refuses a NUL.
    like = get_object_or_404(PartnershipArea, slug=slug.replace("\x00", ""))
    return get_catalogue(like), like


def tell_coordinator(request: HttpRequest, area: PartnershipArea, *, by: User) -> None:
    """E-mail the new coordinator. The area already exists, so the next page says if this failed."""
    # A new area has only this one.
    membership = Membership.objects.select_related("user", "area").get(area=area)
    try:
        send_access(membership, by=by)
    except OSError:
        logger.exception("The email to the coordinator of %s could not be sent.", area.slug)
        messages.error(
            request,
            f"We added {area.name}, but the email to {membership.user.email} could not be sent. Tell them to ask for "
            "a password on the sign-in page.",
        )
    else:
        messages.success(request, f"{area.name} has been added. We have sent an email to {membership.user.email}.")


TAKE = "take"


@open_to(Role.COORDINATOR, Role.OPERATOR)
@require_safe
def catalogue_file(request: HttpRequest, area: PartnershipArea) -> HttpResponse:
    disposition = content_disposition_header(True, f"{area.slug}-catalogue.toml")
    return HttpResponse(
        write_catalogue(get_catalogue(area)),
        content_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": disposition or ""},
    )


@open_to(Role.COORDINATOR)
@taken_once
def catalogue_take(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Choose a catalogue, see what it would change, and make the ticked changes. The page carries the catalogue in
    between, so it isn't stored."""
    newer = find_sent(request) if pressed(request) == TAKE else None
    if newer is not None:
        return take(request, area, newer)
    form = form_for(request, lambda typed: CatalogueForm(typed, request.FILES or None))
    if is_filled_in(request, form):
        return show_differences(request, area, make_take_form(request, area, form.catalogue, is_sent=False))
    return show_form(request, "indicators/catalogue.html", form)


def find_sent(request: HttpRequest) -> Catalogue | None:
    """Read the catalogue that the page of differences carries."""
    typed = typed_into(request)
    try:
        # It came through the browser, so it is read and checked again like a file.
        return read_catalogue(str(typed.get("catalogue", "")).encode(errors="replace")) if typed else None
    except CatalogueRefused:
        return None


def take(request: AreaRequest, area: PartnershipArea, newer: Catalogue) -> HttpResponse:
    form = make_take_form(request, area, newer)

    def save() -> None:
        cleaned = form.cleaned_data
        take_catalogue(
            area,
            newer,
            month=cleaned["month"],
            only=cleaned["taken"],
            is_same=form.is_same,
            seen=cleaned["seen"],
            by=request.user,
        )

    if is_saved(request, form, save):
        messages.success(request, f"{newer.name} is now part of the set-up.")
        return redirect("indicators:setup", area.slug)
    return show_differences(request, area, form)


def make_take_form(request: HttpRequest, area: PartnershipArea, newer: Catalogue, *, is_sent: bool = True) -> TakeForm:
    differences = find_differences(area, newer)
    # The form that was sent is another one: that with the file.
    if not is_sent:
        return TakeForm(None, area=area, newer=newer, differences=differences)
    return form_for(request, lambda typed: TakeForm(typed, area=area, newer=newer, differences=differences))


def show_differences(request: HttpRequest, area: PartnershipArea, form: TakeForm) -> HttpResponse:
    stays = [
        (act.label, [difference for difference in form.differences if difference.act is act])
        for act in (Act.GONE, Act.RETIRED)
    ]
    return show_form(request, "indicators/catalogue_differences.html", form, {"area": area, "stays": stays})


WHO_READS = "Only the information officer, the coordinator and the analyst can see how months are marked."
WHO_CHANGES = "Only an information officer can change how a month is marked."


@open_to(Role.INFORMATION, Role.COORDINATOR, Role.ANALYST, because=WHO_READS)
@require_safe
def marking_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    context = {"months": list_markings(area), "can_change": request.access.is_any(Role.INFORMATION)}
    return render(request, "indicators/marking_list.html", context)


@open_to(Role.INFORMATION, because=WHO_CHANGES)
def marking_edit(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show one month: its markings, every change of them, and the form to change them."""
    period = find_period(area, month)
    form = form_for(request, lambda typed: MarkingForm(typed, goes=lambda: public_pages().list_reach(period)))
    if is_saved(request, form, lambda: mark_month(period, **form.typed(), by=request.user)):
        audience, marking = form.cleaned_data["audience"], form.cleaned_data["marking"]
        is_marked = f"is marked {marking.label}" if marking else "has no marking"
        messages.success(request, f"{month.label} {is_marked} for {FOR[audience]} from now on.")
        return redirect("indicators:marking-list", area.slug)
    context = {
        "period": period,
        "month": month,
        "now": [(audience.label, get_marking(period, audience=audience).label) for audience in Audience],
        "changes": list_changes(period),
    }
    return show_form(request, "indicators/marking_edit.html", form, context)


def find_period(area: PartnershipArea, month: Month) -> ReportingPeriod:
    """Find the month. Raises Http404."""
    return get_object_or_404(ReportingPeriod.objects.select_related("area"), area=area, starts_on=month.first_day)


INVITE = "invite"
GIVE_UP_AFTER = 2  # failed e-mails in a row, after which we stop: each may take ten seconds to fail


@open_to(Role.COORDINATOR)
def people_file(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show and carry out a table. The page carries the table in between, so it isn't stored."""
    form = form_for(request, lambda typed: PeopleForm(typed, request.FILES or None, area=area))

    def invite() -> list[list[Membership]]:
        said = {"seen": form.cleaned_data["seen"], "is_attested": form.cleaned_data["is_attested"]}
        return invite_people(area, form.people, **said, by=request.user)

    if pressed(request) != INVITE:
        is_filled_in(request, form)  # adds its errors to the form
    elif (invited := saved(request, form, invite)) is not None:
        tell_people(request, invited)
        return redirect("boards:people-list", area.slug)
    context = {
        "area": area,
        "roles": OFFERED,
        "agencies": Agency.objects.in_use().filter(area=area),
        "boards": Board.objects.in_use().filter(area=area),
        "most": MOST_PEOPLE,
    }
    return show_form(request, "indicators/people_file.html", form, context)


def tell_people(request: AreaRequest, invited: list[list[Membership]]) -> None:
    """Send each person one e-mail. The roles are already saved, so the next page says who wasn't reached."""
    missed: list[str] = []
    in_a_row = 0
    for memberships in invited:
        if in_a_row < GIVE_UP_AFTER and is_told(request, memberships):
            in_a_row = 0
        else:
            missed.append(memberships[0].user.email)
            in_a_row += 1
    sent = len(invited) - len(missed)
    if not invited:
        messages.success(request, "Everyone in the table already has their roles.")
    elif sent:
        messages.success(request, f"{sent} {'person has' if sent == 1 else 'people have'} been invited by email.")
    if missed:
        messages.error(
            request,
            f"The roles are given, but no email could be sent to {', '.join(missed)}. Send it again from the list "
            "below. If that fails too, tell the operator.",
        )


def is_told(request: AreaRequest, memberships: list[Membership]) -> bool:
    try:
        send_access(*memberships, by=request.user)
    except OSError:
        logger.exception("The email to a new member of %s could not be sent.", memberships[0].area.slug)
        return False
    return True


WHO = "Only the coordinator and the analyst can see the populations behind rates."


@open_to(Role.COORDINATOR, Role.ANALYST, because=WHO)
@require_safe
def population_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    context = {"held": make_populations(list_populations(area)), "sees_setup": request.access.is_any(Role.COORDINATOR)}
    return render(request, "indicators/population_list.html", context)


@open_to(Role.COORDINATOR)
def place_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Say where the area is on the map of lines, also long after it was made."""
    # The form writes the typed values to its instance. The page needs the area's saved name.
    saved_area = PartnershipArea.objects.get(pk=area.pk)
    form = form_for(request, lambda typed: PlaceForm(typed, instance=saved_area))
    if is_saved(request, form, lambda: change_area(area, **form.cleaned_data, by=request.user)):
        messages.success(request, "Saved. Every month’s map shows the change, including the maps of published months.")
        return redirect("indicators:setup", area.slug)
    return show_form(request, "indicators/place_edit.html", form)
