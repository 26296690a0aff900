"""All returns that one person enters for a month, in all their areas, on one page.

Each is saved separately. Only the person's own memberships link them, and every request checks these again (ADR
0012).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from core.form_pages import form_for, is_saved, pressed, response_status, typed_into
from core.models import User
from core.months import Month
from core.services.by_itself import by_itself
from indicators.forms.returns import EntriesForm
from indicators.presenters.return_sheet import Sheet, Summary
from indicators.presenters.todo import lead_state
from indicators.selectors.backgrounds import Background, get_backgrounds
from indicators.selectors.markings import get_strictest
from indicators.selectors.turns import describe_due
from indicators.services.return_files import describe_form
from indicators.views.pasting import show_pasted
from indicators.views.places import Place, Places, find_places
from indicators.views.returns import NOT_KEPT, SAVED, describe_late, describe_unfinished, save
from indicators.views.sheets import build_sheet
from indicators.workflow import SubmissionState

LEFT_OUT = "Nothing was saved for {}: you don’t enter a return there."
CHOOSE = "Choose which area the figures are for, or put the cursor in the box where they start."
MOST_NAMED = 40  # characters of a form's text that we didn't write


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
    forms, left_out = make_forms(request, places), list_left_out(request, places)
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


def list_left_out(request: HttpRequest, places: Places) -> list[str]:
    """List a sentence for each return in the form that isn't this person's: perhaps they are no longer its lead, or
    never were. The sentence must not show whether such an area exists."""
    typed, known = typed_into(request), {f"{place.prefix}revision" for place in places.places}
    names = [name for name in typed or () if name.endswith("/revision") and name not in known]
    return [LEFT_OUT.format(f"“{name.removesuffix('/revision')[:MOST_NAMED]}”") for name in names]


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
        return make_part(places, place, sheet)

    return [make(place) for place in places.places]


def make_part(places: Places, place: Place, sheet: Sheet | None) -> Part:
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
