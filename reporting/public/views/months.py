"""The pages that anybody may read.

They read and set no cookie and render a page without its request, so every reader gets the same answer. A reader may
keep a page, but asks each time whether it has changed. The page's tag names everything that it is made of, and the
release that made it.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.presenters.highlights import make_views
from actions.selectors.highlights import MonthHighlight, PublicPicture, public_picture, read_public_picture, told_in
from boards.models import PartnershipArea, PublicAdvice, PublicStatements
from boards.models.areas import split
from boards.permissions import AreaRequest, open_to
from boards.presenters.retention import describe_lives
from boards.rules import Role
from core.calendar import Month, months_between
from core.files.tables import KINDS
from core.mail.letters import site_address
from core.pages import NotHeld
from indicators.disclosure import Audience
from reporting.months.presenters.year import year_of_lines
from reporting.open_editions import PublicMonth, Withdrawn
from reporting.public.answers import (
    OPEN_TO_SCRIPTS,
    Page,
    anybody,
    asked_edition,
    list_area_facts,
    list_dependencies,
    list_files,
    make_query,
)
from reporting.public.presenters.feed import CONTENT_TYPE, make_public_feed
from reporting.public.presenters.month import describe_newest, make_kpis, make_years, opening, public_view, published_on
from reporting.public.selectors import (
    edition_lines,
    find_public,
    find_public_advice,
    find_public_statements,
    list_feed_editions,
    list_withdrawn_in,
    public_months,
)


@anybody
def public_list(request: HttpRequest, town: str) -> Page:
    """List the months that are public, the newest first."""
    months = public_months(town)
    area, has_signs, has_documents = months[0].area, months[0].has_signs, months[0].has_documents
    listed = [(month.month, month.number, published_on(month)) for month in months]

    def make() -> str:
        context = {
            "area": area,
            "home_url": reverse("reporting:public-list", args=[town]),
            "opening": opening(area.name),
            "months": [(month, number, day, public_url(area, month)) for month, number, day in listed],
            "has_signs": has_signs,
            "has_documents": has_documents,
            "table_files": list_files("reporting:public-table", area.slug),
        }
        return render_to_string("reporting/public_list.html", context)

    return Page((*list_area_facts(area), listed, has_signs, has_documents), make)


@anybody
def public_month(request: HttpRequest, town: str, month: Month) -> Page:
    """Show a month in its newest edition, or in the one that ?edition=1 names."""
    edition = find_public(town, month, asked_edition(request))
    frame = make_frame(edition)
    # Highlights change without a new edition, so they are in the tag too.
    highlights = list_highlights(edition)

    def make() -> str:
        context = frame | {
            "view": public_view(edition, edition_lines(edition)),
            "newest_page": public_url(edition.area, month),
            "lines_url": address(edition, "lines"),
            "highlights": make_views(highlights),
            "kpis": make_kpis(edition.kpis),
            "years": make_years(edition.years),
            "has_signs": edition.has_signs,
            "files": [(kind.label, address(edition, name)) for name, kind in KINDS.items()],
        }
        return render_to_string("reporting/public_month.html", context)

    # Whatever the page shows must be in its tag, or readers keep an old page.
    return Page((*list_dependencies(edition), frame["superseded"], highlights, edition.signs), make)


@anybody
def public_about(request: HttpRequest, town: str, month: Month) -> Page:
    """Show what an edition's figures count, what is withheld, and how to read them."""
    edition = find_public(town, month, asked_edition(request))
    frame = make_frame(edition)

    def make() -> str:
        context = frame | {"view": public_view(edition, edition_lines(edition))}
        return render_to_string("reporting/public_about.html", context)

    return Page(("about", *list_dependencies(edition), frame["superseded"]), make)


@anybody
def public_year(request: HttpRequest, town: str, month: Month) -> Page:
    """Show the last two years at a glance, only from the edition's lines."""
    edition = find_public(town, month, asked_edition(request))
    frame = make_frame(edition)

    def make() -> str:
        year = year_of_lines(edition_lines(edition), month, edition.due_on, audience=Audience.PUBLIC)
        return render_to_string("reporting/public_year.html", frame | {"year": year})

    return Page(("year", *list_dependencies(edition), frame["superseded"]), make)


def make_frame(edition: PublicMonth) -> dict[str, Any]:
    """Return what the pages of an edition have in common."""
    superseded, newest_url = superseded_by(edition)
    return {
        "area": edition.area,
        "home_url": reverse("reporting:public-list", args=[edition.area.slug]),
        "marking": edition.marking.value,
        "month": edition.month,
        "number": edition.number,
        "superseded": superseded,
        "newest_url": newest_url,
        **{f"{name}_url": address(edition, name) for name in ("month", "about", "year")},
    }


def address(edition: PublicMonth, name: str) -> str:
    """Return the address of a page or a file of this edition."""
    return reverse(f"reporting:public-{name}", args=[edition.area.slug, edition.month]) + make_query(edition)


def list_highlights(month: PublicMonth) -> list[MonthHighlight]:
    """Return the month's public highlights as they are now: an edition has only figures. No query if there are none."""
    return told_in(month.area, month.month, public_only=True) if month.highlights else []


def superseded_by(month: PublicMonth) -> tuple[str, str]:
    """Return which edition replaced this one, and its address; both empty for the newest. One more query for an older
    edition.
    """
    if month.number == month.newest:
        return "", ""
    try:
        newest = find_public(month.area.slug, month.month)
    except Withdrawn:
        return f"edition {month.newest}, which has been withdrawn", ""
    return describe_newest(newest), public_url(newest.area, newest.month)


def public_url(area: PartnershipArea, month: Month) -> str:
    """Return the address of the newest edition."""
    return reverse("reporting:public-month", args=[area.slug, month])


@anybody
def public_feed(request: HttpRequest, town: str) -> Page:
    """Tell of each edition: made public, replaced or withdrawn."""
    area, editions = list_feed_editions(town)
    return Page(
        ("feed", *list_area_facts(area), editions),
        lambda: make_public_feed(area, editions, absolute=site_address),
        CONTENT_TYPE,
        OPEN_TO_SCRIPTS,
    )


NO_PICTURE = "There is no such picture, or it is not public."


def is_withdrawn(town: str, picture: PublicPicture) -> bool:
    """Return whether every month that shows the picture was withdrawn. One query."""
    first, last = Month.of(picture.starts_on), Month.of(picture.ends_on or picture.starts_on)
    return set(months_between(first, last)) <= list_withdrawn_in(town)


@anybody
def public_highlight_picture(request: HttpRequest, town: str, highlight: int) -> Page:
    """Return the picture while anybody may read its highlight; with ?size=small, the small one. Its tag is the
    picture's hash, so a reader who has it causes no further transfer.
    """
    is_small = request.GET.get("size") == "small"
    picture = public_picture(town, highlight, is_small=is_small)
    if picture is None:
        raise NotHeld(NO_PICTURE)
    if is_withdrawn(town, picture):
        raise Withdrawn("This picture was published here, and has been withdrawn.")

    def make() -> bytes:
        content = read_public_picture(picture)
        if content is None:  # it was removed just now
            raise NotHeld(NO_PICTURE)
        return content

    return Page((picture.sha256, is_small), make, picture.media_type, is_kept=False)


@anybody
def public_signs(request: HttpRequest, town: str) -> Page:
    """Show the signs and how to report them. The page accepts no input. Two queries."""
    advice = find_public_advice(town)
    area = advice.area
    home_url = reverse("reporting:public-list", args=[town]) if has_months(town) else ""

    def make() -> str:
        context = {"area": area, "home_url": home_url, "advice": advice}
        return render_to_string("reporting/public_signs.html", context)

    return Page((*list_area_facts(area), home_url, advice.signs, advice.how_to_report), make)


def has_months(town: str) -> bool:
    """Return whether there is a list of months to go to."""
    try:
        return bool(public_months(town))
    except NotHeld:
        return False


@open_to(Role.COORDINATOR)
@require_safe
def signs_preview(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show what is saved, as anybody would read it."""
    advice = get_object_or_404(PublicAdvice, area=area)
    return render(request, "reporting/signs_preview.html", {"area": area, "advice": advice})


def make_view(part: str, template: str) -> Callable[..., HttpResponse]:
    """Return the view of one of them. The name of its field is `part`."""

    @anybody
    def view(request: HttpRequest, town: str) -> Page:
        statements: PublicStatements = find_public_statements(town)
        area, paragraphs = statements.area, split(getattr(statements, part))
        home_url = reverse("reporting:public-list", args=[town]) if has_months(town) else ""
        provider, contact = settings.PROVIDER, settings.CONTACT
        lives = describe_lives(area.slug) if part == "privacy" else {}

        def make() -> str:
            context = {
                "area": area,
                "home_url": home_url,
                "provider": provider,
                "contact": contact,
                "parts": [(area.name, paragraphs)] if paragraphs else [],
                **lives,
            }
            return render_to_string(template, context)

        return Page((part, *list_area_facts(area), home_url, paragraphs, provider, contact, lives), make)

    return view


public_privacy = make_view("privacy", "reporting/public_privacy.html")
public_accessibility = make_view("accessibility", "reporting/public_accessibility.html")
