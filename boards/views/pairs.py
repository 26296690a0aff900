"""A year of what each pair of people decided for each other, for an area's information officer and the operator.

Who reads it is noted in the log of what people read, like every look at the record.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, noted_as, open_to
from boards.presenters.pairs import ASKING, DECIDING, Pair, find_pair, needs_search
from boards.presenters.pairs_report import make_pairs_file, make_report
from boards.roles import Role
from boards.views.record import WHO
from core.downloads import download
from core.files import KINDS
from core.models import User
from core.permissions import check_is_operator
from core.reading import note_read
from core.selectors.record import find_first_year, list_asked, list_decisions

DAYS = 365
LAST = "The last 12 months"


@dataclass(frozen=True, slots=True)
class Period:
    """A year of the report: its label, its value in the address (empty for the last twelve months), and its span."""

    label: str
    value: str
    since: datetime
    until: datetime

    @property
    def query(self) -> str:
        return f"?year={self.value}" if self.value else ""


@open_to(Role.INFORMATION, because=WHO)
@noted_as("record.read")
@require_safe
def pairs(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    return _show(request, area, back=reverse("boards:audit", args=[area.slug]), url=request.path)


@open_to(Role.INFORMATION, because=WHO)
@noted_as("record.read")
@require_safe
def pairs_file(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    return _as_file(request, area, kind)


@require_safe
def operator_pairs(request: HttpRequest, town: str) -> HttpResponse:
    return _show(request, _find_area(request, town), back=reverse("audit"), url=request.path)


@require_safe
def operator_pairs_file(request: HttpRequest, town: str, kind: str) -> HttpResponse:
    return _as_file(request, _find_area(request, town), kind)


def _find_area(request: HttpRequest, slug: str) -> PartnershipArea:
    check_is_operator(request.user)
    area = get_object_or_404(PartnershipArea, slug=slug)
    # The middleware notes who reads an area's pages, and this isn't one of them.
    note_read("record.read", request.get_full_path(), by=cast("User", request.user))
    return area


def _show(request: HttpRequest, area: PartnershipArea, *, back: str, url: str) -> HttpResponse:
    periods = list_periods(area, timezone.now())
    period = find_period(request, periods)
    found, unknown = find_pairs(area, period)
    context = {
        "town": area,
        "report": make_report(found, unknown=unknown),
        "period": period,
        "periods": periods,
        "back": back,
        "url": url,
        "files": [(kind.label, f"{url}pairs.{name}{period.query}") for name, kind in KINDS.items()],
    }
    return render(request, "boards/pairs.html", context)


def _as_file(request: HttpRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    now = timezone.now()
    period = find_period(request, list_periods(area, now))
    found, _ = find_pairs(area, period)
    return download(make_pairs_file(found, area=area.slug, period=period.label, made_at=now), kind)


def list_periods(area: PartnershipArea, now: datetime) -> list[Period]:
    """Return the last twelve months, and each calendar year of the area's record, the newest first."""
    this_year = timezone.localtime(now).year
    first = find_first_year(area.slug) or this_year
    years = [
        Period(str(year), str(year), _new_year(year), _new_year(year + 1)) for year in range(this_year, first - 1, -1)
    ]
    return [Period(LAST, "", now - timedelta(days=DAYS), now + timedelta(minutes=1)), *years]


def _new_year(year: int) -> datetime:
    return timezone.make_aware(datetime(year, 1, 1))  # noqa: DTZ001  # make_aware adds London's zone


def find_period(request: HttpRequest, periods: list[Period]) -> Period:
    """Return the period that the address names. Raises Http404 for a year without a record."""
    wanted = request.GET.get("year", "")
    for period in periods:
        if period.value == wanted:
            return period
    raise Http404(f"The record has nothing about {wanted[:10]}.")


def find_pairs(area: PartnershipArea, period: Period) -> tuple[list[Pair], int]:
    """Return the acts of two people in a year, and how many have no known first person. Two queries, and more where
    events of earlier releases don't name who asked."""
    events = list_decisions(area.slug, DECIDING, since=period.since, until=period.until)
    asked = list_asked(ASKING, {(each.target_type, each.target_id) for each in events if needs_search(each)})
    found = [pair for event in events if (pair := find_pair(event, asked)) is not None]
    return found, len(events) - len(found)
