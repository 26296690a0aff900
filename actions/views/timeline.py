"""The plan on a timeline: each action from its start to its due date, by strand; with the plan's filters."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.filters import PlanFilter
from actions.presenters.timeline import is_recent, kept_since, make_timeline
from actions.selectors.plan import list_first_due, list_spans, list_steps
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.selectors import list_boards
from core.pages import link_to


@open_to()
@require_safe
def plan_timeline(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show open actions and those that ended recently. If somebody chose a state, show all actions in it."""
    today, boards = timezone.localdate(), list_boards(area)
    chosen = PlanFilter.of(area, request.GET, today=today)
    spans = list_spans(chosen.qs)
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
