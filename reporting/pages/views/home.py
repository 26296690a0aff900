"""Where a person lands, and what they have to do or may read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from actions.forms.challenges import AnswerForm
from actions.forms.engagement import CloseForm
from actions.forms.plan import UpdateForm
from actions.models import Challenge, Voice
from actions.permissions import sits_on_group
from actions.presenters.challenges import ChallengeView, challenge_view
from actions.presenters.engagement import VoiceView, voice_view
from actions.presenters.meetings import not_looked_at_view
from actions.presenters.notes import note_tasks
from actions.presenters.plan import describe_due, is_overdue
from actions.presenters.threads import list_figures_asked
from actions.presenters.todo import (
    count_tasks,
    describe_last_word,
    judge_tasks,
    left_behind_tasks,
    notice_tasks,
    offer_tasks,
    unled_tasks,
)
from actions.selectors.challenges import list_answerers, list_held, list_open_for, list_unanswerable
from actions.selectors.engagement import list_owed_voices
from actions.selectors.meetings import not_looked_at
from actions.selectors.plan import OwnAction, left_in, list_open, list_to_answer_with_entries, own_actions
from actions.views.plan import MINE
from boards.models import Board, PartnershipArea, Region, ReportingPeriod
from boards.permissions import Access, AreaRequest, open_to
from boards.rules import STRATEGIC_GROUP, MonthStatus, Role
from boards.selectors import list_boards, list_months, open_months
from boards.todo import Task
from core.calendar import Month
from core.database import keep
from core.forms.pages import is_done, pressed
from core.identity.factors import is_offered_factor
from core.models import User
from indicators.disclosure import Audience
from indicators.permissions import can_protect
from indicators.presenters.todo import own_corrections
from indicators.selectors.names import is_named
from indicators.selectors.returns import list_months_together
from reporting.documents.presenters.todo import document_tasks
from reporting.kpis.presenters import kpi_tasks
from reporting.models.visits import FirstStep
from reporting.months.permissions import can_follow_returns
from reporting.months.presenters.month import make_glance, month_view
from reporting.months.readings import MARKING
from reporting.months.selectors import latest_snapshot, list_lines
from reporting.pages.presenters.home import (
    list_own_boards,
    list_tasks,
    make_challenges,
    make_first_steps,
    make_meetings,
    make_news,
    make_owed,
    make_plan,
)
from reporting.pages.selectors import Progress, get_progress, list_opted
from reporting.pages.services import find_visit, note_visit, set_step_aside, take_step_up


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send a person with one area, or one region, straight to it; let others choose."""
    everywhere = PartnershipArea.objects.all()
    user = cast("User", request.user)  # LoginRequiredMiddleware ensures it
    # Somebody with several roles in an area would see it twice.
    areas = everywhere if user.is_superuser else everywhere.filter(memberships__user=user).distinct()
    regions = Region.objects.filter(memberships__user=user).distinct()
    if len(areas) + len(regions) == 1:
        return redirect(areas[0]) if areas else redirect("reporting:region-home", regions[0].slug)
    context = {"areas": areas, "regions": regions, "together": list_months_together(user)}
    return render(request, "reporting/home.html", context)


@open_to()
@require_safe
def area_home(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show what changed since they last looked, their tasks and the next meeting; then a short view of the rest. A
    constant number of queries.
    """
    access, now = request.access, timezone.now()
    today = timezone.localdate(now)
    periods, visit = list_months(area), find_visit(access)
    latest = next((period for period in periods if period.is_published), None)
    visited = note_visit(access, visit, now=now)
    progress = find_progress(area, periods) if access.can_coordinate else None
    is_new, boards = progress is not None, list_boards(area)
    actions, challenges = list(list_open(area)), list_open_for(access)
    memberships = list_held(area) if access.can_coordinate else []
    group = next((board for board in boards if board.code == STRATEGIC_GROUP and not board.retired), None)
    unanswerable = list_unanswerable(challenges, memberships, list_answerers(memberships, group)) if memberships else []
    opted = list_opted(area)
    parts: dict[str, Any] = {
        "owed": make_owed(access, periods, unanswerable, has_documents=opted["documents"], today=today),
        "own_corrections": own_corrections(access, today=today),
        "meetings": make_meetings(access, today=today),
        "challenges": make_challenges(challenges, today=today),
        "plan": make_plan(access, actions),
        "is_named": is_named(access),
    }
    if access.can_coordinate:
        parts["gone"] = left_in(memberships, actions, challenges)
    if not is_new:
        parts["news"] = make_news(access, visited, now=now, is_whole="changed" in request.GET)
    # Its links lead to pages of a month.
    if periods and not is_new and sees_what_is_left(access, boards):
        # Whoever sees it reads every challenge.
        missed = not_looked_at(area, actions, challenges, today=today)
        parts["not_looked_at"] = not_looked_at_view(missed, area, today=today)
    if latest:
        parts["month_html"] = show_month(access, latest)
    context = parts | {
        "offers_factor": is_offered_factor(access.user),
        # Whether there is nothing but the first steps.
        "is_bare": is_new and not (periods or parts["owed"].tasks or parts.get("gone")),
        "steps": make_first_steps(area, progress, periods) if progress else None,
        "together": list_months_together(access.user, open_months(periods)) if access.led else [],
        "latest": latest,
        "links_html": show_links(access, periods, opted, is_named=parts["is_named"]),
        "boards": list_own_boards(access, boards),
        "followed": [period.month for period in periods if period.is_open] if can_follow_returns(access) else [],
    }
    return render(request, "reporting/area_home.html", context)


def find_progress(area: PartnershipArea, periods: Sequence[ReportingPeriod]) -> Progress | None:
    """How far a new area has got: None once it has published a month that returns are asked for, or any month where it
    asks for none."""
    if any(period.is_published and not period.for_history for period in periods):
        return None
    progress = get_progress(area)
    return progress if progress.owing or not any(period.is_published for period in periods) else None


def show_month(access: Access, period: ReportingPeriod) -> SafeString:
    """Return what stands out in a published month, from the cache if nothing that it depends on has changed. Everybody
    in the area sees the same. One query, and one more to make it.
    """
    area = access.area
    snapshot = latest_snapshot(period, include_drafts=False)

    # Everybody in the area gets this from the cache, so it must hold nothing personal.
    def make() -> SafeString:
        lines, audience = list_lines(snapshot), Audience.PARTNERS
        view = month_view(snapshot, lines, area=area, period=period, audience=audience, marking=MARKING)
        context = {"area": area, "view": view, "glance": make_glance(view, {})}
        return render_to_string("reporting/_home_month.html", context)

    shown = (snapshot.pk, snapshot.fingerprint, period.starts_on, period.due_on)
    return keep(("home", area.pk, area.slug, area.name, *shown), make)


def show_links(
    access: Access, periods: Sequence[ReportingPeriod], opted: Mapping[str, bool], *, is_named: bool
) -> SafeString:
    """Return the links to the rest of the area and to its months, from the cache. `opted` says what the area has chosen
    to have. Everybody with the same links gets the same, so it must hold nothing personal."""
    area = access.area
    months = [(period.month, period.status) for period in periods if access.can_see_month(period)]
    opened = {
        "reads_rules": access.is_any(Role.INFORMATION, Role.ANALYST),
        "reads_markings": access.is_any(Role.INFORMATION, Role.ANALYST, Role.COORDINATOR),
        "reads_populations": access.is_any(Role.ANALYST, Role.COORDINATOR),
        "opens_names": can_protect(access) or is_named,
        "makes_areas": access.user.is_superuser,
        "opens_admin": access.is_any(Role.OPERATOR) and settings.ADMIN_ENABLED,
        "opted": dict(opted),
    }

    def make() -> SafeString:
        labels = {status.value: "" if status is MonthStatus.PUBLISHED else status.label for status in MonthStatus}
        named = [(month, labels[status]) for month, status in months]
        context = {"area": area, "months": named, **opened}
        return render_to_string("reporting/_home_links.html", context)

    return keep(("home links", area.slug, area.name, months, list(opened.items())), make)


def sees_what_is_left(access: Access, boards: Iterable[Board]) -> bool:
    """Return whether their home shows what needs attention: for the strategic group, those who sit on it as on a board,
    and the coordinator."""
    return access.is_any(Role.STRATEGIC, Role.COORDINATOR) or sits_on_group(access, boards)


@open_to(Role.COORDINATOR)
@require_POST
def first_step(request: AreaRequest, area: PartnershipArea, step: str) -> HttpResponse:
    try:
        chosen_step = FirstStep(step)
    except ValueError:
        raise Http404("There is no such step.") from None
    act, done = (take_step_up, "on the list again") if pressed(request) == "take-up" else (set_step_aside, "set aside")
    is_done(request, lambda: act(area, chosen_step, by=request.user), done=f"“{chosen_step.label}” is {done}.")
    return redirect("reporting:area-home", area.slug)


MOST_OF_A_KIND = 10  # shown with their forms


@dataclass(frozen=True, slots=True)
class ActionPart:
    """One of their actions, as the page shows it."""

    own: OwnAction
    due: str
    is_overdue: bool
    said: str
    form: UpdateForm


@open_to()
@require_safe
def mine(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show a person's tasks. A constant number of queries, however many there are."""
    access, today = request.access, timezone.localdate()
    periods = list_months(area)
    returns = [task for task in (*list_tasks(access, periods, today=today), *count_tasks(access)) if task.is_owed]
    to_decide = [
        *judge_tasks(access),
        *offer_tasks(access),
        *left_behind_tasks(access),
        *unled_tasks(access, today=today),
        *notice_tasks(access),
        *note_tasks(access),
    ]
    documents = document_tasks(access)
    kpis = kpi_tasks(access, today=today)
    answers = list(list_to_answer_with_entries(access))
    voices = list_owed_voices(access, today=today)
    actions = own_actions(access, today=today)
    context = {
        "month": Month.of(today),
        "today": today,
        "owed": number_owed([*returns, *to_decide, *documents, *kpis], actions) + len(answers) + len(voices),
        "lists": [(key, name, tasks) for key, name, tasks in named(returns, to_decide, documents, kpis) if tasks],
        "together": list_months_together(access.user, open_months(periods)) if access.led else [],
        "answers": answer_parts(area, answers[:MOST_OF_A_KIND], today=today),
        "more_answers": len(answers[MOST_OF_A_KIND:]),
        "voices": [form_for(voice, access, today=today) for voice in voices[:MOST_OF_A_KIND]],
        "more_voices": len(voices[MOST_OF_A_KIND:]),
        "all_voices": all_voices_url(area, voices),
        "stepped": [action for action in actions if action.steps],
        "actions": [make_part(action, today=today) for action in actions[:MOST_OF_A_KIND]],
        "more_actions": len(actions[MOST_OF_A_KIND:]),
        "back": MINE,
    }
    return render(request, "reporting/mine.html", context)


def number_owed(tasks: Iterable[Task], actions: Iterable[OwnAction]) -> int:
    return sum(task.is_owed for task in tasks) + sum(action.owed for action in actions)


def named(
    returns: list[Task], to_decide: list[Task], documents: list[Task], kpis: list[Task]
) -> list[tuple[str, str, list[Task]]]:
    return [
        ("returns", "Returns and months", returns),
        ("asked", "Answers and offers to decide", to_decide),
        ("documents", "Documents of the year", documents),
        ("kpis", "KPIs", kpis),
    ]


def answer_parts(
    area: PartnershipArea, challenges: Sequence[Challenge], *, today: date
) -> list[tuple[ChallengeView, AnswerForm, Any]]:
    """List the challenges that wait for this person, each with its page's form and the figure that it is about."""
    views = [challenge_view(challenge, today=today) for challenge in challenges]
    # The page has many of these forms, and each field needs an id of its own.
    forms = [AnswerForm(challenge=view.challenge, auto_id=f"id_{view.reference}_%s") for view in views]
    return list(zip(views, forms, list_figures_asked(area, challenges), strict=True))


def all_voices_url(area: PartnershipArea, voices: Iterable[Voice]) -> str:
    """Return where all of these are listed; if they are all one agency's, in that agency's list."""
    agencies = {voice.session.agency.code for voice in voices}
    query = {"state": "waiting"} | ({"agency": agencies.pop()} if len(agencies) == 1 else {})
    return f"{reverse('actions:voice-list', args=[area.slug])}?{urlencode(query)}"


def form_for(voice: Voice, access: Access, *, today: date) -> tuple[VoiceView, CloseForm]:
    # Otherwise each voice asks for its area with a query.
    voice.session.area = access.area
    form = CloseForm(auto_id=f"id_voice{voice.pk}_%s", initial={"revision": voice.revision})
    return voice_view(voice, today=today), form


def make_part(own_action: OwnAction, *, today: date) -> ActionPart:
    action = own_action.action
    now = {"rag": action.rag, "rag_why": action.rag_why}
    return ActionPart(
        own_action,
        due=describe_due(action, today),
        is_overdue=is_overdue(action, today),
        said=describe_last_word(own_action),
        form=UpdateForm(auto_id=f"id_{action.reference}_%s", initial=now),
    )
