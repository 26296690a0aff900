"""How does a page take a form?

A view fetches what the form is about, makes the form, saves it, and leads on:

    form = form_for(request, lambda typed: MilestoneForm(typed, milestone=held))
    if is_saved(request, form, lambda: change_milestone(held, **form.typed(), by=request.user)):
        messages.success(request, "The milestone has been saved.")
        return redirect(action)
    return show_form(request, "actions/action_form.html", form, {…})

What is wrong with it, what looks personal in it and what the service refuses is said on the form, which keeps all that
was typed; whoever comes second is told. No other module of views asks a form whether it is valid, or catches what a
service refuses: tests/architecture/test_form_pages.py. A form that adds something is taken once, by `taken_once`
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
NOT_SENT = f"What you typed was not sent: {WHY_KEPT} Send it again."
NO_ACT = "Nothing was changed. Press one of the buttons below."
# The code of an error that a service raised, and how a page with it answers.
REFUSED, FORBIDDEN, WRONG = "refused", "forbidden", "wrong"
STATUS = {CHANGED: 409, REFUSED: 409, FORBIDDEN: 403, UNREADABLE: 422, WRONG: 200}


# --- What was typed ---------------------------------------------------------------------------------


def typed_into(request: HttpRequest) -> QueryDict | None:
    """What is sent now; or what is shown again on a page that is only opened, whose sign-in had ended."""
    if request.method == "POST":
        return request.POST
    return kept_forms.find(request.session, path=request.path, by=cast("User", request.user))


def pressed(request: HttpRequest, name: str = "act") -> str:
    """Which button of a page with several was pressed, just now or before; empty for none."""
    typed = typed_into(request)
    return str(typed.get(name, "")).replace("\x00", "") if typed is not None else ""


def seen_in(request: HttpRequest, name: str = "revision", *, missing: int = 0) -> int:
    """The revision that a button carries beside which nothing is typed."""
    return int(RevisionField(missing=missing).clean(pressed(request, name)))


def form_for[Form: forms.BaseForm](
    request: HttpRequest, make: Callable[[QueryDict | None], Form], *, kept: str = NOT_SAVED, **buttons: str
) -> Form:
    """The form with what was typed into it; an empty one, or one as it is kept, for a page that is only opened. Of a
    page with several, `buttons` say whose this one is: `act="answer"`."""
    typed = typed_into(request)
    if typed is None or any(pressed(request, name) != button for name, button in buttons.items()):
        return make(None)
    form = make(typed)
    if request.method != "POST":
        form.add_error(None, kept)
    return form


def form_left[Form: forms.BaseForm](request: HttpRequest, make: Callable[[QueryDict | None], Form]) -> Form:
    """A form that is sent to another address than its page's: with what was left by `send_back`, and why."""
    known = vars(request)  # a page may have several
    if "left" not in known:
        known["left"] = kept_forms.collect(request.session, path=request.path)
    left: kept_forms.Left | None = known["left"]
    if left is None:
        return make(None)
    form = make(left.typed)
    if left.form != type(form).__name__:  # another one of the same page
        return make(None)
    if left.refusal and left.refusal not in form.non_field_errors():
        form.add_error(None, left.refusal)
    return form


# --- Saved, or not ----------------------------------------------------------------------------------


def is_chosen(form: forms.BaseForm) -> bool:
    """Whether what an address chooses by a form can be shown."""
    return form.is_bound and form.is_valid()


def is_filled_in(request: HttpRequest, form: forms.BaseForm) -> bool:
    """Whether a form was sent, and holds: for what is looked at before it is saved."""
    return request.method == "POST" and form.is_bound and form.is_valid()


def is_saved(request: HttpRequest, form: forms.BaseForm, save: Callable[[], object]) -> bool:
    """Do what a form asks for. What is refused is said on it."""
    if not is_filled_in(request, form):
        return False
    refusal = try_to(save)
    if refusal is not None:
        refuse(form, refusal)
        return False
    kept_forms.forget(request.session)
    return True


def is_done(request: HttpRequest, act: Callable[[], object], *, done: str = "", undone: str = "") -> bool:
    """Do what a button asks for beside which nothing is typed. The next page says how it went: that it is `done`, or
    why not, and what is `undone` then."""
    refusal = try_to(act)
    if refusal is not None:
        messages.error(request, f"{describe_refusal(refusal)} {undone}".strip())
    elif done:
        messages.success(request, done)
    return refusal is None


def try_to(act: Callable[[], object]) -> Refusal | None:
    """Do it; what was refused, or nothing."""
    try:
        act()
    except (ValidationError, Refused, PermissionDenied) as refusal:
        return refusal
    return None


def describe_refusal(refusal: Refusal) -> str:
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


@runtime_checkable
class ToldOfChanges(Protocol):
    """A form that says by itself what it is told of somebody who came between."""

    def tell_changed(self, changed: ChangedMeanwhile) -> None: ...


def refuse(form: forms.BaseForm, refusal: Refusal) -> None:
    """Say on a form what a service refused: beside the control that it is about, if the form has it."""
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
    """Let the form carry the revision that there is by now, so that the next Save is taken."""
    if revision is None:
        return
    data: Any = copy(form.data)  # a QueryDict, or a dict
    for name, field in form.fields.items():
        if isinstance(field, RevisionField):
            data[form.add_prefix(name)] = str(revision)
    form.data = data


def came_between(form: forms.BaseForm) -> bool:
    """Whether it wasn't saved because somebody else was quicker."""
    return CHANGED in _codes(form)


def is_refused(form: forms.BaseForm) -> bool:
    """Whether it wasn't saved, whatever was typed into it."""
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
    """The page of a form. `status` is what a page of one thing answers where it was not saved: see status_of."""
    is_forbidden = response_status(form) == STATUS[FORBIDDEN]
    return render(
        request, template, {"form": form, **(context or {})}, status=STATUS[FORBIDDEN] if is_forbidden else status
    )


def make_forms[Form: forms.BaseForm](
    acts: Sequence[str], make: Callable[[str], Form], *, pressed: str, form: Form | None
) -> list[tuple[str, Form, bool]]:
    """The forms of a page with several, one for each of the `acts` that are possible now; and the one whose button was
    `pressed`, which is shown again whether it still is or not. Each with whether it is."""
    shown = [*acts, pressed] if form is not None and pressed not in acts else acts
    return [(act, form if form is not None and act == pressed else make(act), act in acts) for act in shown]


def show_act(
    request: HttpRequest, template: str, form: forms.BaseForm | None, context: Mapping[str, Any]
) -> HttpResponse:
    """The page of several forms: `form` is the one whose button was pressed. It says so where there is no such
    button."""
    is_unknown = request.method == "POST" and form is None
    if is_unknown:
        return render(request, template, {**context, "refusal": NO_ACT, "has_errors": True}, status=400)
    return show_form(request, template, form, context, status=response_status(form))


def response_status(form: forms.BaseForm | None) -> int:
    return max((STATUS.get(code or "", 200) for code in _codes(form)), default=200) if form is not None else 200


def send_back(request: HttpRequest, form: forms.BaseForm, path: str) -> HttpResponse:
    """To the page that a form stands on, where it is sent to another address: the form is there again, with what was
    typed into it and why it was refused. That page makes it by `form_left`."""
    of_fields = {name: errors for name, errors in form.errors.as_data().items() if name != NON_FIELD_ERRORS}
    refused = [error for errors in of_fields.values() for error in errors if error.code == WRONG]
    refusal = " ".join([*form.non_field_errors(), *(sentence for error in refused for sentence in error.messages)])
    kept_forms.leave(request.session, path=path, form=type(form).__name__, typed=request.POST, refusal=refusal)
    return redirect(path)
