"""Handing in a return: check the answers, submit them, and get a receipt."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import form_for, form_left, is_done, is_refused, is_saved, seen_in, send_back
from core.forms import MOST_NAMED
from core.months import Month
from core.personal import find_signs
from core.texts import tidy_text
from indicators.entries import NOTHING_TYPED
from indicators.forms.returns import NO_RETURN, SubmitForm
from indicators.permissions import check_enters
from indicators.presenters.return_form import control_id, list_answers
from indicators.presenters.return_sheet import Faults
from indicators.presenters.return_totals import SO_FAR
from indicators.selectors.backgrounds import get_background
from indicators.selectors.returns import Box
from indicators.selectors.turns import name_approvers, next_step
from indicators.services.entries import LONGEST_NOTE, check_entries
from indicators.services.returns import submit_return
from indicators.services.withdrawals import withdraw_return
from indicators.views.places import Place, find_place
from indicators.views.returns import READERS, can_withdraw, make_context, show_form
from indicators.workflow import HANDED_IN


@open_to(Role.AGENCY_LEAD)
@require_safe
def return_check(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Check the answers before they are submitted. An error sends people back to the form."""
    # `open_to` lets in the leads of every agency.
    place = find_place(request, area, month, agency)
    check_enters(request.access, place.agency)
    notes = list_notes(place)
    form = form_left(request, lambda typed: SubmitForm(typed or {}, notes=notes))
    if not place.takes_entries or (place.submission is None and not form.data):
        return redirect(place.url("return-edit"))
    return show_answers(request, place, form)


def show_answers(request: AreaRequest, place: Place, form: SubmitForm) -> HttpResponse:
    """Return the form that submits the draft. If notes look personal, it asks people to confirm that they aren't."""
    month, entries = place.period.month, place.entries
    background = get_background(place.agency, month, place.boxes)
    checked = check_entries(
        place.boxes,
        entries,
        pasts=background.pasts,
        worked_out=background.worked_out,
        shared=background.shared,
    )
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
    form = form_for(request, lambda typed: SubmitForm(typed or {}, notes=notes))

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
        undone="The return has not moved.",
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
    held = list(place.submission.observations.select_related("indicator", "category"))
    so_far = [answer for answer in list_answers(place.boxes, held, last={}) if answer.mark == SO_FAR]
    figures = sum(figure.value is not None for figure in held)
    context = make_context(
        place, step=step, figures=figures, asked=len(held), so_far=so_far, can_withdraw=can_withdraw(request, place)
    )
    return render(request, "indicators/return_receipt.html", context)
