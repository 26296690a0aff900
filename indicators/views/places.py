"""Which return does an address name, and may this person see it? And which returns are all of theirs?"""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest
from core.models import User
from core.months import Month
from indicators.entries import Entry
from indicators.models import Submission
from indicators.permissions import check_can_read_return
from indicators.selectors.led import list_led
from indicators.selectors.returns import (
    Box,
    ReturnStatus,
    came_in_files,
    is_from_file,
    list_boxes,
    list_boxes_by_agency,
    list_submissions,
)
from indicators.services.returns import get_entries
from indicators.workflow import EDITABLE


@dataclass(frozen=True, slots=True)
class Place:
    """A return's agency and month, and its present state."""

    agency: Agency
    period: ReportingPeriod
    submission: Submission | None
    boxes: list[Box]
    came_from_file: bool = False  # of a return that was never started, in a month that accepts no more

    @property
    def revision(self) -> int:
        return self.submission.revision if self.submission else 0

    @property
    def takes_entries(self) -> bool:
        if self.submission is None:
            return not self.agency.retired and not self.came_from_file
        return self.submission.state in EDITABLE

    @property
    def names(self) -> list[str]:
        return [box.name for box in self.boxes]

    @property
    def prefix(self) -> str:
        """Return the start of its names on a page of several returns."""
        return f"{self.agency.area.slug}/{self.agency.code}/"

    @property
    def entries(self) -> dict[str, Entry]:
        """Return its draft's entries."""
        return get_entries(self.submission)

    @property
    def status(self) -> ReturnStatus:
        return ReturnStatus(self.agency, self.period, self.submission, self.came_from_file)

    def url(self, name: str) -> str:
        return reverse(f"indicators:{name}", args=[self.agency.area.slug, self.period.month, self.agency.code])


@dataclass(frozen=True, slots=True)
class Places:
    """Every return that one person enters for a month, by area name. Also their agencies in areas that haven't opened
    the month."""

    month: Month
    places: list[Place]
    unopened: list[Agency]

    @property
    def open(self) -> list[Place]:
        return [place for place in self.places if place.takes_entries]

    @property
    def by_prefix(self) -> dict[str, Place]:
        return {place.prefix: place for place in self.places}

    def url(self, name: str) -> str:
        return reverse(f"together:{name}", args=[self.month])

    def title(self, agency: Agency) -> str:
        """Return the area's name, with the agency's where one area has two of them here."""
        agencies = [*(place.agency for place in self.places), *self.unopened]
        is_alone = sum(each.area_id == agency.area_id for each in agencies) == 1
        return agency.area.name if is_alone else f"{agency.area.name}, {agency.name}"


def find_places(user: User, month: Month) -> Places:
    """Find the returns that this person's present memberships give access to, and nothing else.

    Six queries for any number of areas. An agency with nothing due for the month and nothing started is left out.
    """
    agencies = list_led(user)
    periods = {
        period.area_id: period
        for period in ReportingPeriod.objects.filter(
            area__in={agency.area_id for agency in agencies}, starts_on=month.first_day
        )
    }
    submissions = {
        submission.agency_id: submission
        for submission in Submission.objects.filter(agency__in=agencies, period__in=periods.values()).select_related(
            "saved_by", "saved_with", "submitted_by", "released_by", "accepted_by", "returned_by"
        )
    }
    from_files = came_in_files(periods.values())
    boxes = list_boxes_by_agency(agencies, month)
    places, unopened = [], []
    for agency in agencies:
        period, submission = periods.get(agency.area_id), submissions.get(agency.pk)
        if submission is None and (agency.retired or not boxes[agency.pk]):
            continue
        if period is None:
            unopened.append(agency)
            continue
        # Otherwise each asks for its area with a query.
        period.area = agency.area
        came_from_file = submission is None and not period.is_open and (agency.pk, period.pk) in from_files
        places.append(Place(agency, period, submission, boxes[agency.pk], came_from_file))
    return Places(month, places, unopened)


def _find_agency(area: PartnershipArea, code: str) -> QuerySet[Agency]:
    return Agency.objects.filter(area=area, code=code).order_by()


def _find_period(area: PartnershipArea, day: date) -> QuerySet[ReportingPeriod]:
    return ReportingPeriod.objects.filter(area=area, starts_on=day).order_by()  # its order would join another table


def find_place(request: AreaRequest, area: PartnershipArea, month: Month, code: str) -> Place:
    """Find the return's place. Raises Http404 or PermissionDenied, with a sentence."""
    agency = next(iter(_find_agency(area, code)), None)
    if agency is None:
        raise Http404("This area has no such agency.")
    agency.area = area
    check_can_read_return(request.access, agency)
    period = next(iter(_find_period(area, month.first_day)), None)
    if period is None:
        raise Http404(f"{area.name} has not opened {month.label}.")
    period.area = area
    submission = next(iter(list_submissions(agency, period)), None)
    came_from_file = submission is None and not period.is_open and is_from_file(agency, period)
    return Place(agency, period, submission, list_boxes(agency, month), came_from_file)
