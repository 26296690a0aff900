"""How does a page accept a form?

A view loads what the form is about, makes the form, saves it and redirects:

    form = form_for(request, lambda typed: MilestoneForm(typed, milestone=held))
    if is_saved(request, form, lambda: change_milestone(held, **form.typed(), by=request.user)):
        messages.success(request, "The milestone has been saved.")
        return redirect(action)
    return show_form(request, "actions/action_form.html", form, {…})

The form shows what is wrong, what looks personal and what the service refuses. It keeps everything that somebody typed.
If somebody else saved first, it says so. No other view checks whether a form is valid or catches a refusal:
tests/architecture/test_form_pages.py. A form that adds something is accepted once, with `taken_once`
(core.services.sent_once).
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, Protocol, cast, runtime_checkable

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from core.forms import CHANGED, UNREADABLE, RevisionField
from core.models import User
from core.services import kept_forms
from core.services.revisions import ChangedMeanwhile
from core.transitions import Refused

type Refusal = ValidationError | Refused | PermissionDenied

ANY_FORM = ["GET", "HEAD", "POST"]
WHY_KEPT = "you were signed out, or the page was open too long. It is below."
NOT_SAVED = f"What you typed was not saved: {WHY_KEPT} Send it again."
SIGNED_OUT = "You were signed out. We saved what you typed. Sign in to see it again."
NOT_SENT = f"What you typed was not sent: {WHY_KEPT} Send it again."
NO_ACT = "Nothing was changed. Press one of the buttons below."
# The code of an error that a service raised, and the HTTP status of the page that shows it.
REFUSED, FORBIDDEN, WRONG = "refused", "forbidden", "wrong"
STATUS = {CHANGED: 409, REFUSED: 409, FORBIDDEN: 403, UNREADABLE: 422, WRONG: 200}


# --- What was typed ---------------------------------------------------------------------------------


def typed_into(request: HttpRequest) -> QueryDict | None:
    """Return what somebody sends now, or what they typed before their sign-in ended, if they only open the page."""
    if request.method == "POST":
        return request.POST
    return kept_forms.find(request.session, path=request.path, by=cast("User", request.user))


def pressed(request: HttpRequest, name: str = "act") -> str:
    """Return which button of a page with several somebody pressed, now or before; empty for none."""
    typed = typed_into(request)
    # PostgreSQL raises an error for a NUL in a text; SQLite accepts it.
    return str(typed.get(name, "")).replace("\x00", "") if typed is not None else ""


def seen_in(request: HttpRequest, name: str = "revision", *, missing: int = 0) -> int:
    """Return the revision from a button that has no fields beside it."""
    return int(RevisionField(missing=missing).clean(pressed(request, name)))


def form_for[Form: forms.BaseForm](
    request: HttpRequest, make: Callable[[QueryDict | None], Form], *, kept: str = NOT_SAVED, **buttons: str
) -> Form:
    """Return the form with what somebody typed. For a page that is only opened, return an empty form, or what we kept
    for it.

    On a page with several forms, `buttons` say which form this is: `act="answer"`.
    """
    typed = typed_into(request)
    if typed is None or any(pressed(request, name) != button for name, button in buttons.items()):
        return make(None)
    form = make(typed)
    if request.method != "POST":
        form.add_error(None, kept)
    return form


def form_left[Form: forms.BaseForm](request: HttpRequest, make: Callable[[QueryDict | None], Form]) -> Form:
    """Return a form whose target isn't its own page, with what `send_back` left and the reason."""
    known = vars(request)  # a page may have several
    if "left" not in known:
        known["left"] = kept_forms.collect(request.session, path=request.path)
    left: kept_forms.Left | None = known["left"]
    if left is None:
        return make(None)
    form = make(left.typed)
    if left.form != type(form).__name__:  # a different form on the same page
        return make(None)
    if left.refusal and left.refusal not in form.non_field_errors():
        form.add_error(None, left.refusal)
    return form


# --- Saved, or not ----------------------------------------------------------------------------------


def is_chosen(form: forms.BaseForm) -> bool:
    """Return whether the form in an address has values that the page can show."""
    return form.is_bound and form.is_valid()


def is_filled_in(request: HttpRequest, form: forms.BaseForm) -> bool:
    """Return whether somebody sent the form and it is valid. For forms that are checked before they are saved."""
    return request.method == "POST" and form.is_bound and form.is_valid()


def is_saved(request: HttpRequest, form: forms.BaseForm, save: Callable[[], object]) -> bool:
    """Do what a form asks for, and return whether it was done. The form shows a refusal."""
    if not is_filled_in(request, form):
        return False
    refusal = try_to(save)
    if refusal is not None:
        refuse(form, refusal)
        return False
    # Not before it is saved: a refused form must survive a second sign-out.
    kept_forms.forget(request.session)
    return True


def is_done(request: HttpRequest, act: Callable[[], object], *, done: str = "", undone: str = "") -> bool:
    """Do what a button without fields asks for. The next page shows `done`, or the reason why not and `undone`."""
    refusal = try_to(act)
    if refusal is not None:
        messages.error(request, f"{describe_refusal(refusal)} {undone}".strip())
    elif done:
        messages.success(request, done)
    return refusal is None


def try_to(act: Callable[[], object]) -> Refusal | None:
    """Do it. Return the refusal, or None."""
    try:
        act()
    # Refusals only. An error of ours has to reach the log and the error page.
    except (ValidationError, Refused, PermissionDenied) as refusal:
        return refusal
    return None


def describe_refusal(refusal: Refusal) -> str:
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


@runtime_checkable
class ToldOfChanges(Protocol):
    """A form that can say by itself that somebody else changed the row first."""

    def tell_changed(self, changed: ChangedMeanwhile) -> None: ...


def refuse(form: forms.BaseForm, refusal: Refusal) -> None:
    """Show on a form why a service refused it: beside the field that it concerns, if the form has that field."""
    match refusal:
        case ChangedMeanwhile() if isinstance(form, ToldOfChanges):
            form.tell_changed(refusal)
        case ChangedMeanwhile():
            form.add_error(None, ValidationError(str(refusal), code=CHANGED))
            see(form, refusal.revision)
        case ValidationError():
            by_field = refusal.message_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.messages}
            for name, sentences in by_field.items():
                for sentence in sentences:
                    at = name if name in form.fields else None
                    form.add_error(at, ValidationError(sentence, code=WRONG))
        case _:
            code = FORBIDDEN if isinstance(refusal, PermissionDenied) else REFUSED
            form.add_error(None, ValidationError(str(refusal), code=code))


def see(form: forms.BaseForm, revision: int | None) -> None:
    """Set the form's revision to the current one, so that the next save is accepted."""
    if revision is None:
        return
    # A copy, because the request's own QueryDict can't be changed.
    data: Any = copy(form.data)
    for name, field in form.fields.items():
        if isinstance(field, RevisionField):
            data[form.add_prefix(name)] = str(revision)
    form.data = data


def came_between(form: forms.BaseForm) -> bool:
    """Return whether it wasn't saved because somebody else saved first."""
    return CHANGED in _codes(form)


def is_refused(form: forms.BaseForm) -> bool:
    """Return whether it wasn't saved, whatever somebody typed."""
    return not {CHANGED, REFUSED, FORBIDDEN}.isdisjoint(_codes(form))


def _codes(form: forms.BaseForm) -> set[str | None]:
    if not form.is_bound:
        return set()
    return {error.code for errors in form.errors.as_data().values() for error in errors}


# --- The page of a form -----------------------------------------------------------------------------


def show_form(
    request: HttpRequest,
    template: str,
    form: forms.BaseForm | None,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render the page of a form. `status` is the HTTP status if the form wasn't saved: see response_status."""
    is_forbidden = response_status(form) == STATUS[FORBIDDEN]
    return render(
        request, template, {"form": form, **(context or {})}, status=STATUS[FORBIDDEN] if is_forbidden else status
    )


def make_forms[Form: forms.BaseForm](
    acts: Sequence[str], make: Callable[[str], Form], *, pressed: str, form: Form | None
) -> list[tuple[str, Form, bool]]:
    """Return the forms of a page with several, one for each of the possible `acts`. Each comes with whether it is
    possible.

    The form whose button was `pressed` is included even if it is no longer possible.
    """
    shown = [*acts, pressed] if form is not None and pressed not in acts else acts
    return [(act, form if form is not None and act == pressed else make(act), act in acts) for act in shown]


def show_act(
    request: HttpRequest, template: str, form: forms.BaseForm | None, context: Mapping[str, Any]
) -> HttpResponse:
    """Render the page of several forms; `form` is the one whose button was pressed. It says so if there is no such
    button."""
    is_unknown = request.method == "POST" and form is None
    if is_unknown:
        return render(request, template, {**context, "refusal": NO_ACT, "has_errors": True}, status=400)
    return show_form(request, template, form, context, status=response_status(form))


def response_status(form: forms.BaseForm | None) -> int:
    return max((STATUS.get(code or "", 200) for code in _codes(form)), default=200) if form is not None else 200


def send_back(request: HttpRequest, form: forms.BaseForm, path: str) -> HttpResponse:
    """Return to the page that has the form, when the form's target is another address.

    That page shows the form again, with what somebody typed and why it was refused. It makes the form with `form_left`.
    """
    of_fields = {name: errors for name, errors in form.errors.as_data().items() if name != NON_FIELD_ERRORS}
    refused = [error for errors in of_fields.values() for error in errors if error.code == WRONG]
    refusal = " ".join([*form.non_field_errors(), *(sentence for error in refused for sentence in error.messages)])
    kept_forms.leave(request.session, path=path, form=type(form).__name__, typed=request.POST, refusal=refusal)
    return redirect(path)
