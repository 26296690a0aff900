"""Where lines came from, month by month, for the public."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from boards.models import PartnershipArea
from core.calendar import Month
from indicators.disclosure import Audience
from reporting.months.presenters.lines_over_time import LinesView, lines_views
from reporting.months.presenters.month import find_place
from reporting.months.presenters.series import series_of_lines
from reporting.open_editions import PublicMonth
from reporting.public.answers import Page, anybody, asked_edition, list_dependencies, make_query
from reporting.public.presenters.month import without_map_of_nothing
from reporting.public.selectors import edition_lines, find_public, greatest_by_place, public_months, read_editions


@anybody
def public_lines(request: HttpRequest, town: str, month: Month) -> Page:
    """Show a month's map, and what its edition shows of earlier months. No figure comes from another edition. Only the
    scale of the lines does: it uses the greatest count on any month's map.
    """
    edition = find_public(town, month, asked_edition(request))
    months = public_months(town)

    def make() -> str:
        around = [shown.month for shown in reversed(months) if shown.month in (month.previous, month.next)]
        context = {
            "area": edition.area,
            "home_url": reverse("reporting:public-list", args=[town]),
            "month": month,
            "views": make_views(edition, months),
            "number": edition.number,
            "marking": edition.marking,
            "month_url": reverse("reporting:public-month", args=[town, month]) + make_query(edition),
            "around": [(near.label, lines_url(edition.area, near)) for near in around],
            "months": [
                (shown.month.label, lines_url(edition.area, shown.month)) for shown in months if shown.month != month
            ],
        }
        return render_to_string("reporting/public_lines.html", context)

    # The scale depends on every edition, so the tag does too.
    return Page((*list_dependencies(edition), "lines", [(shown.month, shown.fingerprint) for shown in months]), make)


def make_views(edition: PublicMonth, newest_editions: list[PublicMonth]) -> list[LinesView]:
    """Raises AudienceRefused where a line says more than it may."""
    # Only the scale knows other editions. None of their figures is drawn.
    months = [edition, *newest_editions]
    most = read_editions(months, lambda using: greatest_by_place(months, using=using))
    lines = [line for line in edition_lines(edition) if line.indicator_code in most]
    series = series_of_lines(lines, edition.month, edition.due_on, audience=Audience.PUBLIC)
    views = lines_views(series, edition.month, place=find_place(edition.area), most=most)
    return [without_map_of_nothing(view) for view in views]


def lines_url(area: PartnershipArea, month: Month) -> str:
    """Return the address of the month's newest edition."""
    return reverse("reporting:public-lines", args=[area.slug, month])
