"""All returns that one person enters for a month, in all their areas: on one page, or as one file.

Each is saved separately. Only the person's own memberships link them, and every request checks these again (ADR
0012).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.calendar import Month
from core.forms.fields import MOST_NAMED
from core.forms.pages import (
    describe_refusal,
    form_for,
    is_filled_in,
    is_saved,
    pressed,
    response_status,
    try_to,
    typed_into,
)
from core.models import User
from indicators.forms.returns import EntriesForm, FileForm, SubmitSeveralForm
from indicators.imports.figures import LARGEST_FILE, REASONS_LISTED, FigureFile
from indicators.presenters.return_file import ReturnFile
from indicators.presenters.returns import Answer, Faults, Sheet, Summary, control_id, list_answers
from indicators.presenters.todo import lead_state
from indicators.selectors.disclosure import get_strictest
from indicators.selectors.returns import describe_due, get_figures_of
from indicators.selectors.series import Background, get_backgrounds
from indicators.services.entries import (
    Checked,
    Problem,
    check_entries,
    describe_form,
    list_left_out,
    make_preview,
    most_rows_for,
    split_file,
)
from indicators.services.returns import submit_return
from indicators.services.together import by_itself
from indicators.views.files import (
    KINDS,
    Place,
    Places,
    PreviewPart,
    find_places,
    make_file_part,
    make_part,
    send_file,
    show_parts,
    show_pasted,
)
from indicators.views.returns import (
    NOT_KEPT,
    SAVED,
    build_sheet,
    describe_late,
    describe_unfinished,
    list_looks,
    list_notes,
    save,
)
from indicators.workflow import SubmissionState

LEFT_OUT = "Nothing was saved for {}: you don’t enter a return there."
CHOOSE = "Choose which area the figures are for, or put the cursor in the box where they start."
MOST_RETURNS_NAMED = 40  # characters of a form's text that we didn't write


@dataclass(frozen=True, slots=True)
class Part:
    """One return on the page: its state, and its table if figures can be entered."""

    place: Place
    title: str
    state: str
    state_css: str
    due: str
    late: str
    filled: int
    sheet: Sheet | None

    @property
    def is_returned(self) -> bool:
        submission = self.place.submission
        return submission is not None and submission.state == SubmissionState.RETURNED


def returns_edit(request: HttpRequest, month: Month) -> HttpResponse:
    """Show a month's returns to fill in, area by area. One button saves, checks, or fills them from a block."""
    user = cast("User", request.user)
    places = find_places(user, month)
    forms, left_out = make_forms(request, places), list_returns_left_out(request, places)
    if request.method != "POST":
        elsewhere = lead_elsewhere(request, places) if typed_into(request) is None else None
        kept = {prefix: form for prefix, form in forms.items() if form.is_changed}
        return elsewhere or show_returns(request, places, kept, left_out=left_out)
    into = pasted_into(request, places)
    waiting = [place for place in places.places if is_to_save(request, forms[place.prefix])]
    saved = [place for place in waiting if save_one(request, place, forms[place.prefix])]
    refused = {place.prefix: forms[place.prefix] for place in waiting if place not in saved}
    then = pressed(request, "then").partition(":")[0]
    if then == "paste" and into is None:
        left_out.append(CHOOSE)
    if refused or left_out:
        tell_saved(request, places, saved, forms)
        places = find_places(user, month)  # as they are now
        return show_returns(request, places, refused, left_out=left_out)
    if then == "paste" and into is not None:
        form, place = forms[into.prefix], find_places(user, month).by_prefix[into.prefix]
        frame = {"marking": get_strictest([place.period])}
        return show_pasted(request, place, form, form_url=places.url("edit"), frame=frame, prefix=place.prefix)
    if then == "check":
        return redirect(places.url("check"))
    tell_saved(request, places, saved, forms, then=then)
    if not saved:
        messages.info(request, "No figure had changed, so nothing was saved.")
    return redirect(places.url("edit"))


# --- What was sent ----------------------------------------------------------------------------------


def make_forms(request: HttpRequest, places: Places) -> dict[str, EntriesForm]:
    """Return the forms by prefix. A return that wasn't on the page when it was opened has an empty form."""
    typed = typed_into(request)
    into = pasted_into(request, places) if request.method == "POST" and pressed(request, "then") == "paste" else None

    def make_form(place: Place) -> EntriesForm:
        prefix, names = place.prefix, place.names
        block = describe_form(place.agency, places.month, place.boxes) if place is into else None
        if typed is None or f"{prefix}revision" not in typed:
            return EntriesForm(None, names=names, pasted_into=None, prefix=prefix)
        return form_for(
            request,
            lambda sent: EntriesForm(sent, names=names, pasted_into=block, prefix=prefix),
            kept=NOT_KEPT,
        )

    return {place.prefix: make_form(place) for place in places.places}


def pasted_into(request: HttpRequest, places: Places) -> Place | None:
    """Return the prefix that a block is for: that of the box it was pasted into, or the area chosen beside it."""
    start, chosen = pressed(request, "start"), pressed(request, "paste_into")
    by_prefix = places.by_prefix
    # The name of a box starts with the prefix of its return.
    return next((by_prefix[prefix] for prefix in by_prefix if start.startswith(prefix)), by_prefix.get(chosen))


def is_to_save(request: HttpRequest, form: EntriesForm) -> bool:
    """Return whether a form changes something. A return in which nothing was typed stays as it is, unless something was
    pasted or a paste is being undone."""
    is_pressed = find_button(request, form) in ("pasted", "undo")
    return form.is_bound and (form.is_changed or is_pressed or bool(form.errors))


def find_button(request: HttpRequest, form: EntriesForm) -> str:
    """Return the pressed button for this return: it must not undo another return's paste."""
    then, _, whose = pressed(request, "then").partition(":")
    return then if whose in ("", form.prefix) else "save"


def save_one(request: HttpRequest, place: Place, form: EntriesForm) -> bool:
    user, then = cast("User", request.user), find_button(request, form)
    # Each in its own transaction, so that a refused return undoes no other.
    return is_saved(request, form, lambda: by_itself(lambda: save(place, form, then=then, by=user), name=place.prefix))


def list_returns_left_out(request: HttpRequest, places: Places) -> list[str]:
    """List a sentence for each return in the form that isn't this person's: perhaps they are no longer its lead, or
    never were. The sentence must not show whether such an area exists."""
    typed, revisions = typed_into(request), {f"{place.prefix}revision" for place in places.places}
    names = [name for name in typed or () if name.endswith("/revision") and name not in revisions]
    return [LEFT_OUT.format(f"“{name.removesuffix('/revision')[:MOST_RETURNS_NAMED]}”") for name in names]


# --- What is shown ----------------------------------------------------------------------------------


def lead_elsewhere(request: HttpRequest, places: Places) -> HttpResponse | None:
    """With fewer than two returns, go to the only one, or show a page that says there is none."""
    if len(places.places) + len(places.unopened) > 1:
        return None
    if places.places:
        return redirect(places.places[0].url("return-edit"))
    return render(request, "indicators/returns_none.html", {"month": places.month, "unopened": places.unopened})


def show_returns(
    request: HttpRequest, places: Places, forms: Mapping[str, EntriesForm], *, left_out: list[str] | None = None
) -> HttpResponse:
    parts = make_parts(request, places, forms)
    sheets = [part.sheet for part in parts if part.sheet]
    summary = Summary(sheets, [("#paste_into" if sentence == CHOOSE else "", sentence) for sentence in left_out or []])
    status = max([response_status(form) for form in forms.values()], default=200)
    context = frame(places) | {
        "parts": parts,
        "summary": summary,
        "has_errors": summary.has_errors,
        "unsaved": summary.is_unsaved,
        "pasted": pressed(request, "pasted") if pressed(request, "then") == "paste" else "",
        "paste_into": pressed(request, "paste_into"),
        "takes_entries": bool(summary.sheets),
    }
    return render(request, "indicators/returns_edit.html", context, status=status)


def frame(places: Places) -> dict[str, Any]:
    return {
        "month": places.month,
        "places": places,
        "unopened": [places.title(agency) for agency in places.unopened],
        "marking": get_strictest(place.period for place in places.places),
        "edit_url": places.url("edit"),
        "check_url": places.url("check"),
        "file_url": places.url("file"),
        "into": [(place.prefix, places.title(place.agency)) for place in places.open],
    }


def get_all_backgrounds(places: list[Place], month: Month) -> dict[int, Background]:
    return get_backgrounds({place.agency: place.boxes for place in places}, month)


def make_parts(request: HttpRequest, places: Places, forms: Mapping[str, EntriesForm]) -> list[Part]:
    backgrounds, is_sent = get_all_backgrounds(places.places, places.month), request.method == "POST"

    def make(place: Place) -> Part:
        form, title = forms.get(place.prefix), places.title(place.agency)
        came_back = form is not None and form.is_bound
        sheet = None
        if place.takes_entries or came_back:
            sheet = build_sheet(
                place, backgrounds[place.agency.pk], form=form, is_sent=is_sent, prefix=place.prefix, title=title
            )
        return make_sheet_part(places, place, sheet)

    return [make(place) for place in places.places]


def make_sheet_part(places: Places, place: Place, sheet: Sheet | None) -> Part:
    today = timezone.localdate()
    label, css = lead_state(place.status, today=today)
    if not place.takes_entries:
        label, css = place.status.label, place.status.state
    entries = place.entries
    filled = sum(name in entries and not entries[name].is_blank for name in place.names)
    return Part(
        place=place,
        title=places.title(place.agency),
        state=label,
        state_css=css,
        due=describe_due(place.period.due_on, today=today),
        late=describe_late(place),
        filled=sheet.filled if sheet else filled,
        sheet=sheet,
    )


def tell_saved(
    request: HttpRequest, places: Places, saved: list[Place], forms: Mapping[str, EntriesForm], *, then: str = ""
) -> None:
    """Say which returns were saved, by their areas, and how many of their figures have an error."""
    names = "; ".join(places.title(place.agency) for place in saved)
    unfinished = describe_unfinished((place, forms[place.prefix]) for place in saved)
    if saved:
        done = f"{names}: {SAVED[then]}" if then in SAVED else f"Draft saved: {names}. {unfinished}".strip()
        messages.success(request, done)


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """One return on the page: its answers if it is ready, and otherwise its form."""

    part: Part
    answers: list[Answer]


def returns_check(request: HttpRequest, month: Month) -> HttpResponse:
    """Show the answers of each ready return, to hand in together, and what is missing from each of the others, which
    stay drafts."""
    places = find_places(cast("User", request.user), month)
    elsewhere = lead_elsewhere(request, places) if request.method != "POST" else None
    if elsewhere is not None:
        return elsewhere
    begun = [place for place in places.open if place.submission is not None]
    backgrounds = get_all_backgrounds(begun, month)
    checked = {place.prefix: check_entries(place.boxes, place.entries, backgrounds[place.agency.pk]) for place in begun}
    ready = [place for place in begun if checked[place.prefix].is_ready]
    form = form_for(
        request,
        lambda typed: SubmitSeveralForm(
            typed or {},
            month=month,
            prefixes=[place.prefix for place in places.places],
            notes=[note for place in ready for note in list_notes(place)],
        ),
    )
    if is_filled_in(request, form):
        submit_each(request, places, form)
        return redirect(places.url("edit"))
    return show_checked(request, places, backgrounds, checked, form)


def submit_each(request: HttpRequest, places: Places, form: SubmitSeveralForm) -> None:
    """Hand in each checked return separately. The next page says which were submitted, and why others weren't."""
    user, done = cast("User", request.user), []
    for prefix, seen in form.seen.items():
        place = places.by_prefix[prefix]

        # As defaults, because a closure would look up the loop's variables only when it is called.
        def submit(place: Place = place, seen: int = seen) -> object:
            return submit_return(place.agency, place.period, revision=seen, by=user)

        refusal = try_to(lambda submit=submit, prefix=prefix: by_itself(submit, name=prefix))  # type: ignore[misc]
        if refusal is None:
            done.append(places.title(place.agency))
        else:
            messages.error(request, f"{places.title(place.agency)} was not submitted. {describe_refusal(refusal)}")
    if done:
        messages.success(request, f"Submitted: {'; '.join(done)}.")
    left_out = list_returns_left_out(request, places)
    for sentence in left_out:
        messages.error(request, sentence)
    if not form.seen and not left_out:
        messages.error(request, "Nothing was submitted: no return was ready.")


def show_checked(
    request: HttpRequest,
    places: Places,
    backgrounds: Mapping[int, Background],
    checked: Mapping[str, Checked],
    form: SubmitSeveralForm,
) -> HttpResponse:
    ready, lacking, others = list[CheckedPart](), list[Part](), list[Part]()
    for place in places.places:
        outcome = checked.get(place.prefix)
        if outcome is None:
            others.append(make_sheet_part(places, place, None))
            continue
        background = backgrounds[place.agency.pk]
        if outcome.is_ready:
            answers = list_answers(place.boxes, outcome.make_observations(), last=background.last)
            ready.append(CheckedPart(make_sheet_part(places, place, None), answers))
            continue
        sheet = build_sheet(
            place,
            background,
            Faults(outcome.errors, outcome.questions),
            entries=place.entries,
            prefix=place.prefix,
            title=places.title(place.agency),
        )
        lacking.append(make_sheet_part(places, place, sheet))
    looks = [
        (f"{places.url('edit')}#{control_id(ready_part.part.place.prefix + key)}", f"{ready_part.part.title}: {words}")
        for ready_part in ready
        for key, words in list_looks(ready_part.part.place)
    ]
    wrong = [(f"#{key}", sentence) for key, sentence in form.wrong.items()]
    others_told = [*looks[:MOST_NAMED], *wrong] if wrong else []
    summary = Summary([part.sheet for part in lacking if part.sheet], others_told)
    context = frame(places) | {
        "ready": ready,
        "lacking": lacking,
        "others": others,
        "summary": summary,
        "form": form,
        "has_errors": summary.has_errors,
    }
    return render(request, "indicators/returns_check.html", context, status=response_status(form))


def returns_file(request: HttpRequest, month: Month) -> HttpResponse:
    """Download the returns as one file, or send it. A sent file is only shown: it isn't saved or stored."""
    places = find_places(cast("User", request.user), month)
    elsewhere = lead_elsewhere(request, places)
    if elsewhere is not None:
        return elsewhere
    boxes = [box for place in places.open for box in place.boxes]
    form = form_for(request, lambda typed: FileForm(typed, request.FILES or None, most_rows=most_rows_for(boxes)))
    if is_filled_in(request, form):
        return show_preview(request, places, form.name, form.read)
    refusal = " ".join(map(str, form.errors.get("file", [])))
    context = frame(places) | {
        "refusal": refusal,
        "has_errors": bool(refusal),
        "can_send": bool(boxes),
        "titles": [places.title(place.agency) for place in places.open],
        "largest": LARGEST_FILE // 1024**2,
        "reasons": REASONS_LISTED,
    }
    return render(request, "indicators/returns_file.html", context)


@require_safe
def returns_template(request: HttpRequest, month: Month, kind: str) -> HttpResponse:
    """Send the returns to fill in, with their forms' entries."""
    if kind not in KINDS:
        raise Http404("You can download the returns as xlsx, ods or csv.")
    places = find_places(cast("User", request.user), month)
    if not places.open:
        return redirect(places.url("edit"))
    (last,) = get_figures_of([place.agency for place in places.open], month.previous)
    parts = [make_file_part(place, last[place.agency.pk]) for place in places.open]
    return send_file(ReturnFile(month, parts, get_strictest(place.period for place in places.open)), kind)


def show_preview(request: HttpRequest, places: Places, name: str, file: FigureFile) -> HttpResponse:
    """Show what the file would change, area by area. A fault in one area doesn't stop the others."""
    split, others = split_file(file, [whose(place) for place in places.places])
    parts, problems = [], list[Problem]()
    for place in places.places:
        part, wrong = preview_part(places, place, split[whose(place)])
        problems += wrong
        if part is not None:
            parts.append(part)
    rows, left_out = list_left_out(others)
    if rows:
        parts.append(
            PreviewPart(
                "Not for your returns", rows, words="These rows match none of your returns, so they are left out."
            )
        )
    if file.is_hopeless:
        parts = [part.held_back() for part in parts]
    return show_parts(
        request,
        parts,
        [*left_out, *problems],
        month=places.month,
        whose=name_returns(sum(bool(part.entries) for part in parts)),
        what_follows=describe_parts(parts),
        by_letter=bool(file.columns),
        form_url=places.url("edit"),
        file_url=places.url("file"),
        name=name,
        frame=frame(places),
    )


def name_returns(number: int) -> str:
    return "1 return" if number == 1 else f"{number} returns"


def whose(place: Place) -> tuple[str, str]:
    return place.agency.area.slug, place.agency.code


def preview_part(places: Places, place: Place, file: FigureFile) -> tuple[PreviewPart | None, list[Problem]]:
    """Return what the file changes in one return, and its faults; None where the file has no row for it."""
    title = places.title(place.agency)
    if not file.rows:
        return None, []
    if not place.takes_entries:
        words = f"The return for {title} no longer accepts figures, so its rows are left out."
        return PreviewPart(title, [], prefix=place.prefix, words=words), []
    preview = make_preview(place.agency, places.month, place.boxes, place.entries, file)
    words = "" if preview.changed else "Nothing changes here."
    if preview.problems:
        words = "Nothing here can be saved until the rows are right. Correct them, then upload the file again."
    part = make_part(place, preview, place.entries, prefix=place.prefix, title=title, words=words)
    return part, [Problem(problem.line, f"{title}, {problem.place}", problem.sentence) for problem in preview.problems]


def describe_parts(parts: Sequence[PreviewPart]) -> str:
    can, cannot = [part for part in parts if part.can_be_saved], [part for part in parts if part.is_held]
    if not can:
        remedy = (
            "nothing can be saved until the file is right. Correct it, then upload it again."
            if cannot
            else "there is nothing to save."
        )
        return f"Nothing has been saved, and {remedy}"
    words = "Nothing has been saved yet."
    if cannot:
        words += f" You can save the rest now, without {'; '.join(part.title for part in cannot)}."
    return words
