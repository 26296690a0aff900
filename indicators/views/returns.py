"""An agency's return for a month: enter figures, check and hand them in, and read them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.calendar import Month
from core.forms.fields import MOST_NAMED
from core.forms.pages import (
    WHY_KEPT,
    came_between,
    form_for,
    form_left,
    is_done,
    is_refused,
    is_saved,
    response_status,
    seen_in,
    send_back,
)
from core.letter_kinds import LetterKind
from core.models import OutboxEntry, User
from core.texts import find_signs, tidy_text
from indicators.figures import NOTHING_TYPED, Entry, blanks_in, merge, with_nil
from indicators.forms.returns import NO_RETURN, DecideReturnForm, EntriesForm, SubmitForm
from indicators.models import Submission
from indicators.permissions import can_enter, can_release, check_enters, why_not_accepted_by
from indicators.presenters.returns import (
    NO_FAULTS,
    NO_PASTS,
    SO_FAR,
    Faults,
    Sheet,
    Summary,
    control_id,
    list_answers,
    make_sheet,
    read_saved,
    typed_answers,
)
from indicators.selectors.reminders import get_period
from indicators.selectors.returns import (
    Box,
    describe_due,
    get_figures,
    name_approvers,
    name_coordinators,
    name_leads,
    next_step,
)
from indicators.selectors.series import Background, get_background, get_pasts
from indicators.selectors.validation import find_broken_by
from indicators.services.entries import (
    LONGEST_NOTE,
    check_entries,
    describe_form,
    list_questioned,
    list_unfinished,
    row_of,
)
from indicators.services.letters import send_again
from indicators.services.returns import (
    add_origin,
    save_draft,
    save_pasted,
    submit_return,
    undo_paste,
    withdraw_return,
)
from indicators.views.files import Place, find_place, show_pasted
from indicators.workflow import EDITABLE, HANDED_IN, SubmissionState


def build_sheet(
    place: Place,
    background: Background,
    faults: Faults = NO_FAULTS,
    *,
    entries: Mapping[str, Entry] | None = None,
    form: EntriesForm | None = None,
    is_sent: bool = False,
    prefix: str = "",
    title: str = "",
) -> Sheet:
    """Build a return's table from what is saved now, or from these `entries`. Or from a `form` that comes back because
    it was refused or, if it isn't `is_sent`, was stored at sign-in. If somebody else saved in between, the two are
    merged. The table carries what it was opened with: what is saved now, or what a refused form was opened with. A
    saved draft has its errors beside their rows."""
    saved = read_saved(background, place.entries)
    if entries is None and form is None:
        faults = replace(faults, marks=list_unfinished(place.boxes, saved))
    entries, opened, revision = saved if entries is None else entries, saved, place.revision
    if form is not None and form.is_bound:
        entries = form.entries
        if is_sent and not came_between(form):
            faults, opened, revision = Faults(refusal=form.refusal), form.opened_with, form.seen
        elif form.seen == place.revision:
            faults = Faults(refusal=form.refusal)
        else:
            entries, faults = bring_together(place, form, saved)
    return make_sheet(
        place.boxes,
        entries,
        background,
        faults,
        month=place.period.month,
        revision=revision,
        opened=opened,
        prefix=prefix,
        title=title,
    )


def bring_together(place: Place, form: EntriesForm, saved: Mapping[str, Entry]) -> tuple[dict[str, Entry], Faults]:
    """Merge what was typed in a form with what is saved now."""
    merged, refusal = merge(form.opened_with, form.entries, saved), form.refusal
    labels = {box.name: box.label for box in place.boxes}
    taken = [labels[name] for name in merged.taken if name in labels]
    if taken:
        refusal += (
            f" These figures have changed since then, and you hadn’t typed anything for them: {'; '.join(taken)}."
        )
    return merged.entries, Faults(refusal=refusal, clashes=merged.clashes)


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
    entries = place.entries
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
    month, decisions = place.period.month, allowed_decisions(request.user, request, place)
    last = get_figures(place.agency, month.previous)
    if submission is not None and submission.state not in EDITABLE:
        observations = submission.observations.select_related("indicator", "category")
        # The usual range is for whoever decides.
        pasts = get_pasts(place.agency, month, place.boxes) if decisions else NO_PASTS
        answers = list_answers(place.boxes, observations, last=last, pasts=pasts)
    else:
        answers = typed_answers(place.boxes, place.entries, last=last)
    context = make_context(
        place,
        own=describe_own(request, submission),
        answers=answers,
        has_usual=any(answer.usual for answer in answers),
        links=submission is not None and submission.state in HANDED_IN,
        step=next_step(submission, place.period, today=timezone.localdate()) if submission else None,
        decisions=decisions,
        can_withdraw=can_withdraw(request, place),
        is_lead=can_enter(request.access, place.agency),
        form=form,
    )
    if submission is not None and "accept" in decisions:
        context["broken"] = find_broken_by(submission)
    if submission is not None and decisions:
        context["questioned"] = list_questioned([submission], month)[submission.pk]
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
        return f"{label} is closed without these figures. They will count once the coordinator has accepted them."
    return f"{label} is published without these figures. If the coordinator accepts them, the month gets a new version."


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


@open_to(Role.AGENCY_LEAD)
@require_safe
def return_check(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Check the answers before they are submitted. An error sends people back to the form."""
    # `open_to` lets in the leads of every agency.
    place = find_place(request, area, month, agency)
    check_enters(request.access, place.agency)
    notes = list_notes(place)
    form = form_left(request, lambda typed: SubmitForm(typed or {}, month=month, notes=notes))
    if not place.takes_entries or (place.submission is None and not form.data):
        return redirect(place.url("return-edit"))
    return show_answers(request, place, form)


def show_answers(request: AreaRequest, place: Place, form: SubmitForm) -> HttpResponse:
    """Return the form that submits the draft. If notes look personal, it asks people to confirm that they aren't."""
    month, entries = place.period.month, place.entries
    background = get_background(place.agency, month, place.boxes)
    checked = check_entries(place.boxes, entries, background)
    if not checked.is_ready:
        return show_form(request, place, Faults(checked.errors, checked.questions), entries=entries)
    form_url = place.url("return-edit")
    looks = [(f"{form_url}#{control_id(key)}", words) for key, words in list_looks(place)]
    context = make_context(
        place,
        answers=list_answers(place.boxes, checked.make_observations(), last=background.last),
        form=form,
        looks=looks[:MOST_NAMED],
        approvers=name_approvers(place.agency, submitted_by=request.user) if place.agency.needs_release else [],
    )
    return render(request, "indicators/return_check.html", context)


def list_looks(place: Place) -> list[tuple[str, str]]:
    """Find what looks personal in the notes: the control, and the words."""
    return [
        (f"{box.name}:note", f"{box.label}: {sign}") for box, note in find_notes(place) for sign in find_signs(note)
    ]


def list_notes(place: Place) -> list[str]:
    return [note for _, note in find_notes(place)]


def find_notes(place: Place) -> Iterator[tuple[Box, str]]:
    """Yield the notes that the return would have, with their boxes. A draft may have others, and longer ones: those
    can't be handed in."""
    entries = place.entries
    for box in place.boxes:
        note = tidy_text(entries.get(box.name, NOTHING_TYPED).note)
        if len(note) <= LONGEST_NOTE:
            yield box, note


@open_to(Role.AGENCY_LEAD)
@require_POST
def return_submit(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Submit what was checked."""
    place = find_place(request, area, month, agency)
    notes = list_notes(place) if place.takes_entries else []
    form = form_for(request, lambda typed: SubmitForm(typed or {}, month=month, notes=notes))

    def submit() -> None:
        submit_return(place.agency, place.period, revision=form.cleaned_data["revision"], by=request.user)

    if is_saved(request, form, submit):
        return redirect(place.url("return-receipt"))
    if is_refused(form):
        messages.error(request, form.refusal)
        return redirect(place.url("return-edit"))
    return send_back(request, form, place.url("return-check"))


@open_to(Role.AGENCY_LEAD)
@require_POST
def return_withdraw(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Withdraw a return that nobody has released or accepted."""
    place = find_place(request, area, month, agency)
    submission = place.submission
    if submission is None:
        return redirect(place.url("return-edit"))
    seen = seen_in(request, missing=NO_RETURN)
    is_done(
        request,
        lambda: withdraw_return(submission, revision=seen, by=request.user),
        done="The return is your draft again, with all its figures. Submit it when they are right.",
        undone="The return has not been withdrawn.",
    )
    return redirect(place.url("return-edit"))


@open_to(*READERS)
@require_safe
def return_receipt(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Show the receipt: when it was submitted and by whom, who gets it next, and by when."""
    place = find_place(request, area, month, agency)
    if place.submission is None or place.submission.state not in HANDED_IN:
        return redirect(place.url("return-edit"))
    step = next_step(place.submission, place.period, today=timezone.localdate())
    observations = list(place.submission.observations.select_related("indicator", "category"))
    so_far = [answer for answer in list_answers(place.boxes, observations, last={}) if answer.mark == SO_FAR]
    figures = sum(figure.value is not None for figure in observations)
    context = make_context(
        place,
        step=step,
        figures=figures,
        asked=len(observations),
        so_far=so_far,
        can_withdraw=can_withdraw(request, place),
    )
    return render(request, "indicators/return_receipt.html", context)


@open_to(Role.COORDINATOR)
@require_POST
def reminder_resend(request: AreaRequest, area: PartnershipArea, reminder: int) -> HttpResponse:
    reminders = OutboxEntry.objects.filter(kind=LetterKind.RETURNS.value, area=area.slug)
    failed = get_object_or_404(reminders.select_related("person"), pk=reminder)

    def send() -> None:
        sent = send_again(failed, by=request.user)
        if sent.fault:
            messages.error(request, f"The reminder to {sent.person} could not be sent again: {sent.fault}")
        else:
            messages.success(request, f"The reminder to {sent.person} has been sent.")

    is_done(request, send)
    return redirect("reporting:return-grid", area.slug, get_period(failed).month)
