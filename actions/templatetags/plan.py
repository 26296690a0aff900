"""What the plan's templates show of an action, of a milestone and of a point of an agenda.

An action's bar on the timeline is drawn here and not in a template because a plan may have 500 actions with a dozen
numbers each: tests/architecture/test_markup.py has the measure. Everything in it is a number or a sign of ours; the
style sheet has the heights, the page's symbols have the signs.
"""

from datetime import date

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from actions.models import Meeting, Milestone
from actions.presenters.meetings import Point
from actions.presenters.plan import describe_day, describe_due, describe_steps, is_overdue
from actions.presenters.timeline import TimelineRow
from actions.workflow import Rag
from core.calendar import date_label
from core.pages import as_markup

register = template.Library()
register.filter("due", describe_due)
register.filter(is_overdue)
register.filter("steps_of", describe_steps)


@register.filter
def rag_label(code: str) -> str:
    return Rag(code).label


@register.simple_tag
def ask_about(point: Point, meeting: Meeting) -> str:
    """Return how an address names a point of a meeting's agenda as a subject."""
    return point.ask(meeting.period.month if meeting.period else None)


@register.simple_tag
def milestone_state(milestone: Milestone, today: date) -> str:
    """Return "Done on 5 November 2026 by …" or "Overdue by 2 days: due 5 November 2026"."""
    if milestone.done_at is None:
        return describe_day(milestone.due_on, today)
    return f"Done on {date_label(timezone.localdate(milestone.done_at))} by {milestone.done_by}"


@register.simple_tag
def timeline_bar(row: TimelineRow) -> SafeString:
    """Draw the bar and its marks, with the letter last: it may cover a step, but no step may cover it."""
    bar = row.bar
    parts = [f'<rect class="{row.look}" {show_extent(bar.left, bar.right)}/>'] if bar.right > bar.left else []
    if bar.late > bar.right:
        parts.append(f'<rect class="late" fill="url(#hatch)" {show_extent(bar.right, bar.late)}/>')
    if row.label:
        parts.append(f'<text{' class="ends"' if bar.label_ends else ""} x="{bar.label_at:.3g}%">{row.label}</text>')
    parts += [show_sign(mark.look, mark.x) for mark in bar.marks]
    if bar.begins_before:
        parts.append(show_sign("before", 0))
    if bar.ends_after:
        parts.append(show_sign("after", 100))
    return as_markup("".join([*parts, show_sign(row.look, bar.left)]))


def show_sign(name: str, x: float) -> str:
    return f'<use href="#{name}" x="{x:.3g}%"/>'


def show_extent(begin: float, end: float) -> str:
    return f'x="{begin:.3g}%" width="{end - begin:.3g}%"'
