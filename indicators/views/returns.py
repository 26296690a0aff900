"""An agency's return for a month: enter, check the answers, submit."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.months import Month
from core.transitions import TransitionRefused
from indicators.models import Observation, Submission
from indicators.permissions import can_enter, check_can_enter, check_can_read_return
from indicators.selectors import Box, box_name, boxes_of, figures_of, shown
from indicators.services.returns import (
    REASONS,
    Entry,
    ReturnChanged,
    ReturnHasErrors,
    check_entries,
    entries_of,
    save_draft,
    submit_return,
)
from indicators.workflow import EDITABLE

LONGEST_TYPED = 2000  # characters kept of one control: more than any figure or note may have
REFUSED = (TransitionRefused, ReturnChanged)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the form: its box, what was typed in it, last month's figure, and what is wrong."""

    name: str
    id: str
    label: str
    entry: Entry
    last: str
    errors: dict[str, str]
    is_part: bool


@dataclass(frozen=True, slots=True)
class Group:
    """An indicator's rows: itself, or its categories under its question."""

    code: str
    question: str
    definition: str
    rows: list[Row]
    is_split: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Whose return for which month, and its present state."""

    agency: Agency
    period: ReportingPeriod
    submission: Submission | None
    boxes: list[Box]

    @property
    def revision(self) -> int:
        return self.submission.revision if self.submission else 0

    @property
    def takes_entries(self) -> bool:
        return self.period.is_open and (self.submission is None or self.submission.state in EDITABLE)

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
        .select_related("saved_by", "submitted_by", "accepted_by", "returned_by")
        .first()
    )
    return Place(agency, period, submission, boxes_of(agency, month))


def read_form(post: QueryDict, boxes: list[Box]) -> dict[str, Entry]:
    """What was typed, as it was typed."""

    def typed(name: str) -> str:
        return post.get(name, "").replace("\x00", "")[:LONGEST_TYPED]

    return {
        box.name: Entry(typed(f"{box.name}:value"), typed(f"{box.name}:reason"), typed(f"{box.name}:note"))
        for box in boxes
    }


def read_revision(post: QueryDict) -> int:
    """The revision that the form was opened with; -1, which no return has, for anything else."""
    text = post.get("revision", "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else -1


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR)
def return_edit(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """The form; or, for whoever may not type in it now, what it holds."""
    place = find_place(request, area, month, agency)
    if request.method != "POST":
        if can_enter(request.access, place.agency) and place.takes_entries:
            return show_form(request, place, entries_of(place.submission))
        return show_return(request, place)
    check_can_enter(place.agency, by=request.user)
    entries = read_form(request.POST, place.boxes)
    try:
        save_draft(place.agency, place.period, entries, revision=read_revision(request.POST), by=request.user)
    except REFUSED as refused:
        return show_form(request, place, entries, refusal=str(refused), status=409)
    if request.POST.get("then") == "check":
        return redirect(place.url("return-check"))
    messages.success(request, "Draft saved. You can leave, and go on later.")
    return redirect(place.url("return-edit"))


@open_to(Role.AGENCY_LEAD)
@require_safe
def return_check(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Check the answers before they are submitted; what is wrong sends back to the form."""
    place = find_place(request, area, month, agency)
    check_can_enter(place.agency, by=request.user)
    if not place.takes_entries or place.submission is None:
        return redirect(place.url("return-edit"))
    entries = entries_of(place.submission)
    checked = check_entries(place.boxes, entries)
    if checked.errors:
        return show_form(request, place, entries, errors=checked.errors)
    return render(
        request, "indicators/return_check.html", context_of(place, answers=answers_of(place, checked.observations))
    )


@open_to(Role.AGENCY_LEAD)
@require_POST
def return_submit(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Submit what was checked."""
    place = find_place(request, area, month, agency)
    try:
        submit_return(place.agency, place.period, revision=read_revision(request.POST), by=request.user)
    except ReturnHasErrors as faults:
        return show_form(request, place, entries_of(place.submission), errors=faults.errors)
    except (*REFUSED, PermissionDenied) as refused:
        messages.error(request, str(refused))
        return redirect(place.url("return-edit"))
    messages.success(
        request,
        f"You submitted the {place.period.month.label} figures from {place.agency.name}. The coordinator checks them "
        "next, and accepts them or returns them to you with a comment.",
    )
    return redirect(place.url("return-edit"))


def show_form(
    request: AreaRequest,
    place: Place,
    entries: Mapping[str, Entry],
    *,
    errors: Mapping[str, str] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    errors = errors or {}
    context = context_of(
        place,
        groups=groups_of(place, entries, errors),
        errors=[(control_id(key), sentence) for key, sentence in errors.items()],
        has_errors=bool(errors or refusal),
        refusal=refusal,
        reasons=[(reason.value, reason.label) for reason in REASONS],
    )
    return render(request, "indicators/return_edit.html", context, status=status)


def show_return(request: AreaRequest, place: Place) -> HttpResponse:
    """What a return holds, for somebody who can't type in it; with the coordinator's buttons."""
    if place.submission is not None and place.submission.state not in EDITABLE:
        held = list(place.submission.observations.select_related("indicator", "category"))
        order = {box.name: index for index, box in enumerate(place.boxes)}
        held.sort(key=lambda figure: order.get(box_name(figure), len(order)))
        answers = answers_of(place, held)
    else:
        entries = entries_of(place.submission)
        last = figures_of(place.agency, place.period.month.previous)
        answers = [
            Answer(
                label=box.label,
                text=typed.value or reason_label(typed.reason) or "Nothing yet",
                note=typed.note,
                last=shown(last.get(box.name)),
            )
            for box in place.boxes
            for typed in [entries.get(box.name, Entry())]
        ]
    can_decide = (
        request.access.can_coordinate
        and place.period.is_open
        and place.submission is not None
        and place.submission.state in ("submitted", "accepted")
    )
    return render(request, "indicators/return_read.html", context_of(place, answers=answers, can_decide=can_decide))


def reason_label(code: str) -> str:
    return {reason.value: reason.label for reason in REASONS}.get(code, "")


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of a return that isn't being edited."""

    label: str
    text: str
    note: str
    last: str


def answers_of(place: Place, observations: list[Observation]) -> list[Answer]:
    last = figures_of(place.agency, place.period.month.previous)
    labels = {box.name: box.label for box in place.boxes}
    return [
        Answer(
            labels.get(box_name(figure), figure.indicator.title),
            shown(figure),
            figure.note,
            shown(last.get(box_name(figure))),
        )
        for figure in observations
    ]


def context_of(place: Place, **more: Any) -> dict[str, Any]:
    return {
        "area": place.agency.area,
        "agency": place.agency,
        "period": place.period,
        "month": place.period.month,
        "submission": place.submission,
        "revision": place.revision,
        **more,
    }


def groups_of(place: Place, entries: Mapping[str, Entry], errors: Mapping[str, str]) -> list[Group]:
    last = figures_of(place.agency, place.period.month.previous)
    groups = []
    for code, group in groupby(place.boxes, key=lambda box: box.indicator.code):
        boxes = list(group)
        indicator = boxes[0].indicator
        rows = [
            Row(
                name=box.name,
                id=box.name.replace(".", "-"),
                label=box.category.name if box.category else indicator.question,
                entry=entries.get(box.name, Entry()),
                last=shown(last.get(box.name)),
                errors={
                    control: errors[f"{box.name}:{control}"]
                    for control in ("value", "reason", "note")
                    if f"{box.name}:{control}" in errors
                },
                is_part=box.category is not None,
            )
            for box in boxes
        ]
        groups.append(Group(code, indicator.question, boxes[0].definition, rows, boxes[0].category is not None))
    return groups


def control_id(key: str) -> str:
    """The id of the control that an error is about: "lines.london:value" is lines-london-value."""
    return key.replace(".", "-").replace(":", "-")
