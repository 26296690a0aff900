"""What the plan's templates show of an action, of a milestone and of a point of an agenda."""

from datetime import date

from django import template
from django.utils import timezone

from actions.models import Meeting, Milestone
from actions.presenters.meetings import Point
from actions.presenters.plan import describe_day, describe_due, describe_steps, is_overdue
from actions.workflow import Rag
from core.calendar import date_label

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
