"""Draws an action's bar on the plan's timeline. The style sheet has the heights, the page's symbols have the signs.

It is here and not in a template because a plan may have 500 actions with a dozen numbers each: tests/architecture/
test_markup.py has the measure. Everything in it is a number or a sign of ours.
"""

from django import template
from django.utils.safestring import SafeString

from actions.presenters.timeline import TimelineRow
from core.pages import as_markup

register = template.Library()


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
