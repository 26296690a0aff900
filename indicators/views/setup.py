"""An area's set-up: its home page, and this app's parts of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.forms.parts import PartForm
from boards.models import Board, Membership, PartnershipArea, PublicAdvice, PublicStatements, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.views.parts import Part
from boards.views.setup import AGENCIES, BOARDS, STRANDS
from core.form_pages import form_for, is_saved, show_form
from indicators.ages import ALL_AGES
from indicators.forms.setup import BoardOrderForm, CategoryForm, DimensionForm, SectionForm
from indicators.models import Category, Dimension, DisclosureRule, Indicator, Section
from indicators.selectors.gaps import list_gaps
from indicators.selectors.populations import PopulationFound, find_population
from indicators.services.setup import order_board, save_category


def save_category_form(form: PartForm, *, area: PartnershipArea, by: Any) -> None:
    save_category(form.instance, area=area, by=by)


SECTIONS = Part(
    model=Section,
    form=SectionForm,
    folder="sections",
    noun="a section",
    plural="sections",
    purpose="The parts of the month’s page, in order. Each has the indicators that belong together.",
    columns=(("Code", "code"), ("Order", "position")),
    when_retired="A retired section can’t be chosen for an indicator. Move its indicators to another section first.",
)
DIMENSIONS = Part(
    model=Dimension,
    form=DimensionForm,
    folder="dimensions",
    noun="a dimension",
    plural="dimensions",
    purpose="Ways to split a count, such as by origin, each with its categories. An indicator has at most one.",
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


@open_to(Role.COORDINATOR)
@require_safe
def setup(request: HttpRequest, area: PartnershipArea) -> HttpResponse:
    """Show the parts of the set-up, and what is missing."""
    indicators = Indicator.objects.filter(area=area)
    sections = [
        _entry(
            "Indicators",
            "What is measured: the question, its definition, who supplies it and which boards it is for.",
            reverse("indicators:indicator-list", args=[area.slug]),
            indicators.count(),
            indicators.filter(retired_from__isnull=False).count(),
        ),
        *(_make_entry(part, area) for part in (SECTIONS, DIMENSIONS, AGENCIES, BOARDS, STRANDS)),
        _entry(
            "People",
            "Who holds which role in this area.",
            reverse("boards:people-list", args=[area.slug]),
            # Somebody with several roles counts once.
            Membership.objects.filter(area=area).values("user").distinct().count(),
        ),
        _entry(
            "Second factor",
            "Which roles need a second factor to sign in, and what to do when somebody loses a device.",
            reverse("boards:factor-roles", args=[area.slug]),
            f"{len(area.roles_with_factor) - 1} roles",  # without the operator, who has no role in an area
        ),
        _entry(
            "Populations",
            "How many people live here, by year and age, with their source. Rates use these numbers.",
            reverse("indicators:population-list", args=[area.slug]),
            _describe_population(find_population(area, timezone.localdate().year, ALL_AGES)),
        ),
        _entry(
            "Months",
            "Open a month, or remove an empty one that was opened by mistake.",
            reverse("reporting:month-list", args=[area.slug]),
            ReportingPeriod.objects.filter(area=area).count(),
        ),
        _entry(
            "Figures of past months",
            "Import months or years that were counted before from a file, including police files.",
            reverse("reporting:history", args=[area.slug]),
            "From a file",
        ),
        _entry(
            "When returns are due",
            "The day of the next month, and how long the coordinator has to check a return.",
            reverse("boards:returns-edit", args=[area.slug]),
            f"Day {area.due_day}",
        ),
        _entry(
            "Meetings",
            "How many meetings can pass without discussing a strand before it needs attention.",
            reverse("boards:meetings-edit", args=[area.slug]),
            f"After {area.silent_meetings}",
        ),
        _entry(
            "See the signs",
            "A page for anybody, with the warning signs and how to report them.",
            reverse("boards:signs-edit", args=[area.slug]),
            _describe_signs(PublicAdvice.objects.filter(area=area).first()),
        ),
        _entry(
            "Privacy and accessibility",
            "Your part of the two statements at the foot of every page.",
            reverse("boards:statements-edit", args=[area.slug]),
            "Written" if PublicStatements.objects.filter(area=area).exists() else "Not written",
        ),
        _entry(
            "How long records are kept",
            "What we delete when it is old, and what is on hold. An information officer decides.",
            reverse("boards:retention", args=[area.slug]),
            "30 days’ notice",
        ),
        _entry(
            "Catalogue",
            "The whole set-up as one file, and what a newer catalogue would change.",
            reverse("indicators:catalogue-take", args=[area.slug]),
            "As a file",
        ),
        _entry(
            "What is withheld from the public",
            "Which small numbers the public doesn’t see. An information officer sets the rules.",
            reverse("reporting:disclosure-list", args=[area.slug]),
            _describe_rules(DisclosureRule.objects.filter(area=area).count()),
        ),
    ]
    gaps = [(gap.sentence, gap.act, reverse(gap.route, args=[area.slug, *gap.keys])) for gap in list_gaps(area)]
    return render(request, "indicators/setup_home.html", {"area": area, "sections": sections, "gaps": gaps})


def _describe_signs(advice: PublicAdvice | None) -> str:
    if advice is None:
        return "Not written"
    return "Public" if advice.is_public else "Not public"


def _describe_population(found: PopulationFound | None) -> str:
    return f"{found.residents:,} in {found.year}" if found else "None held"


def _describe_rules(count: int) -> str:
    return f"{count or 'No'} {'rule' if count == 1 else 'rules'} set"


def _make_entry(part: Part, area: PartnershipArea) -> dict[str, Any]:
    rows = part.model._default_manager.filter(area=area)
    retired = rows.filter(retired=True).count() if part.when_retired else 0
    url = reverse(part.route("list"), args=[area.slug])
    return _entry(part.plural.capitalize(), part.purpose, url, rows.count(), retired)


def _entry(title: str, purpose: str, url: str, count: int | str, retired: int = 0) -> dict[str, Any]:
    in_use = count - retired if isinstance(count, int) else count
    return {"title": title, "purpose": purpose, "url": url, "count": in_use, "retired": retired}


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
