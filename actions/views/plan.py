"""The plan: its strands with their actions, a strand, and an action with the figure that it aims to change."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.filters.plan import PlanFilter
from actions.month_figures import month_figures
from actions.permissions import can_read_meeting, can_update
from actions.presenters.highlights import make_views
from actions.presenters.meetings import describe_meeting
from actions.presenters.plan import describe_counts, describe_due, describe_steps, is_overdue, rag_counts
from actions.presenters.threads import make_thread
from actions.selectors.highlights import list_highlights
from actions.selectors.leavers import owners_left
from actions.selectors.plan import (
    ActionRow,
    PlanLine,
    find_action,
    is_member,
    list_lines,
    rows_in,
    rows_with,
)
from actions.workflow import ActionState, Rag
from boards.models import PartnershipArea, Strand
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import indicators_url
from boards.selectors import list_boards
from core.links import link_to

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
    strands, found = chosen.strands, list_lines(area, chosen.asked, today)
    page = Paginator(found, ACTIONS_A_PAGE).get_page(request.GET.get("page"))
    parts = list_parts(area, strands, found, list(page), today=today)
    url = link_to("actions:plan", area.slug)
    own = chosen.board_in(boards)
    context = {
        "filter": chosen,
        "page": page,
        "found": found,
        "count": chosen.count(len(found)),
        "overview": parts,
        "parts": [part for part in parts if part.actions],
        "others": chosen.address(without=""),
        "timeline_url": chosen.keep(link_to("actions:plan-timeline", area.slug)),
        "today": today,
        "url": url,
        "own": own,
        "duties": list(own.responsibilities.values_list("text", flat=True)) if own else [],
        "gone": owners_left(chosen.rows) if request.access.can_coordinate else [],
        "reads_meetings": own is not None and request.access.can_see_board(own.pk),
    }
    return render(request, "actions/plan_view.html", context)


def list_parts(
    area: PartnershipArea,
    strands: Iterable[Strand],
    found: Iterable[PlanLine],
    shown: Iterable[PlanLine],
    *,
    today: date,
) -> list[StrandPart]:
    """Return each strand with its actions on this page. One query."""
    lines, rows = defaultdict[int, list[PlanLine]](list), defaultdict[int, list[ActionRow]](list)
    for line in found:
        lines[line.strand_id].append(line)
    for row in rows_with([line.pk for line in shown]):
        rows[row.strand_id].append(row)
    return [
        StrandPart(
            strand,
            link_to("actions:strand-plan", area.slug, strand.code),
            describe_counts(lines[strand.pk], today),
            rows[strand.pk],
        )
        for strand in strands
    ]


@open_to()
@require_safe
def strand_plan(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Show one strand: what it is, its progress, and its actions."""
    strand = get_object_or_404(Strand, area=area, code=code)
    actions, today = rows_in(strand), timezone.localdate()
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
