"""The milestones of an action: add, change, tick and remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from actions.forms.plan import MilestoneForm, ReasonForm, RemoveForm
from actions.models import Action, Milestone
from actions.services.plan import add_milestone, change_milestone, remove_milestone, tick_milestone, tick_milestones
from actions.views.actions import WHO_KEEPS, Words, own_action, show, the_action, to_action
from actions.views.back import go_back
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_done, is_saved
from core.services.sent_once import taken_once


def to_steps(action: Action) -> str:
    return f"{action.get_absolute_url()}#s-milestones"


def get_milestone(action: Action, key: int) -> Milestone:
    """Return the milestone. Raises Http404, also for another action's."""
    milestone = get_object_or_404(Milestone, action=action, pk=key)
    milestone.action = action
    return milestone


@open_to()
@require_POST
def milestones_tick(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Mark the ticked milestones as done."""
    action = own_action(request, number)
    ticked = set(request.POST.getlist("done"))
    # Only its own: a key from elsewhere matches none of them.
    milestones = [milestone for milestone in action.milestones.all() if str(milestone.pk) in ticked]

    if not milestones:
        messages.warning(request, "No box was ticked, so nothing has changed.")
    else:
        is_done(request, lambda: tick_milestones(milestones, by=request.user), done="The milestones have been saved.")
    return go_back(request, to_steps(action))


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@require_http_methods(ANY_FORM)
@taken_once
def milestone_add(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    action = the_action(request, number)
    form = form_for(request, MilestoneForm)
    if is_saved(request, form, lambda: add_milestone(action, **form.typed(), by=request.user)):
        messages.success(request, "The milestone has been added.")
        return redirect(to_steps(action))
    return show(request, form, Words(f"Add a milestone to {action.reference}", "Add this milestone", to_action(action)))


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@require_http_methods(ANY_FORM)
def milestone_change(request: AreaRequest, area: PartnershipArea, number: int, milestone: int) -> HttpResponse:
    action = the_action(request, number)
    held = get_milestone(action, milestone)
    form = form_for(request, lambda typed: MilestoneForm(typed, milestone=held))
    if is_saved(request, form, lambda: change_milestone(held, **form.typed(), by=request.user)):
        messages.success(request, "The milestone has been saved.")
        return redirect(to_steps(action))
    words = Words(f"Change a milestone of {action.reference}", "Save", to_action(action))
    is_there = held.removed_at is None and not held.is_done
    return show(request, form, words, removable=held if is_there else None)


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@require_http_methods(ANY_FORM)
def milestone_remove(request: AreaRequest, area: PartnershipArea, number: int, milestone: int) -> HttpResponse:
    action = the_action(request, number)
    held = get_milestone(action, milestone)
    form = form_for(request, lambda typed: RemoveForm(typed, milestone=held))
    if is_saved(request, form, lambda: remove_milestone(held, **form.typed(), by=request.user)):
        messages.success(request, f"“{held.title}” is no longer a milestone of {action.reference}.")
        return redirect(to_steps(action))
    lead = f"“{held.title}” will no longer count. The reason will be among the changes of {action.reference}."
    title = f"Remove a milestone from {action.reference}"
    return show(request, form, Words(title, "Remove it", to_action(action), lead=lead, warns=True))


@open_to()
@require_http_methods(ANY_FORM)
def milestone_undo(request: AreaRequest, area: PartnershipArea, number: int, milestone: int) -> HttpResponse:
    """Mark a milestone as not done."""
    action = own_action(request, number)
    held = get_milestone(action, milestone)
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: tick_milestone(held, done=False, **form.typed(), by=request.user)):
        messages.success(request, f"“{held.title}” is still to do.")
        return redirect(to_steps(action))
    lead = f"“{held.title}” will be still to do. The reason will be among the changes of {action.reference}."
    title = f"Mark a milestone of {action.reference} as not done"
    return show(request, form, Words(title, "Mark as not done", to_action(action), lead=lead))
