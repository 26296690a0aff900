"""An agency’s return for a month: enter figures and read them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import WHY_KEPT, came_between, form_for, form_left, is_done, is_saved, response_status, seen_in
from core.models import User
from core.months import Month
from indicators.entries import Entry, blanks_in, with_nil
from indicators.forms.returns import NO_RETURN, DecideReturnForm, EntriesForm
from indicators.models import Submission
from indicators.permissions import can_enter, can_release, check_enters, why_not_accepted_by
from indicators.presenters.return_form import list_answers, typed_answers
from indicators.presenters.return_sheet import NO_FAULTS, Faults, Summary
from indicators.selectors.backgrounds import get_background
from indicators.selectors.returns import get_figures
from indicators.selectors.turns import describe_due, name_coordinators, name_leads, next_step
from indicators.services.entries import list_unfinished, row_of
from indicators.services.origins import add_origin
from indicators.services.pasting import save_pasted, undo_paste
from indicators.services.return_files import describe_form
from indicators.services.returns import get_entries, save_draft
from indicators.views.pasting import show_pasted
from indicators.views.places import Place, find_place
from indicators.views.sheets import build_sheet
from indicators.workflow import EDITABLE, HANDED_IN, SubmissionState

READERS = (
    Role.AGENCY_LEAD,
    Role.AGENCY_APPROVER,
    Role.AGENCY_CONTACT,
    Role.COORDINATOR,
    Role.ANALYST,
    Role.INFORMATION,
)
SAVED = {
    "pasted": "The figures you pasted are in the table, and the draft is saved. Check them before you submit them.",
    "undo": "The figures you pasted have been removed, and the draft is saved.",
}
LATER = "You can leave and come back later."
NOT_KEPT = f"We kept what you typed, but it isn’t in the draft yet: {WHY_KEPT} Save it now."


@open_to(*READERS)
def return_edit(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Show the form; or its figures, for people who can't enter any now."""
    place = find_place(request, area, month, agency)
    if request.method == "POST":
        check_enters(request.access, place.agency)
    elif not (can_enter(request.access, place.agency) and place.takes_entries):
        return show_return(request, place)
    is_sent = request.method == "POST"
    pasted_into = describe_form(place.agency, month, place.boxes) if is_sent else None
    form = form_for(
        request, lambda typed: EntriesForm(typed, names=place.names, pasted_into=pasted_into), kept=NOT_KEPT
    )
    if is_saved(request, form, lambda: save(place, form, then=form.cleaned_data["then"], by=request.user)):
        return lead_on(request, place, form)
    if not form.is_bound:
        return show_form(request, place)
    if came_between(form):
        place = find_place(request, area, month, agency)  # as it is now
    return show_form(request, place, form=form)


def save(place: Place, form: EntriesForm, *, then: str, by: User) -> None:
    """Save the form. `then` is the button that was pressed."""
    where = (place.agency, place.period)
    if then == "undo":
        undo_paste(*where, form.entries, opened=form.opened_with, revision=form.seen, by=by)
    else:
        keep = save_pasted if then == "pasted" else save_draft
        keep(*where, form.entries, revision=form.seen, by=by)


def lead_on(request: AreaRequest, place: Place, form: EntriesForm) -> HttpResponse:
    """After saving the draft, do what the pressed button asks for."""
    then = form.cleaned_data["then"]
    if then in ("check", "nil"):
        return redirect(place.url(f"return-{then}"))
    if then.startswith("add:"):
        is_done(request, lambda: add_place(request, place, then.removeprefix("add:")))
    elif then == "paste":
        # Read it again: saving has given the draft a new revision.
        place = find_place(request, place.agency.area, place.period.month, place.agency.code)
        return show_pasted(request, place, form, form_url=place.url("return-edit"), frame=make_context(place))
    else:
        done = SAVED.get(then) or f"Draft saved. {describe_unfinished([(place, form)]) or LATER}"
        messages.success(request, done)
    return redirect(place.url("return-edit"))


def describe_unfinished(saved: Iterable[tuple[Place, EntriesForm]]) -> str:
    """Say how many rows of these drafts have an error; empty for none. Each is marked in its form."""
    rows = {(place.prefix, row_of(key)) for place, form in saved for key in list_unfinished(place.boxes, form.entries)}
    if not rows:
        return ""
    if len(rows) == 1:
        return "1 figure still needs correcting. It is marked below."
    return f"{len(rows)} figures still need correcting. They are marked below."


def add_place(request: AreaRequest, place: Place, indicator: str) -> None:
    """Add the chosen origin to an indicator's rows. Raises ValidationError if none was chosen."""
    box = next((box for box in place.boxes if box.indicator.code == indicator), None)
    dimension = box.indicator.dimension if box else None
    if dimension is None:
        raise ValidationError("Choose where the line comes from, in the list under “Add another place”.")
    chosen = request.POST.get(f"origin:{indicator}", "")
    category = add_origin(dimension, chosen, agency=place.agency, by=request.user)
    messages.success(request, f"{category.name} now has its own row. Your draft is saved.")


@open_to(Role.AGENCY_LEAD)
def return_nil(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Enter 0 in all blank rows, after asking for confirmation."""
    place = find_place(request, area, month, agency)
    check_enters(request.access, place.agency)
    if not place.takes_entries:
        return redirect(place.url("return-edit"))
    entries = get_entries(place.submission)
    blank = blanks_in(place.names, entries)
    if request.method != "POST":
        if not blank:
            messages.info(request, "No row is blank, so there is nothing to fill with 0.")
            return redirect(place.url("return-edit"))
        labels = [box.label for box in place.boxes if box.name in blank]
        return render(request, "indicators/return_nil.html", make_context(place, blank=labels))
    nil, seen = with_nil(place.names, entries), seen_in(request, missing=NO_RETURN)
    count = f"{len(blank)} {'row' if len(blank) == 1 else 'rows'}"
    is_done(
        request,
        lambda: save_draft(place.agency, place.period, nil, revision=seen, by=request.user),
        done=f"We entered 0 in {count} and saved the draft. Check the figures, then submit them.",
        undone="No 0 was entered.",
    )
    return redirect(place.url("return-edit"))


def show_form(
    request: AreaRequest,
    place: Place,
    faults: Faults = NO_FAULTS,
    *,
    entries: Mapping[str, Entry] | None = None,
    form: EntriesForm | None = None,
) -> HttpResponse:
    """Show the form with the saved entries, these entries, or a form that wasn't saved."""
    background = get_background(place.agency, place.period.month, place.boxes)
    sheet = build_sheet(place, background, faults, entries=entries, form=form, is_sent=request.method == "POST")
    summary = Summary([sheet])
    context = make_context(
        place,
        sheet=sheet,
        summary=summary,
        has_errors=summary.has_errors,
        unsaved=summary.is_unsaved,
        pasted=form.block if form else "",
        due=describe_due(place.period.due_on, today=timezone.localdate()),
    )
    return render(request, "indicators/return_edit.html", context, status=response_status(form))


def show_return(request: AreaRequest, place: Place) -> HttpResponse:
    """Show a return's figures to somebody who can't enter any, with the buttons of the person whose turn it is."""
    submission, form = place.submission, form_left(request, lambda typed: DecideReturnForm(typed, auto_id="left-%s"))
    last = get_figures(place.agency, place.period.month.previous)
    if submission is not None and submission.state not in EDITABLE:
        held = submission.observations.select_related("indicator", "category")
        answers = list_answers(place.boxes, held, last=last)
    else:
        answers = typed_answers(place.boxes, get_entries(submission), last=last)
    context = make_context(
        place,
        own=describe_own(request, submission),
        answers=answers,
        links=submission is not None and submission.state in HANDED_IN,
        step=next_step(submission, place.period, today=timezone.localdate()) if submission else None,
        decisions=allowed_decisions(request.user, request, place),
        can_withdraw=can_withdraw(request, place),
        is_lead=can_enter(request.access, place.agency),
        form=form,
    )
    if place.takes_entries:
        context["leads"] = name_leads(place.agency)
        if place.agency.pk in request.access.agencies:
            context["coordinators"] = name_coordinators(place.agency.area)
    return render(request, "indicators/return_read.html", context)


def describe_own(request: AreaRequest, submission: Submission | None) -> str:
    """Return a sentence for a coordinator who handed these figures in themselves; otherwise empty."""
    if submission is None or submission.state not in (SubmissionState.SUBMITTED, SubmissionState.RELEASED):
        return ""
    return why_not_accepted_by(submission, request.user) if request.access.can_coordinate else ""


def can_withdraw(request: AreaRequest, place: Place) -> bool:
    """Return whether this person may withdraw the return: nobody has released or accepted it."""
    is_untouched = place.submission is not None and place.submission.state == SubmissionState.SUBMITTED
    return is_untouched and can_enter(request.access, place.agency)


def allowed_decisions(user: User, request: AreaRequest, place: Place) -> frozenset[str]:
    """Return what this person may decide on a return now: accept, return, release."""
    submission = place.submission
    if submission is None or submission.state not in HANDED_IN:
        return frozenset()
    if not place.period.is_open and submission.state == SubmissionState.ACCEPTED:
        return frozenset()
    return _acts(user, request, place, submission)


def _acts(user: User, request: AreaRequest, place: Place, submission: Submission) -> frozenset[str]:
    awaits_release = submission.state == SubmissionState.SUBMITTED and place.agency.needs_release
    if awaits_release and can_release(request.access, place.agency):
        # Nobody releases what they submitted themselves.
        return frozenset({"return"} if submission.submitted_by == user else {"release", "return"})
    if not request.access.can_coordinate:
        return frozenset()
    if awaits_release or submission.state == SubmissionState.ACCEPTED:
        return frozenset({"return"})
    return frozenset({"return"} if why_not_accepted_by(submission, user) else {"accept", "return"})


def describe_late(place: Place) -> str:
    """Describe what happens to figures that arrive after the month was closed or published without them."""
    if place.period.is_open or not place.takes_entries:
        return ""
    label = place.period.month.label
    if not place.period.is_published:
        return f"{label} is closed without these figures. They count once the coordinator has accepted them."
    return f"{label} is published without these figures. If the coordinator accepts them, it gets a new version."


def make_context(place: Place, **more: Any) -> dict[str, Any]:
    return {
        "area": place.agency.area,
        "agency": place.agency,
        "period": place.period,
        "month": place.period.month,
        "submission": place.submission,
        "status": place.status,
        "revision": place.revision,
        "late": describe_late(place),
        **more,
    }
