"""Checks all returns that one person enters for a month, and hands in those that are ready. The others stay drafts and
show what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.form_pages import describe_refusal, form_for, is_filled_in, response_status, try_to
from core.forms import MOST_NAMED
from core.models import User
from core.months import Month
from core.services.by_itself import by_itself
from indicators.forms.returns import SubmitSeveralForm
from indicators.presenters.return_form import Answer, control_id, list_answers
from indicators.presenters.return_sheet import Faults, Summary
from indicators.selectors.backgrounds import Background
from indicators.services.entries import Checked, check_entries
from indicators.services.returns import submit_return
from indicators.views.handing_in import list_looks, list_notes
from indicators.views.places import Place, Places, find_places
from indicators.views.sheets import build_sheet
from indicators.views.together import Part, frame, get_all_backgrounds, lead_elsewhere, list_left_out, make_part


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """One return on the page: its answers if it is ready, and otherwise its form."""

    part: Part
    answers: list[Answer]


def returns_check(request: HttpRequest, month: Month) -> HttpResponse:
    """Show the answers of each ready return, to hand in together, and what is missing from each of the others."""
    places = find_places(cast("User", request.user), month)
    elsewhere = lead_elsewhere(request, places) if request.method != "POST" else None
    if elsewhere is not None:
        return elsewhere
    begun = [place for place in places.open if place.submission is not None]
    backgrounds = get_all_backgrounds(begun, month)
    checked = {place.prefix: check(place, backgrounds[place.agency.pk]) for place in begun}
    ready = [place for place in begun if checked[place.prefix].is_ready]
    form = form_for(
        request,
        lambda typed: SubmitSeveralForm(
            typed or {},
            prefixes=[place.prefix for place in places.places],
            notes=[note for place in ready for note in list_notes(place)],
        ),
    )
    if is_filled_in(request, form):
        submit_each(request, places, form)
        return redirect(places.url("edit"))
    return show_checked(request, places, backgrounds, checked, form)


def check(place: Place, background: Background) -> Checked:
    return check_entries(
        place.boxes,
        place.entries,
        pasts=background.pasts,
        worked_out=background.worked_out,
        shared=background.shared,
    )


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
            messages.error(request, f"{places.title(place.agency)} is not submitted. {describe_refusal(refusal)}")
    if done:
        messages.success(request, f"Submitted: {'; '.join(done)}.")
    left_out = list_left_out(request, places)
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
        found = checked.get(place.prefix)
        if found is None:
            others.append(make_part(places, place, None))
            continue
        background = backgrounds[place.agency.pk]
        if found.is_ready:
            answers = list_answers(place.boxes, found.make_observations(), last=background.last)
            ready.append(CheckedPart(make_part(places, place, None), answers))
            continue
        sheet = build_sheet(
            place,
            background,
            Faults(found.errors, found.questions),
            entries=place.entries,
            prefix=place.prefix,
            title=places.title(place.agency),
        )
        lacking.append(make_part(places, place, sheet))
    looks = [
        (f"{places.url('edit')}#{control_id(each.part.place.prefix + key)}", f"{each.part.title}: {words}")
        for each in ready
        for key, words in list_looks(each.part.place)
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
