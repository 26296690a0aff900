"""The plan: its strands with their actions, a strand, an action with the figure that it aims to change, and the acts on
the plan."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.views.decorators.http import require_POST, require_safe

from actions.filters import PlanFilter
from actions.forms.plan import (
    ActionForm,
    CompleteForm,
    HandOverForm,
    MilestoneForm,
    ReasonForm,
    RemoveForm,
    UpdateForm,
)
from actions.models import Action, Challenge, Meeting, Milestone
from actions.month_figures import month_figures
from actions.permissions import can_read_meeting, can_update
from actions.presenters.challenges import describe_subject
from actions.presenters.highlights import make_views
from actions.presenters.letters import failed_letters
from actions.presenters.meetings import describe_meeting
from actions.presenters.plan import describe_counts, describe_due, describe_steps, is_overdue, rag_counts
from actions.presenters.threads import make_thread
from actions.presenters.timeline import is_recent, kept_since, make_timeline
from actions.selectors.challenges import describe_addressee
from actions.selectors.highlights import list_highlights
from actions.selectors.meetings import find_meeting
from actions.selectors.notices import LETTER_KINDS, failed_notices
from actions.selectors.plan import (
    ActionRow,
    find_action,
    is_member,
    list_first_due,
    list_open_actions,
    list_open_challenges,
    list_steps,
    owners_left,
    plan_order,
    rows_of,
    rows_with,
)
from actions.services.letters import send_notices_again
from actions.services.plan import (
    HandedOver,
    add_action,
    archive_action,
    bring_back,
    change_action,
    complete_action,
    hand_over_work,
    reopen_action,
)
from actions.services.progress import (
    add_milestone,
    add_update,
    change_milestone,
    remove_milestone,
    tick_milestone,
    tick_milestones,
)
from actions.workflow import ActionState, MeetingState, Rag
from boards.forms.parts import PolishedForm
from boards.models import PartnershipArea, Strand
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import indicators_url
from boards.rules import Role
from boards.selectors import list_boards
from core.forms.pages import form_for, is_done, is_saved, pressed, saved, show_form, taken_once
from core.models import OutboxEntry, User
from core.pages import link_to
from core.tasks import hint_letters
from core.texts import count_of_noun, read_number

ACTIONS_A_PAGE = 50
UPDATES_A_PAGE = 20
NEWEST_HIGHLIGHTS = 3  # on a strand's page


@dataclass(frozen=True, slots=True)
class StrandPart:
    """A strand in the plan: its address, how many of its actions match ("12 actions: 2 red, 3 amber, 7 green; 1
    overdue"), and those on this page."""

    strand: Strand
    url: str
    words: str
    actions: list[ActionRow]


@open_to()
@require_safe
def plan_view(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List every action that isn't archived, by strand; filtered. For one board, this is its work plan."""
    today, boards = timezone.localdate(), list_boards(area)
    chosen = PlanFilter.of(area, request.GET, today=today)
    actions = list(plan_order(chosen.qs))
    page = Paginator(actions, ACTIONS_A_PAGE).get_page(request.GET.get("page"))
    parts = list_parts(area, chosen.strands, actions, page, today=today)
    url = link_to("actions:plan", area.slug)
    board = chosen.board_in(boards)
    context = {
        "filter": chosen,
        "page": page,
        "found": actions,
        "count": chosen.count(len(actions)),
        "overview": parts,
        "parts": [part for part in parts if part.actions],
        "others": chosen.address(without=""),
        "timeline_url": chosen.keep(link_to("actions:plan-timeline", area.slug)),
        "today": today,
        "url": url,
        "own": board,
        "duties": list(board.responsibilities.values_list("text", flat=True)) if board else [],
        "gone": owners_left(chosen.rows) if request.access.can_coordinate else [],
        "reads_meetings": board is not None and request.access.can_see_board(board.pk),
    }
    return render(request, "actions/plan_view.html", context)


def list_parts(
    area: PartnershipArea,
    strands: Iterable[Strand],
    actions: Iterable[Action],
    shown: Iterable[Action],
    *,
    today: date,
) -> list[StrandPart]:
    """Return each strand with its actions on this page. One query."""
    of_strand, rows = defaultdict[int, list[Action]](list), defaultdict[int, list[ActionRow]](list)
    for action in actions:
        of_strand[action.strand_id].append(action)
    for row in rows_with([action.pk for action in shown]):
        rows[row.strand_id].append(row)
    return [
        StrandPart(
            strand,
            link_to("actions:strand-plan", area.slug, strand.code),
            describe_counts(of_strand[strand.pk], today),
            rows[strand.pk],
        )
        for strand in strands
    ]


@open_to()
@require_safe
def strand_plan(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Show one strand: what it is, its progress, and its actions."""
    strand = get_object_or_404(Strand, area=area, code=code)
    actions, today = rows_of(strand=strand), timezone.localdate()
    context = {
        "strand": strand,
        "strands": Strand.objects.in_use(or_held=[strand.pk]).filter(area=area),
        "actions": actions,
        "plan_url": link_to("actions:plan", area.slug),
        "counts": rag_counts(action.rag for action in actions),
        "overdue": sum(is_overdue(action, today) for action in actions),
        "today": today,
        "highlights": make_views(list_highlights(area).filter(strand=strand, archived_at=None)[:NEWEST_HIGHLIGHTS]),
        "thread": make_thread(request.access, strand=strand),
    }
    return render(request, "actions/plan_strand.html", context)


@open_to()
@require_safe
def plan_timeline(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show open actions and those that ended recently. If somebody chose a state, show all actions in it."""
    today, boards = timezone.localdate(), list_boards(area)
    chosen = PlanFilter.of(area, request.GET, today=today)
    spans = list(plan_order(chosen.qs))
    shown = spans if chosen.asked_state else [span for span in spans if is_recent(span, today)]
    keys = [span.pk for span in shown]
    plan_url = link_to("actions:plan", area.slug)
    timeline = make_timeline(
        shown,
        chosen.strands,
        steps=list_steps(keys),
        first_due=list_first_due(keys),
        today=today,
        is_over=all(span.ended_on for span in shown),
    )
    context = {
        "filter": chosen,
        "url": link_to("actions:plan-timeline", area.slug),
        "plan_url": plan_url,
        "list_url": chosen.keep(plan_url),
        "own": chosen.board_in(boards),
        "count": chosen.count(len(spans)),
        "timeline": timeline,
        "left_out": len(spans) - len(shown),
        "kept_since": kept_since(today),
        "complete_url": chosen.address(without="state", state="complete"),
    }
    return render(request, "actions/plan_timeline.html", context)


# --- An action -------------------------------------------------------------------------------------


@open_to()
@require_safe
def action_view(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Show an action: its details, its progress, its milestones, the figure that it aims to change, and its updates."""
    action = find_action(area, number)
    if action is None:
        raise Http404(f"The plan of {area.name} has no action A{number}.")
    today = timezone.localdate()
    updates = Paginator(action.updates.select_related("made_by"), UPDATES_A_PAGE).get_page(request.GET.get("page"))
    milestones = list(action.milestones.filter(removed_at=None).select_related("done_by"))
    may_update, is_open = can_update(request.access, action), action.state == ActionState.OPEN
    context: dict[str, Any] = {
        "action": action,
        "rag": Rag(action.rag),
        "state": ActionState(action.state),
        "due": describe_due(action, today),
        "is_overdue": is_overdue(action, today),
        "progress": describe_steps(sum(step.is_done for step in milestones), len(milestones)),
        "milestones": milestones,
        "to_do": [step for step in milestones if not step.is_done],
        "done": [step for step in milestones if step.is_done],
        "today": today,
        "updates": updates,
        "changes": action.changes.select_related("made_by"),
        "can_update": may_update,
        "ticks": may_update and is_open and milestones,
        "is_open": is_open,
        "owner_left": is_open and not is_member(action.owner, area),
        "indicators_url": indicators_url(area.slug),
        "measured": month_figures().list_series(request.access, action.measure.code) if action.measure else [],
        "outcomes": month_figures().list_outcomes(area, number) if action.state != ActionState.ARCHIVED else [],
        "decided": describe_meeting(action.decided_in) if action.decided_in else "",
        "reads_meeting": action.decided_in and can_read_meeting(request.access, action.decided_in),
        "thread": make_thread(request.access, action=action),
    }
    return render(request, "actions/action_view.html", context)


WHO = "Only a coordinator can see which emails were not sent."


@open_to(Role.COORDINATOR, because=WHO)
@require_safe
def notice_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    context = {
        "letters": list(failed_letters(failed_notices(area))),
    }
    return render(request, "actions/notice_list.html", context)


@open_to(Role.COORDINATOR, because=WHO)
@require_POST
def notice_resend(request: AreaRequest, area: PartnershipArea, person: int) -> HttpResponse:
    # Only people with an e-mail of this area: a key from elsewhere must find nobody.
    entries = OutboxEntry.objects.filter(kind__in=LETTER_KINDS, area=area.slug)
    recipient = get_object_or_404(User.objects.filter(pk__in=entries.values("person")), pk=person)

    def send() -> None:
        sent = send_notices_again(area, recipient, by=request.user)
        if sent.fault:
            messages.error(request, f"The email to {recipient} could not be sent again: {sent.fault}")
        else:
            messages.success(request, f"The email to {recipient} has been sent.")

    is_done(request, send)
    return redirect("actions:notice-list", area.slug)


MINE = "mine"  # the value of a form's field `back` on the page of a person's tasks


def find_way_back(request: AreaRequest) -> str:
    """Return MINE if the form came from that page, now or before the session ended; empty otherwise."""
    return MINE if pressed(request, "back") == MINE else ""


def go_back(request: AreaRequest, usual: Action | Challenge | str) -> HttpResponse:
    """Return to the page with the form; `usual` is where it goes from the thing's own page."""
    return redirect("reporting:mine", request.access.area.slug) if find_way_back(request) else redirect(usual)


# --- The acts on the plan --------------------------------------------------------------------------

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
@taken_once
def action_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    # A link from a board's or a strand's page names it.
    initial: dict[str, object] = {"board": area.boards.filter(code=code_in(request, "board")).first()}
    initial["strand"] = area.strands.in_use().filter(code=code_in(request, "strand")).first()
    meeting = asked_meeting(request)
    if meeting is not None:
        initial["decided_in"] = meeting.number
        initial["board"] = initial["board"] or meeting.board or (meeting.sub_group and meeting.sub_group.board)
    form = form_for(request, lambda typed: ActionForm(typed, area=area, initial=initial))
    if action := saved(
        request, form, lambda: add_action(area, form.draft(), expected=form.expected(), by=request.user)
    ):
        messages.success(request, f"{action.reference} is in the plan. Now add its milestones.")
        return redirect(action)
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
    "This takes the action out of the plan, the board’s work plan and the packs. We don’t delete it. You can find "
    "it under “Archived” and bring it back.",
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
def action_complete(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    return answer_step(request, own_action(request, number), COMPLETE)


@open_to()
def action_reopen(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    return answer_step(request, own_action(request, number), REOPEN)


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
def action_archive(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    return answer_step(request, the_action(request, number), ARCHIVE)


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
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
@taken_once
def milestone_add(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    action = the_action(request, number)
    form = form_for(request, MilestoneForm)
    if is_saved(request, form, lambda: add_milestone(action, **form.typed(), by=request.user)):
        messages.success(request, "The milestone has been added.")
        return redirect(to_steps(action))
    return show(request, form, Words(f"Add a milestone to {action.reference}", "Add this milestone", to_action(action)))


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
def milestone_change(request: AreaRequest, area: PartnershipArea, number: int, milestone: int) -> HttpResponse:
    action = the_action(request, number)
    step = get_milestone(action, milestone)
    form = form_for(request, lambda typed: MilestoneForm(typed, milestone=step))
    if is_saved(request, form, lambda: change_milestone(step, **form.typed(), by=request.user)):
        messages.success(request, "The milestone has been saved.")
        return redirect(to_steps(action))
    words = Words(f"Change a milestone of {action.reference}", "Save", to_action(action))
    is_there = step.removed_at is None and not step.is_done
    return show(request, form, words, removable=step if is_there else None)


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
def milestone_remove(request: AreaRequest, area: PartnershipArea, number: int, milestone: int) -> HttpResponse:
    action = the_action(request, number)
    step = get_milestone(action, milestone)
    form = form_for(request, lambda typed: RemoveForm(typed, milestone=step))
    if is_saved(request, form, lambda: remove_milestone(step, **form.typed(), by=request.user)):
        messages.success(request, f"“{step.title}” is no longer a milestone of {action.reference}.")
        return redirect(to_steps(action))
    lead = (
        f"“{step.title}” will no longer count. You can’t undo this. The page of {action.reference} will show the "
        "reason."
    )
    title = f"Remove a milestone from {action.reference}"
    return show(request, form, Words(title, "Remove it", to_action(action), lead=lead, warns=True))


@open_to()
def milestone_undo(request: AreaRequest, area: PartnershipArea, number: int, milestone: int) -> HttpResponse:
    """Mark a milestone as not done."""
    action = own_action(request, number)
    step = get_milestone(action, milestone)
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: tick_milestone(step, done=False, **form.typed(), by=request.user)):
        messages.success(request, f"“{step.title}” is still to do.")
        return redirect(to_steps(action))
    lead = f"“{step.title}” will still be to do. The page of {action.reference} will show the reason."
    title = f"Mark a milestone of {action.reference} as not done"
    return show(request, form, Words(title, "Mark as not done", to_action(action), lead=lead))


MOST_PEOPLE = 2**63  # an address with a larger number can't be a key


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@taken_once
def hand_over_all(request: AreaRequest, area: PartnershipArea, person: int) -> HttpResponse:
    """Hand all open work of one person over to another. What they can't answer stays on the page."""
    is_key = person < MOST_PEOPLE
    actions = list_open_actions(person, area) if is_key else []
    challenges = list(list_open_challenges(person, area)) if is_key else []
    if not actions and not challenges:  # somebody else was faster
        messages.warning(request, "That person has no open actions or challenges now.")
        return redirect("actions:plan", area.slug)
    left = actions[0].owner if actions else challenges[0].answerer
    form = form_for(request, lambda typed: HandOverForm(typed, area=area, owner=left))

    def give() -> HandedOver:
        # The service loads the work again: somebody may have handed some of it over since.
        to, why = form.cleaned_data["to"], form.cleaned_data["why"]
        return hand_over_work(left, to, area=area, why=why, by=request.user)

    if done := saved(request, form, give):
        transaction.on_commit(partial(hint_letters, area.pk), robust=True)
        say(request, done, form.cleaned_data["to"])
        # Not to request.path: a number after many zeros is too long for the note of taken_once.
        if done.refused:
            return redirect("actions:action-hand-over", area.slug, left.pk)
        return redirect("actions:plan", area.slug)
    plan = ("The plan", reverse("actions:plan", args=[area.slug]))
    counts = {"action": len(actions), "challenge": len(challenges)}
    work = " and ".join(count_of_noun(number, noun) for noun, number in counts.items() if number)
    open_challenges = [
        (challenge, f"{describe_subject(challenge)}, to {describe_addressee(challenge)}") for challenge in challenges
    ]
    words = Words(f"Hand over the open work of {left}", f"Hand over {work}", plan)
    return show(request, form, words, actions=actions, challenges=open_challenges)


def say(request: AreaRequest, done: HandedOver, to: User) -> None:
    """Describe what was handed over, and what wasn't."""
    parts = {"owns": references(done.actions), "answers": references(done.challenges)}
    said = " and ".join(f"{verb} {things}" for verb, things in parts.items() if things)
    messages.success(request, f"{to} now {said}.")
    if done.refused:
        rows = ((thing.get_absolute_url(), thing.reference, sentence) for thing, sentence in done.refused)
        messages.warning(
            # It escapes what people typed: messages appear as HTML.
            request,
            format_html_join(" ", '<a class="govuk-link" href="{}">{}</a> is not handed over. {}', rows),
        )


def references(things: Iterable[Action | Challenge]) -> str:
    """Return "A1, A2"."""
    return ", ".join(thing.reference for thing in things)
