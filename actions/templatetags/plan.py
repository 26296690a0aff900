"""Draws actions, and a row for each in the plan. It is here and not in a template because the plan has hundreds.

Escapes everything that isn't a number of ours.
"""

import html
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from actions.models import Action, Meeting, Milestone
from actions.presenters.meetings import Point
from actions.presenters.plan import describe_day, describe_due, describe_steps, is_overdue
from actions.selectors.plan import ActionRow
from actions.workflow import ActionState, Rag
from core.calendar import date_label
from core.pages import as_markup

register = template.Library()

# Many rows have the same names: escape each once.
escape = lru_cache(maxsize=4096)(html.escape)

ROW = """<li class="vv-action">
<div class="vv-action__what"><{heading}><a class="govuk-link" href="{url}">{reference} {title}</a></{heading}>
<p>{measure}</p></div>
<p>{rag}{why}</p>
<p>{due}<br>{progress}</p>
<p>{owner}<br>{agency}; {board}</p>
</li>"""
RAG = '<span class="vv-rag vv-rag--{code}">{label}</span>'
LATE = '<strong class="vv-late">{}</strong>'
ARCHIVED = f'<span class="vv-rag">{ActionState.ARCHIVED.label}</span>'
LABELS = {rag.value: RAG.format(code=rag.value, label=rag.label) for rag in Rag}


@register.simple_tag
def ask_about(point: Point, meeting: Meeting) -> str:
    """Return how an address names a point of a meeting's agenda as a subject."""
    return point.ask(meeting.period.month if meeting.period else None)


@register.simple_tag
def action_rows(rows: Iterable[ActionRow], plan_url: str, today: date, heading: str = "h3") -> SafeString:
    """Make the rows of the plan. `plan_url` is its address, with which the actions' addresses start; `heading` is the
    element of an action's title."""
    return as_markup("".join([show_row(row, plan_url, today, heading) for row in rows]))


def show_row(row: ActionRow, plan_url: str, today: date, heading: str) -> str:
    due = describe_due(row, today)
    return ROW.format(
        # Not escaped: it and `plan_url` come from our templates only.
        heading=heading,
        url=f"{plan_url}{row.number}/",
        reference=f"A{row.number}",
        # Not by the cache: hardly two actions have the same title.
        title=html.escape(row.title),
        measure=f"Aims to change: {escape(row.measure)}" if row.measure else "Not linked to an indicator",
        rag=rag_mark(row),
        why=f"<br>{html.escape(row.rag_why)}" if row.rag_why else "",
        due=LATE.format(due) if is_overdue(row, today) else due,
        progress=describe_steps(row.steps_done, row.steps),
        owner=escape(row.owner),
        agency=escape(row.agency),
        board=escape(row.board),
    )


@register.simple_tag(name="rag_mark")
def show_rag(action: Action) -> SafeString:
    return as_markup(rag_mark(action))


def rag_mark(action: Action | ActionRow) -> str:
    """Show the RAG, the same everywhere: its text, with a colour."""
    return ARCHIVED if action.state == ActionState.ARCHIVED else LABELS[action.rag]


@register.simple_tag
def update_rag(code: str) -> SafeString:
    """Show the RAG of an update."""
    return as_markup(LABELS[code])


@register.simple_tag
def milestone_state(milestone: Milestone, today: date) -> str:
    """Return "Done on 5 November 2026 by …" or "Overdue by 2 days: due 5 November 2026"."""
    if milestone.done_at is None:
        return describe_day(milestone.due_on, today)
    return f"Done on {date_label(timezone.localdate(milestone.done_at))} by {milestone.done_by}"
