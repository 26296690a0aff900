"""The acts on the plan: add, change, update, complete, archive and hand over actions.

Their milestones are in `milestones`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from actions.forms.plan import (
    ActionForm,
    CompleteForm,
    PolishedForm,
    ReasonForm,
    UpdateForm,
)
from actions.models import Action, Meeting
from actions.permissions import can_update
from actions.presenters.meetings import describe_meeting
from actions.selectors.meetings import find_meeting
from actions.selectors.plan import find_action
from actions.services.plan import (
    add_action,
    add_update,
    archive_action,
    bring_back,
    change_action,
    complete_action,
    reopen_action,
)
from actions.views.back import find_way_back, go_back
from actions.workflow import MeetingState
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_saved, show_form
from core.services.sent_once import taken_once
from core.texts import read_number

WHO_KEEPS = "Only a coordinator can change the plan."


def the_action(request: AreaRequest, number: int) -> Action:
    """Return the action. Raises Http404."""
    action = find_action(request.access.area, number)
    if action is None:
        raise Http404(f"The plan of {request.access.area.name} has no action A{number}.")
    return action


def own_action(request: AreaRequest, number: int) -> Action:
    """Return an action that this person may update. Raises Http404 or PermissionDenied."""
    action = the_action(request, number)
    # The service checks it again. Here it keeps the form from being shown at all.
    if not can_update(request.access, action):
        raise PermissionDenied(f"Only the owner, a lead of {action.agency.name} and the coordinator can do this.")
    return action


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a page with one form."""

    title: str
    button: str
    back: tuple[str, str]  # text → address
    lead: str = ""
    warns: bool = False  # whether its button needs a second thought


def show(request: AreaRequest, form: forms.BaseForm, words: Words, **more: Any) -> HttpResponse:
    return show_form(
        request, "actions/action_form.html", form, {"words": words, "back": find_way_back(request), **more}
    )


def to_action(action: Action) -> tuple[str, str]:
    return str(action), action.get_absolute_url()


# --- Into the plan, and changed --------------------------------------------------------------------


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@require_http_methods(ANY_FORM)
@taken_once
def action_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    # A link from a board's or a strand's page names it.
    given: dict[str, object] = {"board": area.boards.filter(code=code_in(request, "board")).first()}
    given["strand"] = area.strands.in_use().filter(code=code_in(request, "strand")).first()
    meeting = asked_meeting(request)
    if meeting is not None:
        given["decided_in"] = meeting.number
        given["board"] = given["board"] or meeting.board or (meeting.sub_group and meeting.sub_group.board)
    form = form_for(request, lambda typed: ActionForm(typed, area=area, initial=given))
    made: list[Action] = []

    def add() -> None:
        # A list, because the action is made inside is_saved.
        made.append(add_action(area, form.draft(), expected=form.expected(), by=request.user))

    if is_saved(request, form, add):
        messages.success(request, f"{made[0].reference} is in the plan. Now add its milestones.")
        return redirect(made[0])
    plan = ("The plan", reverse("actions:plan", args=[area.slug]))
    lead = f"This action was decided in {describe_meeting(meeting)}." if meeting else ""
    return show(request, form, Words("Add an action to the plan", "Add it to the plan", plan, lead=lead))


def asked_meeting(request: AreaRequest) -> Meeting | None:
    """Return the held meeting that decided the action: from the form's hidden box, or from the address, ?meeting=M4."""
    typed = str(request.POST.get("decided_in", "")) if request.method == "POST" else code_in(request, "meeting")
    number = read_number(typed.removeprefix("M"))
    meeting = find_meeting(request.access.area, number) if number is not None else None
    if meeting is not None and meeting.state == MeetingState.HELD:
        return meeting
    if typed and request.method != "POST":
        messages.warning(request, f"“{typed[:20]}” isn’t a meeting that was held, so the action won’t name one.")
    return None


def code_in(request: AreaRequest, name: str) -> str:
    return str(request.GET.get(name, "")).replace("\x00", "")


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@require_http_methods(ANY_FORM)
def action_change(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    action = the_action(request, number)
    form = form_for(request, lambda typed: ActionForm(typed, area=area, action=action))

    def change() -> None:
        revision, why = form.cleaned_data["revision"], form.cleaned_data["why"]
        change_action(action, form.draft(), revision=revision, why=why, by=request.user)

    if is_saved(request, form, change):
        messages.success(request, f"{action.reference} has been saved.")
        return redirect(action)
    return show(request, form, Words(f"Change {action.reference}", "Save", to_action(action)))


# --- How it goes -----------------------------------------------------------------------------------


@open_to()
@require_http_methods(ANY_FORM)
@taken_once
def action_update(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    action = own_action(request, number)
    now = {"rag": action.rag, "rag_why": action.rag_why}
    form = form_for(request, lambda typed: UpdateForm(typed, initial=now))
    if is_saved(request, form, lambda: add_update(action, **form.typed(), by=request.user)):
        messages.success(request, f"Your update is on the page of {action.reference}.")
        return go_back(request, action)
    return show(
        request, form, Words(f"Update the progress of {action.reference}", "Add this update", to_action(action))
    )


# --- Its life --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A change of an action's state. `words` are the page's title, lead and button, and the message once it is done; {}
    is replaced by the action's number."""

    form: type[PolishedForm]
    do: Callable[..., Action]
    title: str
    lead: str
    button: str
    done: str
    warns: bool = False


COMPLETE = Step(
    CompleteForm,
    complete_action,
    "Mark {} as complete",
    "The action turns blue and is no longer in the list of open actions. Every milestone has to be done.",
    "Mark as complete",
    "Mark {} as complete.",
)
REOPEN = Step(
    ReasonForm,
    reopen_action,
    "Reopen {}",
    "The action gets back the RAG that it had before. Its updates show the reason.",
    "Reopen",
    "{} is open again.",
)
ARCHIVE = Step(
    ReasonForm,
    archive_action,
    "Archive {}",
    "The action leaves the plan, the board’s work plan and the packs. We don’t delete it. You can find it under "
    "“Archived” and bring it back.",
    "Archive it",
    "{} is archived.",
    warns=True,
)
BRING_BACK = Step(
    ReasonForm,
    bring_back,
    "Bring {} back into the plan",
    "The action is open again with its last RAG. Its updates show the reason.",
    "Bring it back",
    "{} is in the plan again.",
)


@open_to()
@require_http_methods(ANY_FORM)
def action_complete(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    return answer_step(request, own_action(request, number), COMPLETE)


@open_to()
@require_http_methods(ANY_FORM)
def action_reopen(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    return answer_step(request, own_action(request, number), REOPEN)


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@require_http_methods(ANY_FORM)
def action_archive(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    return answer_step(request, the_action(request, number), ARCHIVE)


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@require_http_methods(ANY_FORM)
def action_bring_back(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    return answer_step(request, the_action(request, number), BRING_BACK)


def answer_step(request: AreaRequest, action: Action, step: Step) -> HttpResponse:
    form = form_for(request, step.form)
    if is_saved(request, form, lambda: step.do(action, **form.typed(), by=request.user)):
        messages.success(request, step.done.format(action.reference))
        return redirect(action)
    reference = action.reference
    words = Words(step.title.format(reference), step.button, to_action(action), lead=step.lead, warns=step.warns)
    return show(request, form, words)
