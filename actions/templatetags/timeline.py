"""Draws actions on the plan's timeline. It is here and not in a template because there may be hundreds.

Escapes everything that isn't a number of ours. The style sheet has the heights, the page's symbols have the signs.
"""

import html
from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from actions.charts import Bar
from actions.presenters.timeline import LABELS, LETTERS, TimelineRow
from core.calendar import date_label
from core.pages import as_markup

register = template.Library()

ROW = (
    '<li class="vv-span"><p><a class="govuk-link" href="{url}">{name}</a>'
    '<span class="govuk-visually-hidden">: {words}{comma}</span>{late}</p>'
    '<svg aria-hidden="true"><use href="#grid"/>{bar}{marks}</svg></li>'
)
CELLS = (
    '<tr><th scope="row">{name}</th><td>{rag}</td><td>{starts_on}</td><td>{due_on}</td><td>{steps}</td>'
    "<td>{end}</td></tr>"
)
LATE = ' <strong class="vv-late">{}</strong>'


@register.simple_tag
def timeline_rows(rows: Iterable[TimelineRow], plan_url: str) -> SafeString:
    """Make a row for each. `plan_url` is the plan's address, with which the actions' addresses start."""
    return as_markup("".join([show_row(row, plan_url) for row in rows]))


def show_row(row: TimelineRow, plan_url: str) -> str:
    return ROW.format(
        url=f"{plan_url}{row.span.number}/",
        name=show_name(row),
        # Not escaped: only our own words and dates are in it. A title isn't.
        words=row.words,
        comma="," if row.lateness else "",
        late=LATE.format(row.lateness) if row.lateness else "",
        bar=show_bar(row),
        marks=show_marks(row),
    )


def show_name(row: TimelineRow) -> str:
    return f"A{row.span.number} {html.escape(row.span.title)}"


def show_bar(row: TimelineRow) -> str:
    bar = row.bar
    whole = f'<rect class="{row.look}" {show_extent(bar.left, bar.right)}/>' if bar.right > bar.left else ""
    late = f'<rect class="late" fill="url(#hatch)" {show_extent(bar.right, bar.late)}/>' if bar.late > bar.right else ""
    return whole + late


def show_marks(row: TimelineRow) -> str:
    """Draw the marks, with the letter last: it may cover a step, but no step may cover it."""
    bar = row.bar
    marks = [show_label(bar, row.label), *(show_sign(mark.look, mark.x) for mark in bar.marks)]
    marks += [show_sign("before", 0)] if bar.begins_before else []
    marks += [show_sign("after", 100)] if bar.ends_after else []
    return "".join([*marks, show_sign(row.look, bar.left)])


def show_sign(name: str, x: float) -> str:
    return f'<use href="#{name}" x="{x:.3g}%"/>'


def show_extent(begin: float, end: float) -> str:
    return f'x="{begin:.3g}%" width="{end - begin:.3g}%"'


def show_label(bar: Bar, label: str) -> str:
    if not label:
        return ""
    return f'<text{' class="ends"' if bar.label_ends else ""} x="{bar.label_at:.3g}%">{label}</text>'


@register.simple_tag
def timeline_cells(rows: Iterable[TimelineRow]) -> SafeString:
    """Make the same as rows of a table."""
    return as_markup("".join([show_cells(row) for row in rows]))


def show_cells(row: TimelineRow) -> str:
    said = ", ".join(filter(None, (row.end, row.lateness)))
    return CELLS.format(
        name=show_name(row),
        rag=f"{LETTERS[row.look]}: {LABELS[row.look]}",
        starts_on=date_label(row.span.starts_on),
        due_on=date_label(row.span.due_on),
        steps=row.steps[:1].upper() + row.steps[1:],
        end=said[:1].upper() + said[1:],
    )
