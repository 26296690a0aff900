"""A person's tasks this month, on one page. They do each one there, or on the page that it links to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.forms.challenges import AnswerForm
from actions.forms.engagement import CloseForm
from actions.forms.plan import UpdateForm
from actions.models import Challenge, Voice
from actions.presenters.challenges import ChallengeView, challenge_view
from actions.presenters.engagement import VoiceView, voice_view
from actions.presenters.plan import describe_due, is_overdue
from actions.presenters.subjects import list_figures_asked
from actions.presenters.todo import (
    count_tasks,
    describe_last_word,
    judge_tasks,
    left_behind_tasks,
    notice_tasks,
    offer_tasks,
    unled_tasks,
)
from actions.selectors.engagement import list_owed_voices
from actions.selectors.mine import OwnAction, list_to_answer_with_entries, own_actions
from actions.views.back import MINE
from boards.models import PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.selectors import list_months, open_months
from core.months import Month
from core.todo import Task
from indicators.selectors.led import list_months_together
from reporting.kpis.presenters.todo import kpi_tasks
from reporting.pages.presenters.todo import list_tasks

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
    asked = [
        *judge_tasks(access),
        *offer_tasks(access),
        *left_behind_tasks(access),
        *unled_tasks(access, today=today),
        *notice_tasks(access),
    ]
    kpis = kpi_tasks(access, today=today)
    answers = list(list_to_answer_with_entries(access))
    voices = list_owed_voices(access, today=today)
    actions = own_actions(access, today=today)
    context = {
        "month": Month.of(today),
        "today": today,
        "owed": number_owed([*returns, *asked, *kpis], actions) + len(answers) + len(voices),
        "lists": [(key, name, tasks) for key, name, tasks in named(returns, asked, kpis) if tasks],
        "together": list_months_together(access.user, open_months(periods)) if access.led else [],
        "answers": answer_parts(area, answers[:MOST_OF_A_KIND], today=today),
        "more_answers": len(answers[MOST_OF_A_KIND:]),
        "voices": [form_for(voice, access, today=today) for voice in voices[:MOST_OF_A_KIND]],
        "more_voices": len(voices[MOST_OF_A_KIND:]),
        "all_voices": all_voices_url(area, voices),
        "stepped": [own for own in actions if own.steps],
        "actions": [make_part(own, today=today) for own in actions[:MOST_OF_A_KIND]],
        "more_actions": len(actions[MOST_OF_A_KIND:]),
        "back": MINE,
    }
    return render(request, "reporting/mine.html", context)


def number_owed(tasks: Iterable[Task], actions: Iterable[OwnAction]) -> int:
    return sum(task.is_owed for task in tasks) + sum(own.owed for own in actions)


def named(returns: list[Task], asked: list[Task], kpis: list[Task]) -> list[tuple[str, str, list[Task]]]:
    return [
        ("returns", "Returns and months", returns),
        ("asked", "Answers and offers to decide", asked),
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


def make_part(own: OwnAction, *, today: date) -> ActionPart:
    action = own.action
    now = {"rag": action.rag, "rag_why": action.rag_why}
    return ActionPart(
        own,
        due=describe_due(action, today),
        is_overdue=is_overdue(action, today),
        said=describe_last_word(own),
        form=UpdateForm(auto_id=f"id_{action.reference}_%s", initial=now),
    )
