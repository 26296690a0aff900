"""What somebody typed into a form of ours: just now, or before their session ended."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from boards.forms import refuse
from boards.permissions import AreaRequest
from core.services import kept_forms
from core.services.revisions import ChangedMeanwhile
from core.transitions import TransitionRefused

KEPT = "What you typed was not saved: you had been signed out, or the page was open too long. It is below. Send it now."


def form_of[Form: forms.BaseForm](request: AreaRequest, make: Callable[[QueryDict | None], Form]) -> Form:
    """The form with what was typed into it; an empty one, or one as it is kept, for a page that is only opened."""
    if request.method == "POST":
        return make(request.POST)
    held = kept_forms.kept(request.session, path=request.path, by=request.user)
    form = make(held)
    if held is not None:
        form.add_error(None, KEPT)
    return form


def is_done(request: AreaRequest, form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Do what a form asks for. What the service refuses is said on the form, which keeps all that was typed. Raises
    ChangedMeanwhile where somebody came between: see is_saved."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except ValidationError as refusal:
        refuse(form, refusal)
        return False
    except TransitionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    kept_forms.forget(request.session)
    return True


def is_saved(request: AreaRequest, form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """As is_done, for a form that says which revision it was opened with: where somebody came between, they are told,
    and the next Save is taken."""
    try:
        return is_done(request, form, act)
    except ChangedMeanwhile as changed:
        form.add_error(None, str(changed))
        typed = request.POST.copy()
        typed["revision"] = str(changed.revision)
        form.data = typed
        return False


def kept_context(request: AreaRequest) -> dict[str, str]:
    """What a form's template needs, so that what is typed into it isn't lost."""
    return {"kept_field": kept_forms.FIELD, "proof": kept_forms.proof(request.user)}
