"""Whose return for which month does an address name, and may this person see it?"""

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest
from core.months import Month
from indicators.models import Submission
from indicators.permissions import check_can_read_return
from indicators.selectors.returns import Box, is_from_file, list_boxes
from indicators.workflow import EDITABLE


@dataclass(frozen=True, slots=True)
class Place:
    """Whose return for which month, and its present state."""

    agency: Agency
    period: ReportingPeriod
    submission: Submission | None
    boxes: list[Box]
    came_from_file: bool = False  # of a return that was never begun, in a month that takes no others

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

    def url(self, name: str) -> str:
        return reverse(f"indicators:{name}", args=[self.agency.area.slug, self.period.month, self.agency.code])


def find_place(request: AreaRequest, area: PartnershipArea, month: Month, code: str) -> Place:
    """Raises Http404 or PermissionDenied, with a sentence."""
    agency = get_object_or_404(Agency, area=area, code=code)
    agency.area = area
    check_can_read_return(request.access, agency)
    period = ReportingPeriod.objects.filter(area=area, starts_on=month.first_day).first()
    if period is None:
        raise Http404(f"{area.name} has not opened {month.label}.")
    period.area = area
    submission = (
        Submission.objects.filter(agency=agency, period=period)
        .select_related("saved_by", "submitted_by", "released_by", "accepted_by", "returned_by")
        .first()
    )
    came_from_file = submission is None and not period.is_open and is_from_file(agency, period)
    return Place(agency, period, submission, list_boxes(agency, month), came_from_file)
