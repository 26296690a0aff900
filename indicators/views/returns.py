"""An agency’s return for a month: type figures in, and read what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.forms import question_left
from core.models import User
from core.months import Month
from core.services import kept_forms
from core.services.revisions import ChangedMeanwhile
from core.transitions import Refused, TransitionRefused
from indicators.entries import (
    REASONS,
    Entry,
    PasteRefused,
    blanks_in,
    merge,
    paste,
    read_opened,
    with_nil,
    write_opened,
)
from indicators.models import Submission
from indicators.permissions import can_enter, can_release, check_can_enter
from indicators.presenters.return_form import answers_of, control_id, entry_of, entry_words, groups_of, typed_answers
from indicators.selectors.returns import Box, figures_of
from indicators.selectors.series import pasts_of
from indicators.selectors.turns import due_words, next_step
from indicators.services.origins import add_origin
from indicators.services.returns import entries_of, save_draft
from indicators.views.places import Place, find_place
from indicators.workflow import EDITABLE, HANDED_IN, SubmissionState

READERS = (
    Role.AGENCY_LEAD,
    Role.AGENCY_APPROVER,
    Role.AGENCY_CONTACT,
    Role.COORDINATOR,
    Role.ANALYST,
    Role.INFORMATION,
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it came: what was typed, what it had been opened with, at which revision."""

    entries: dict[str, Entry]
    opened: dict[str, Entry]
    revision: int


@dataclass(frozen=True, slots=True)
class Faults:
    """What is said about a form: what is wrong and what is asked, by control; a refusal of the whole;
    and what somebody else saved meanwhile, by box."""

    errors: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    clashes: Mapping[str, Entry] = field(default_factory=dict)


NO_FAULTS = Faults()


def read_form(post: QueryDict, boxes: list[Box]) -> Typed:
    """What was typed, as it was typed."""

    def typed(name: str) -> str:
        return post.get(name, "").replace("\x00", "")

    entries = {
        box.name: Entry(typed(f"{box.name}:value"), typed(f"{box.name}:reason"), typed(f"{box.name}:note"))
        for box in boxes
    }
    return Typed(entries, read_opened(post.get("opened", "")), read_revision(post))


def read_revision(post: QueryDict, name: str = "revision") -> int:
    """The revision that the form was opened with; -1, which no return has, for anything else."""
    text = post.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else -1


@open_to(*READERS)
def return_edit(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """The form; or, for whoever may not type in it now, what it holds."""
    place = find_place(request, area, month, agency)
    if request.method != "POST":
        if can_enter(request.access, place.agency) and place.takes_entries:
            return show_kept(request, place) or show_form(request, place, saved_in(place))
        return show_return(request, place)
    check_can_enter(place.agency, by=request.user)
    return take_form(request, place, read_form(request.POST, place.boxes))


def saved_in(place: Place) -> dict[str, Entry]:
    """What the form holds: the draft; and where that has nothing, what a file or a correction brought."""
    brought = figures_of(place.agency, place.period.month)
    return {name: entry_of(figure) for name, figure in brought.items()} | entries_of(place.submission)


def show_kept(request: AreaRequest, place: Place) -> HttpResponse | None:
    """What this person typed before their session ended, if it was kept."""
    held = kept_forms.kept(request.session, path=request.path, by=request.user)
    if held is None:
        return None
    refusal = "What you typed could not be saved: you had been signed out, or the page was open too long. It is below."
    return show_merged(
        request,
        place,
        read_form(held, place.boxes),
        refusal=f"{refusal} Save it now.",
        pasted=held.get("pasted", ""),
        status=200,
    )


def take_form(request: AreaRequest, place: Place, typed: Typed) -> HttpResponse:
    """Keep what was typed, and do what the pressed button asks for besides."""
    then, entries, done = (
        request.POST.get("then", "save"),
        typed.entries,
        "Draft saved. You can leave, and go on later.",
    )
    if then == "paste":
        try:
            entries, count = paste(request.POST.get("pasted", ""), place.names, entries)
        except PasteRefused as refused:
            faults = Faults(refusal=str(refused))
            pasted = request.POST.get("pasted", "")
            return show_form(request, place, entries, faults, opened=typed, pasted=pasted, status=422)
        rows = f"{count} {'row' if count == 1 else 'rows'}"
        done = f"{rows} filled from what you pasted, and the draft saved. Check the figures before you submit them."
    try:
        save_draft(place.agency, place.period, entries, revision=typed.revision, by=request.user)
    except ChangedMeanwhile as changed:
        place = find_place(request, place.agency.area, place.period.month, place.agency.code)
        return show_merged(
            request, place, Typed(entries, typed.opened, typed.revision), refusal=str(changed), status=409
        )
    except TransitionRefused as refused:
        return show_form(request, place, entries, Faults(refusal=str(refused)), opened=typed, status=409)
    kept_forms.forget(request.session)
    if then in ("check", "nil"):
        return redirect(place.url(f"return-{then}"))
    if then.startswith("add:"):
        done = add_place(request, place, then.removeprefix("add:"))
    if done:
        messages.success(request, done)
    return redirect(place.url("return-edit"))


def add_place(request: AreaRequest, place: Place, indicator: str) -> str:
    """Add the chosen origin to an indicator's rows. Returns what was done, or nothing: then the person
    has been told why not."""
    box = next((box for box in place.boxes if box.indicator.code == indicator), None)
    dimension = box.indicator.dimension if box else None
    try:
        if dimension is None:
            raise ValidationError("Choose where the line comes from in the list under its question.")
        category = add_origin(
            dimension, request.POST.get(f"origin:{indicator}", ""), agency=place.agency, by=request.user
        )
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return ""
    return f"{category.name} has a row of its own now. Your draft is saved."


def show_merged(
    request: AreaRequest, place: Place, typed: Typed, *, refusal: str, pasted: str = "", status: int
) -> HttpResponse:
    """The form again, with what was typed in it brought together with what is saved now."""
    saved = saved_in(place)
    if typed.revision == place.revision:
        return show_form(request, place, typed.entries, Faults(refusal=refusal), pasted=pasted, status=status)
    merged = merge(typed.opened, typed.entries, saved)
    labels = {box.name: box.label for box in place.boxes}
    taken = [labels[name] for name in merged.taken if name in labels]
    if taken:
        refusal += f" Changed meanwhile, where you had typed nothing: {'; '.join(taken)}."
    faults = Faults(refusal=refusal, clashes=merged.clashes)
    return show_form(request, place, merged.entries, faults, pasted=pasted, status=status)


@open_to(Role.AGENCY_LEAD)
def return_nil(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """A nil return for all that is blank: asked back, then done."""
    place = find_place(request, area, month, agency)
    check_can_enter(place.agency, by=request.user)
    if not place.takes_entries:
        return redirect(place.url("return-edit"))
    entries = entries_of(place.submission)
    blank = blanks_in(place.names, entries)
    if request.method != "POST":
        if not blank:
            messages.info(request, "No row is blank, so there is nothing to fill with 0.")
            return redirect(place.url("return-edit"))
        labels = [box.label for box in place.boxes if box.name in blank]
        return render(request, "indicators/return_nil.html", context_of(place, blank=labels))
    try:
        save_draft(
            place.agency,
            place.period,
            with_nil(place.names, entries),
            revision=read_revision(request.POST),
            by=request.user,
        )
    except Refused as refused:
        messages.error(request, f"{refused} No 0 was entered.")
        return redirect(place.url("return-edit"))
    count = f"{len(blank)} {'row' if len(blank) == 1 else 'rows'}"
    messages.success(request, f"0 is entered in {count} and the draft saved. Check the figures, then submit them.")
    return redirect(place.url("return-edit"))


def show_form(
    request: AreaRequest,
    place: Place,
    entries: Mapping[str, Entry],
    faults: Faults = NO_FAULTS,
    *,
    opened: Typed | None = None,
    pasted: str = "",
    status: int = 200,
) -> HttpResponse:
    """The form with these entries. It says what it was opened with: what is saved now, or, where a form
    comes back unsaved, what that one was `opened` with. `pasted` is a block that was not taken in."""
    month = place.period.month
    groups = groups_of(
        place.boxes,
        entries,
        last=figures_of(place.agency, month.previous),
        pasts=pasts_of(place.agency, month, place.boxes),
        errors=faults.errors,
        questions=faults.questions,
        clashes=faults.clashes,
    )
    context = context_of(
        place,
        groups=groups,
        errors=[(control_id(key), sentence) for key, sentence in faults.errors.items()],
        questions=[(control_id(key), sentence) for key, sentence in faults.questions.items()],
        clashes=[
            (control_id(f"{box.name}:value"), box.label, entry_words(faults.clashes[box.name]))
            for box in place.boxes
            if box.name in faults.clashes
        ],
        has_errors=bool(faults.errors or faults.questions or faults.refusal),
        refusal=faults.refusal,
        unsaved=bool(faults.refusal),
        reasons=[(reason.value, label) for reason, label in REASONS.items()],
        opened=write_opened(opened.opened if opened else saved_in(place)),
        pasted=pasted,
        kept_field=kept_forms.FIELD,
        proof=kept_forms.proof(request.user),
        due=due_words(place.period.due_on, today=timezone.localdate()),
    )
    if opened is not None:
        context["revision"] = opened.revision
    return render(request, "indicators/return_edit.html", context, status=status)


def show_return(request: AreaRequest, place: Place) -> HttpResponse:
    """What a return holds, for somebody who can't type in it; with the buttons of whose turn it is."""
    submission, left = place.submission, kept_forms.take(request.session, path=request.path)
    last = figures_of(place.agency, place.period.month.previous)
    if submission is not None and submission.state not in EDITABLE:
        held = submission.observations.select_related("indicator", "category")
        answers = answers_of(place.boxes, held, last=last)
    else:
        answers = typed_answers(place.boxes, entries_of(submission), last=last)
    context = context_of(
        place,
        answers=answers,
        links=submission is not None and submission.state in HANDED_IN,
        step=next_step(submission, place.period, today=timezone.localdate()) if submission else None,
        decisions=decisions_of(request.user, request, place),
        left=left,
        question=question_left(left),
        has_errors=bool(left),
    )
    return render(request, "indicators/return_read.html", context)


def decisions_of(user: User, request: AreaRequest, place: Place) -> frozenset[str]:
    """What this person may decide about a return now: accept, return, release."""
    submission = place.submission
    if submission is None or submission.state not in HANDED_IN:
        return frozenset()
    is_late = place.period.is_published and submission.state != SubmissionState.ACCEPTED
    if not place.period.is_open and not is_late:
        return frozenset()
    acts = _acts(user, request, place, submission)
    return acts - {"return"} if is_late else acts


def _acts(user: User, request: AreaRequest, place: Place, submission: Submission) -> frozenset[str]:
    awaits_release = submission.state == SubmissionState.SUBMITTED and place.agency.needs_release
    if awaits_release and can_release(request.access, place.agency):
        return frozenset({"return"} if submission.submitted_by == user else {"release", "return"})
    if not request.access.can_coordinate:
        return frozenset()
    if awaits_release or submission.state == SubmissionState.ACCEPTED:
        return frozenset({"return"})
    return frozenset({"accept", "return"})


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
